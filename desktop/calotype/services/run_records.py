"""What a run leaves behind, written as it happens: `plan.json`, `images.json`, `metrics.jsonl`, and their index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from calotype.domain.errors import CheckpointUnusableError, ProjectBusyError
from calotype.domain.event_json import event_from_line, event_to_line
from calotype.domain.events import PreviewReady, RunStarted, StepFinished, TrainingEvent, ValidationFinished
from calotype.domain.imageset import ImageSet, Split
from calotype.domain.runs import Run
from calotype.services.workspace import Workspace
from calotype.storage import runs as run_rows
from calotype.storage.files import write_text_atomically

LOCK_NAME = "run.lock"
IMAGES_NAME = "images.json"
PLAN_NAME = "plan.json"


def write_plan_and_images(run: Run, image_set: ImageSet) -> None:
    """Write down what the run is made of, so that it can go on exactly even if the project changes meanwhile."""
    images = [
        {"content_hash": image.content_hash, "split": image.split.value, "caption": image.caption}
        for image in image_set.images
    ]
    write_text_atomically(run.folder / PLAN_NAME, run.plan.to_json())
    write_text_atomically(run.folder / IMAGES_NAME, json.dumps(images, indent=1, ensure_ascii=False))


def images_of_run(run: Run, image_set: ImageSet) -> ImageSet:
    """The pictures and captions as they were when the run started. Raises CheckpointUnusableError if some are gone."""
    try:
        rows = json.loads((run.folder / IMAGES_NAME).read_text(encoding="utf-8"))
        now = {image.content_hash: image for image in image_set.images}
        images = tuple(
            replace(now[row["content_hash"]], split=Split(row["split"]), caption=row["caption"]) for row in rows
        )
    except KeyError:
        raise CheckpointUnusableError(run.id, "pictures that it was trained on were removed from the project") from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointUnusableError(run.id, f"its list of pictures cannot be read ({error})") from error
    return ImageSet(image_set.project, images)


@contextmanager
def run_lock(run_folder: Path, name: str) -> Iterator[None]:
    """Hold a run while it is worked on; the system lets go of it when the process dies. Raises ProjectBusyError."""
    run_folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run_folder / LOCK_NAME, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ProjectBusyError(name) from None
    try:
        yield
    finally:
        lock.release()


def is_held(run_folder: Path) -> bool:
    """True if some process is working on the run right now."""
    try:
        with run_lock(run_folder, ""):
            return False
    except ProjectBusyError:
        return True


@dataclass(slots=True)
class Record:
    """The record of one run; every event is on disk before it is passed on."""

    workspace: Workspace
    run: Run

    def keep(self, events: Iterator[TrainingEvent]) -> Iterator[TrainingEvent]:
        """Write each event down, then pass it on."""
        self.run.folder.mkdir(parents=True, exist_ok=True)
        with self.run.metrics_path.open("a", encoding="utf-8") as file:
            for event in events:
                if is_worth_keeping(event):
                    file.write(event_to_line(event, self.run.folder) + "\n")
                    file.flush()
                self._index(event)
                yield event

    def _index(self, event: TrainingEvent) -> None:
        database, run_id = self.workspace.database, self.run.id
        match event:
            case StepFinished():
                values = {
                    "training loss": event.loss,
                    "learning rate": event.learning_rate,
                    "gradient norm": event.gradient_norm,
                    "step seconds": event.seconds,
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
                if event.is_best:
                    self.run = replace(self.run, best_step=event.step, best_ratio=event.ratio.value)
                self.run = replace(self.run, last_step=event.step)
                run_rows.update_progress(database, run_id, event.step, self.run.best_step, self.run.best_ratio)
            case PreviewReady():
                run_rows.add_preview(
                    database, run_id, event.step, event.index, event.prompt, event.seed, event.path.name
                )
            case _:
                pass


def is_worth_keeping(event: TrainingEvent) -> bool:
    """Stages are only for the eye."""
    return type(event).__name__ != "StageChanged"


def read_history(run: Run) -> list[TrainingEvent]:
    """Every event of a run in order; what a crash made the run repeat is there once, as it was repeated."""
    if not run.metrics_path.is_file():
        return []
    history: list[TrainingEvent] = []
    for line in run.metrics_path.read_text(encoding="utf-8", errors="replace").splitlines():
        event = event_from_line(line, run.folder)
        if isinstance(event, RunStarted):
            history = [past for past in history if getattr(past, "step", -1) < event.first_step]
        if event is not None:
            history.append(event)
    return history
