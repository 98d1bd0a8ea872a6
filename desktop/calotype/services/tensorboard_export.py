"""The measurements of a run as a file for TensorBoard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.events import PreviewsMeasured, StepFinished, ValidationFinished
from calotype.domain.run_log import RunLog
from calotype.services.run_files import read_history
from calotype.services.training_runs import find_run
from calotype.services.workspace import Workspace
from calotype.storage.event_file import Scalars, event_file
from calotype.storage.files import write_atomically


@dataclass(frozen=True, slots=True)
class ExportedEvents:
    """An event file on disk."""

    path: Path
    run_id: str
    event_count: int


def export_events(workspace: Workspace, run_id: str, folder: Path) -> ExportedEvents:
    """Write an event file into a folder named after the run below `folder`, which is what `--logdir` is to name.

    TensorBoard takes each folder as a run, so several runs of one `folder` are shown over each other; a second export
    of a run replaces the first. Raises RunNotFoundError or StorageError.
    """
    run = find_run(workspace, run_id)
    rows = scalar_rows(RunLog.of(read_history(run)), run.started_at)
    # The usual name ends in that of the computer, which is nobody's business.
    path = folder / run.id / f"events.out.tfevents.{int(run.started_at)}.calotype"
    write_atomically(path, event_file(run.started_at, rows))
    return ExportedEvents(path, run.id, len(rows))


def scalar_rows(log: RunLog, started_at: float) -> list[Scalars]:
    """The numbers of each step and measurement, in order.

    A run does not note the time of each step: it is told as the start and the steps' own seconds after it, without the
    pauses, measuring and drawing between them.
    """
    values: dict[int, dict[str, float]] = {}
    for point in log.validations:
        values.setdefault(point.step, {}).update(_of_validation(point))
    for measured in log.comparisons:
        values.setdefault(measured.step, {}).update(_of_previews(measured))
    seconds = {0: 0.0}
    total = 0.0
    for event in log.steps:
        total += event.seconds
        seconds[event.step] = total
        values.setdefault(event.step, {}).update(_of_step(event))
    rows: list[Scalars] = []
    now = 0.0
    for step in sorted(values):
        now = seconds.get(step, now)
        rows.append(Scalars(step, started_at + now, values[step]))
    return rows


def _of_step(event: StepFinished) -> dict[str, float]:
    sensors = {"training/temperature C": event.temperature_c, "training/power W": event.power_watts}
    return {
        "training/loss": event.loss,
        "training/learning rate": event.learning_rate,
        "training/gradient norm": event.gradient_norm,
        "training/images per second": event.images_per_second,
        "training/memory bytes": float(event.memory_bytes),
        **_known(sensors),
    }


def _of_validation(point: ValidationFinished) -> dict[str, float]:
    norms = {f"weight norm/{block.block}": block.norm for block in point.weight_norms}
    drift = {} if point.drift is None else {"validation/drift": point.drift}
    return {
        "validation/ratio": point.ratio.value,
        "validation/ratio low": point.ratio.low,
        "validation/ratio high": point.ratio.high,
        "validation/training pictures": point.probe_ratio,
        "validation/coarse": point.bands.coarse,
        "validation/middle": point.bands.middle,
        "validation/fine": point.bands.fine,
        "validation/loss": point.loss,
        **drift,
        **norms,
    }


def _of_previews(measured: PreviewsMeasured) -> dict[str, float]:
    return _known(
        {
            "previews/subject similarity": measured.similarity,
            "previews/diversity": measured.diversity,
            "previews/nearest training picture": measured.nearest_distance,
            "previews/subject similarity by model": measured.model_similarity,
            "previews/prompt adherence": measured.adherence,
        }
    )


def _known(values: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}
