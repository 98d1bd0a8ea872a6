"""The files of a run, which are the truth about it: `plan.json`, `run.json`, `metrics.jsonl`, and its lock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from calotype.domain.errors import CheckpointUnusableError, InvalidPlanError, ProjectBusyError
from calotype.domain.event_json import event_from_line
from calotype.domain.events import (
    FinishReason,
    RunFinished,
    RunStarted,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split
from calotype.domain.plan import TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.storage.files import failures_named, write_text_atomically

LOCK_NAME = "run.lock"
PLAN_NAME = "plan.json"
RUN_NAME = "run.json"  # when it started, and the pictures and captions it is made of


def write_run_files(run: Run, image_set: ImageSet) -> None:
    """Write down what the run is made of, so that it can go on exactly even if the project changes meanwhile."""
    images = [
        {
            "content_hash": image.content_hash,
            "split": image.split.value,
            "caption": image.caption,
            **({"repeats": image.repeats} if image.repeats != 1 else {}),
        }
        for image in image_set.images
    ]
    write_text_atomically(run.folder / PLAN_NAME, run.plan.to_json())
    text = json.dumps({"started_at": run.started_at, "images": images}, indent=1, ensure_ascii=False)
    write_text_atomically(run.folder / RUN_NAME, text)


def images_of_run(run: Run, image_set: ImageSet) -> ImageSet:
    """The pictures and captions as they were when the run started. Raises CheckpointUnusableError if some are gone."""
    try:
        rows = json.loads((run.folder / RUN_NAME).read_text(encoding="utf-8"))["images"]
        now = {image.content_hash: image for image in image_set.images}
        images = tuple(_as_it_was(now[row["content_hash"]], row) for row in rows)
    except KeyError:
        raise CheckpointUnusableError(run.id, "pictures that it was trained on were removed from the project") from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointUnusableError(run.id, f"its list of pictures cannot be read ({error})") from error
    return ImageSet(image_set.project, images)


def _as_it_was(image: CaptionedImage, row: dict[str, Any]) -> CaptionedImage:
    repeats = int(row.get("repeats", 1))
    return replace(image, split=Split(row["split"]), caption=row["caption"], is_excluded=False, repeats=repeats)


def held_out_captions(run: Run) -> tuple[str, ...]:
    """The captions of the held-out pictures as they were when the run started; none if its list cannot be read."""
    return tuple(str(row.get("caption", "")) for row in _held_out(run))


def held_out_hashes(run: Run) -> frozenset[str]:
    """The content hashes of the held-out pictures of a run; none if its list cannot be read."""
    return frozenset(str(row.get("content_hash", "")) for row in _held_out(run))


def captions_by_hash(run: Run) -> dict[str, str]:
    """The caption of each picture by its content hash, as it was when the run started; empty if that is not known."""
    return {str(row.get("content_hash", "")): str(row.get("caption", "")) for row in _pictures(run)}


def _held_out(run: Run) -> list[dict[str, object]]:
    return [row for row in _pictures(run) if row.get("split") == Split.VALIDATION.value]


def _pictures(run: Run) -> list[dict[str, object]]:
    try:
        rows: list[dict[str, object]] = json.loads((run.folder / RUN_NAME).read_text(encoding="utf-8"))["images"]
        return [row for row in rows if "split" in row]
    except (OSError, ValueError, KeyError, TypeError):
        return []


@contextmanager
def run_lock(run_folder: Path, name: str, patience_s: float = 0.5) -> Iterator[None]:
    """Hold a run while it is worked on; the system lets go of it when the process dies. Raises ProjectBusyError.

    The patience outlasts somebody who only asks whether the run is held.
    """
    lock = FileLock(run_folder / LOCK_NAME, thread_local=False)
    with failures_named(run_folder / LOCK_NAME):
        run_folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=patience_s)
        except Timeout:
            raise ProjectBusyError(name) from None
    try:
        yield
    finally:
        lock.release()


def is_held(run_folder: Path) -> bool:
    """True if some process is working on the run right now. A folder that is gone is not made again."""
    if not run_folder.is_dir():
        return False
    try:
        with run_lock(run_folder, "", patience_s=0):
            return False
    except ProjectBusyError:
        return True


def read_history(run: Run) -> list[TrainingEvent]:
    """Every event of a run in order; what a crash made the run repeat is there once, as it was repeated."""
    if not run.metrics_path.is_file():
        return []
    history: list[TrainingEvent] = []
    with failures_named(run.metrics_path):
        text = run.metrics_path.read_text(encoding="utf-8", errors="replace")
    for line in text.split("\n"):  # `splitlines` would also cut at U+2028, which a prompt may hold
        event = event_from_line(line, run.folder)
        if isinstance(event, RunStarted):
            first_kept = event.first_step if event.first_step > 1 else 0  # a run that starts over measures 0 again
            history = [past for past in history if getattr(past, "step", -1) < first_kept]
        if event is not None:
            history.append(event)
    return history


def read_runs(project: Project) -> list[Run]:
    """The runs in a project's folder, read from their files alone; a folder without a readable plan is none.

    A run without an end in its metrics is given as running: unless a process holds it, it was interrupted.
    """
    runs = [_read_run(project, path.parent) for path in sorted(project.runs_folder.glob(f"*/{PLAN_NAME}"))]
    return [run for run in runs if run is not None]


def _read_run(project: Project, folder: Path) -> Run | None:
    try:
        plan = TrainingPlan.from_json((folder / PLAN_NAME).read_text(encoding="utf-8"))
        started_at = float(json.loads((folder / RUN_NAME).read_text(encoding="utf-8"))["started_at"])
    except (OSError, ValueError, KeyError, TypeError, InvalidPlanError):
        return None
    return as_told(Run(folder.name, project.id, plan, folder, RunState.RUNNING, started_at, 0, 0, None, ""))


def as_told(run: Run) -> Run:
    """The run as its file of measurements tells of it: how far it came, its best step, and whether it ended."""
    for event in read_history(run):
        match event:
            case StepFinished():
                run = replace(run, last_step=event.step)
            case ValidationFinished(is_best=True):
                run = replace(run, best_step=event.step, best_ratio=event.ratio.value)
            case RunFinished():
                is_whole = event.reason is FinishReason.COMPLETED
                run = replace(run, state=RunState.COMPLETED if is_whole else RunState.STOPPED)
            case RunStarted():
                run = replace(run, state=RunState.RUNNING)
            case _:
                pass
    return run
