"""The record of a run that is going on: each event is on disk and in the index before it is passed on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from calotype.domain.errors import StorageError
from calotype.domain.event_json import event_to_line
from calotype.domain.events import (
    PreviewReady,
    PreviewsMeasured,
    RunStarted,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.runs import Run
from calotype.services.run_files import read_history
from calotype.services.workspace import Workspace
from calotype.storage import runs as run_rows
from calotype.storage.files import failures_named, write_text_atomically

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Record:
    """The record of one run; every event is on disk before it is passed on."""

    workspace: Workspace
    run: Run

    def keep(self, events: Iterator[TrainingEvent]) -> Iterator[TrainingEvent]:
        """Write each event down, then pass it on."""
        has_past = self._has_past()
        for event in events:
            if not isinstance(event, StageChanged):  # stages are only for the eye
                self._append(event_to_line(event, self.run.folder) + "\n")
            if isinstance(event, RunStarted) and has_past:
                self._forget_what_is_repeated()
            self._index_or_warn(event)
            yield event

    def _has_past(self) -> bool:
        path = self.run.metrics_path
        with failures_named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            past = path.read_bytes() if path.exists() else b""
        if past and not past.endswith(b"\n"):
            self._append("\n")  # a killed process may have left half a line
        return bool(past)

    def _append(self, text: str) -> None:
        path, rest = self.run.metrics_path, text.encode("utf-8")
        # Nothing stays in a buffer that could fail once more on closing.
        with failures_named(path), path.open("ab", buffering=0) as file:
            while rest:
                rest = rest[file.write(rest) :]  # a disk that fills up takes a part, and says so at the next try only

    def _forget_what_is_repeated(self) -> None:
        """Cut what came after the checkpoint and is now done again, so that the file holds each step once."""
        lines = [event_to_line(event, self.run.folder) + "\n" for event in read_history(self.run)]
        write_text_atomically(self.run.metrics_path, "".join(lines))

    def _index_or_warn(self, event: TrainingEvent) -> None:
        """The file is the truth: a busy or full index must not end a run that trains well."""
        try:
            self._index(event)
        except StorageError as error:
            logger.warning("the index misses %s: %s", type(event).__name__, error)

    def _index(self, event: TrainingEvent) -> None:
        database, run_id = self.workspace.database, self.run.id
        match event:
            case StepFinished():
                values = {
                    "training loss": event.loss,
                    "learning rate": event.learning_rate,
                    "gradient norm": event.gradient_norm,
                    "step seconds": event.seconds,
                    **_known({"temperature": event.temperature_c, "power": event.power_watts}),
                }
                run_rows.add_metrics(database, run_id, event.step, values)
            case ValidationFinished():
                values = {
                    "validation ratio": event.ratio.value,
                    "validation low": event.ratio.low,
                    "validation high": event.ratio.high,
                    "probe ratio": event.probe_ratio,
                    "validation loss": event.loss,
                }
                run_rows.add_metrics(database, run_id, event.step, values)
                if event.drift is not None:
                    run_rows.add_metrics(database, run_id, event.step, {"drift": event.drift})
                if event.is_best:
                    self.run = replace(self.run, best_step=event.step, best_ratio=event.ratio.value)
                self.run = replace(self.run, last_step=event.step)
                run_rows.update_progress(database, run_id, event.step, self.run.best_step, self.run.best_ratio)
            case PreviewReady():
                run_rows.add_preview(database, run_id, event)
            case PreviewsMeasured():
                measured = {
                    "subject similarity": event.similarity,
                    "preview diversity": event.diversity,
                    "nearest training distance": event.nearest_distance,
                    "subject similarity by model": event.model_similarity,
                    "prompt adherence": event.adherence,
                }
                run_rows.add_metrics(database, run_id, event.step, _known(measured))
            case _:
                pass


def _known(values: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}
