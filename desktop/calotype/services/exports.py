"""Keep what was learned: a LoRA file that other programs load, checked after it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import LoraUnreadableError, NothingLearnedError
from calotype.domain.events import PreviewReady
from calotype.domain.models import LoraCard
from calotype.domain.runs import Run
from calotype.services.checkpoint_grid import Checkpoint
from calotype.services.compute_modules import load_compute_modules
from calotype.services.model_catalog import read_lora_card
from calotype.services.projects import find_project
from calotype.services.run_files import read_history
from calotype.services.training_runs import find_run
from calotype.services.workspace import Workspace
from calotype.storage.files import write_atomically


@dataclass(frozen=True, slots=True)
class ExportedLora:
    """A LoRA file on disk. Every tensor was read back and is the same as in the run; `sha256` is of the whole file."""

    path: Path
    step: int
    key_count: int
    size_bytes: int
    sha256: str


def export_lora(workspace: Workspace, run_id: str, destination: Path) -> ExportedLora:
    """Write the best LoRA of a run to `destination`, a picture beside it, and read both back.

    Raises NothingLearnedError, LoraUnreadableError if the written file differs, or StorageError. An existing file is
    replaced.
    """
    run = find_run(workspace, run_id)
    source = run.best_lora_path if run.best_lora_path.is_file() else run.last_lora_path
    return _write(run, source, run.best_step or run.last_step, best_preview(run), destination)


def _write(run: Run, source: Path, step: int, preview: Path | None, destination: Path) -> ExportedLora:
    load_compute_modules()
    from calotype.diffusion.lora_files import copy_with_thumbnail

    if not source.is_file():
        raise NothingLearnedError(run.id)
    if destination.suffix != ".safetensors":
        destination = destination.with_name(destination.name + ".safetensors")
    copied = copy_with_thumbnail(source, preview)
    write_atomically(destination, copied.data)
    if destination.read_bytes() != copied.data:
        raise LoraUnreadableError(destination.name, "the file that was written differs from what was learned")
    if preview is not None:
        write_atomically(destination.with_suffix(".preview.png"), preview.read_bytes())
    return ExportedLora(
        path=destination,
        step=step,
        key_count=copied.key_count,
        size_bytes=len(copied.data),
        sha256=copied.sha256,
    )


def keep_lora(workspace: Workspace, run_id: str) -> LoraCard:
    """Put the best LoRA of a run into the Library; a second call for the same run replaces the first file."""
    run = find_run(workspace, run_id)
    path = _library_path(workspace, run, "")
    return read_lora_card(export_lora(workspace, run_id, path).path)


def keep_checkpoint(workspace: Workspace, run_id: str, checkpoint: Checkpoint, preview: Path | None) -> LoraCard:
    """Put the LoRA of one step into the Library, beside the best one, with a picture that it drew.

    Raises NothingLearnedError if its file is gone; a second call for the same step replaces the first file.
    """
    run = find_run(workspace, run_id)
    path = _library_path(workspace, run, f"-step-{checkpoint.step}")
    return read_lora_card(_write(run, checkpoint.path, checkpoint.step, preview, path).path)


def _library_path(workspace: Workspace, run: Run, ending: str) -> Path:
    stem = re.sub(r"[^\w-]", "-", find_project(workspace, run.project_id).trigger_word)
    return workspace.folder.loras / f"{stem}-{run.id}{ending}.safetensors"


def best_preview(run: Run) -> Path | None:
    """The preview of the best step, or the newest one before it."""
    ready = [
        event for event in read_history(run) if isinstance(event, PreviewReady) and event.index == 0 and event.step > 0
    ]
    until_best = [event for event in ready if event.step <= run.best_step] or ready[-1:]
    return until_best[-1].path if until_best and until_best[-1].path.is_file() else None
