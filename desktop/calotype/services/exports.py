"""Keep what was learned: a LoRA file that other programs load, checked after it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.diffusion.model_cards import unet_shapes
from calotype.diffusion.model_folder import weights_path
from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelError, LoraNotVerifiedError, NothingLearnedError
from calotype.domain.events import PreviewReady
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout, LoraVerification
from calotype.domain.models import BaseModelCard, LoraCard
from calotype.domain.runs import Run
from calotype.imagesets.picture_metadata import png_without_words, read_parameters
from calotype.services.checkpoint_grid import Checkpoint
from calotype.services.compute_modules import load_compute_modules
from calotype.services.model_catalog import find_base_model, read_lora_card
from calotype.services.projects import find_project
from calotype.services.run_files import read_history
from calotype.services.training_runs import find_run
from calotype.services.workspace import Workspace
from calotype.storage.files import write_atomically

if TYPE_CHECKING:
    from calotype.diffusion.lora_verification import Update

EVERYWHERE = ExportChoice()  # kohya's layout at 16 bits, as other programs expect it
AS_LEARNED = ExportChoice(precision=None)  # for the Library: nothing is rounded away

CHEAP_UNET_BYTES = 200_000_000  # of weights; a larger U-Net is neither loaded nor run only to look at a file


@dataclass(frozen=True, slots=True)
class ExportedLora:
    """A LoRA file on disk, that was read back and found to hold what was learned; `sha256` is of the whole file."""

    path: Path
    step: int
    key_count: int
    size_bytes: int
    sha256: str
    layout: LoraLayout
    verified: LoraVerification
    left_out: tuple[LeftOut, ...]  # of what the run knows, because the file is meant to be shared


def export_lora(
    workspace: Workspace, run_id: str, destination: Path, choice: ExportChoice = EVERYWHERE
) -> ExportedLora:
    """Write the best LoRA of a run to `destination`, a picture beside it, and verify what can be read back.

    An existing file is replaced, but only after the new one was verified. Raises NothingLearnedError,
    LoraUnreadableError if the run's own file is damaged, LoraNotVerifiedError, or StorageError.
    """
    run = find_run(workspace, run_id)
    source = run.best_lora_path if run.best_lora_path.is_file() else run.last_lora_path
    return _write(
        workspace, run, _Learned(source, run.best_step or run.last_step, best_preview(run)), destination, choice
    )


@dataclass(frozen=True, slots=True)
class _Learned:
    path: Path
    step: int
    preview: Path | None


def _write(workspace: Workspace, run: Run, learned: _Learned, destination: Path, choice: ExportChoice) -> ExportedLora:
    load_compute_modules()
    from calotype.diffusion.lora_files import pack_lora

    if not learned.path.is_file():
        raise NothingLearnedError(run.id)
    if destination.suffix != ".safetensors":
        destination = destination.with_name(destination.name + ".safetensors")
    packed = pack_lora(learned.path, choice, learned.preview)
    found: list[LoraVerification] = []

    def check(written: Path) -> None:
        found.append(_verify(workspace, run, learned.path, written, destination.name))

    write_atomically(destination, packed.data, check=check)
    has_prompt = _write_preview(learned.preview, destination, is_share_safe=choice.is_share_safe)
    left_out = packed.left_out | ({LeftOut.PROMPT} if has_prompt and choice.is_share_safe else set())
    return ExportedLora(
        path=destination,
        step=learned.step,
        key_count=packed.key_count,
        size_bytes=len(packed.data),
        sha256=packed.sha256,
        layout=choice.layout,
        verified=found[0],
        left_out=tuple(part for part in LeftOut if part in left_out),
    )


def _verify(workspace: Workspace, run: Run, learned: Path, written: Path, name: str) -> LoraVerification:
    """Read the file by its specification and compare it with the run's own. Raises LoraNotVerifiedError with `name`."""
    from calotype.diffusion import lora_trial
    from calotype.diffusion.lora_verification import VerificationError, read_updates, weight_difference

    try:
        updates = read_updates(written)
        difference = weight_difference(updates, read_updates(learned))
        base = _base_of(workspace, run, updates)
        # A large U-Net is neither loaded nor run only to look at a file; `lora_verification` says why that is enough.
        is_small = base is not None and _is_small(base)
        output_difference = lora_trial.output_difference(base, learned, updates) if base and is_small else None
    except VerificationError as error:
        raise LoraNotVerifiedError(name, str(error)) from error
    key_count = len(read_header(written).shapes)
    return LoraVerification(key_count, len(updates), difference, output_difference, base is not None)


def _is_small(base: BaseModelCard) -> bool:
    """True for a folder with a small U-Net; a single file never is."""
    return base.file is None and weights_path(base.folder, "unet", base.name).stat().st_size <= CHEAP_UNET_BYTES


def _base_of(workspace: Workspace, run: Run, updates: Mapping[str, Update]) -> BaseModelCard | None:
    """The base model of the run, if it still has every layer that the LoRA changes.

    None if it is gone, damaged or another one by now, which is no reason to refuse what was learned.
    """
    from calotype.diffusion.lora_verification import has_places

    try:
        card = find_base_model(workspace, run.plan.base_model)
        shapes = unet_shapes(card)
    except BaseModelError:
        return None
    return card if has_places(updates, shapes) else None


def _write_preview(preview: Path | None, destination: Path, *, is_share_safe: bool) -> bool:
    """Put the picture beside the file; true if it has a prompt inside, which a picture to be shared is written
    without."""
    if preview is None:
        return False
    beside = destination.with_suffix(".preview.png")
    try:
        has_prompt = bool(read_parameters(preview))
        data = png_without_words(preview) if is_share_safe else preview.read_bytes()
    except (OSError, SyntaxError, ValueError):
        return False  # a preview that cannot be read costs the picture and not the LoRA
    write_atomically(beside, data)
    return has_prompt


def keep_lora(workspace: Workspace, run_id: str) -> LoraCard:
    """Put the best LoRA of a run into the Library; a second call for the same run replaces the first file."""
    run = find_run(workspace, run_id)
    path = _library_path(workspace, run, "")
    return read_lora_card(export_lora(workspace, run_id, path, AS_LEARNED).path)


def keep_checkpoint(workspace: Workspace, run_id: str, checkpoint: Checkpoint, preview: Path | None) -> LoraCard:
    """Put the LoRA of one step into the Library, beside the best one, with a picture that it drew.

    Raises NothingLearnedError if its file is gone; a second call for the same step replaces the first file.
    """
    run = find_run(workspace, run_id)
    path = _library_path(workspace, run, f"-step-{checkpoint.step}")
    learned = _Learned(checkpoint.path, checkpoint.step, preview)
    return read_lora_card(_write(workspace, run, learned, path, AS_LEARNED).path)


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
