"""Every kept checkpoint of a run at several strengths, as pictures of the same prompt and seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.events import GenerationEvent
from calotype.domain.runs import Run, step_paths
from calotype.services.generation import WantedPicture, compared_folder, draw_once, preview_request
from calotype.services.workspace import Workspace

STRENGTHS = (0.0, 0.5, 0.75, 1.0)  # 0 is the base model


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The LoRA of one step of a run."""

    step: int
    path: Path
    is_best: bool


def checkpoints_of(run: Run) -> list[Checkpoint]:
    """The checkpoints whose LoRA is still there, oldest first; of a run of an older version the best and the newest.

    The best one is the file in full precision.
    """
    paths = step_paths(run.folder / "checkpoints")
    if not paths and run.last_lora_path.is_file():
        paths[run.last_step] = run.last_lora_path
    if run.best_step and run.best_lora_path.is_file():
        paths[run.best_step] = run.best_lora_path
    return [Checkpoint(step, path, is_best=step == run.best_step) for step, path in sorted(paths.items())]


def kept_pictures(run: Run, checkpoints: Sequence[Checkpoint]) -> dict[int, Path]:
    """The cells of the grid that were drawn before; a cell is `row * len(STRENGTHS) + column`."""
    found = {picture.index: picture.kept for picture in _wanted(run, checkpoints)}
    return {index: path for index, path in found.items() if path is not None}


def draw_grid(
    workspace: Workspace,
    run: Run,
    checkpoints: Sequence[Checkpoint],
    control: Control,
    shelf: ModelShelf | None = None,
) -> Iterator[GenerationEvent]:
    """Draw what is missing; `PictureReady.index` is the cell. Pictures are kept in the run's folder.

    Full strength comes first, then the others. Raises what `generation.generate` raises.
    """
    yield from draw_once(workspace, _wanted(run, checkpoints), control, shelf)


def _wanted(run: Run, checkpoints: Sequence[Checkpoint]) -> list[WantedPicture]:
    """Every cell, in the order in which they are drawn. Without the LoRA there is one picture for all rows."""
    without = compared_folder(run, run.best_step or run.last_step, 0.0)
    wanted = []
    for column in (0, *reversed(range(1, len(STRENGTHS)))):
        for row, checkpoint in enumerate(checkpoints):
            strength = STRENGTHS[column]
            folder = compared_folder(run, checkpoint.step, strength) if strength else without
            request = preview_request(run, checkpoint.path, strength)
            wanted.append(WantedPicture(row * len(STRENGTHS) + column, folder, request))
    return wanted
