"""Read the LoRA file that a run keeps back from the disk, and see whether it does anything."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from calotype.diffusion.features import without_lora
from calotype.diffusion.lora_adapter import merged, put_trained_layers
from calotype.diffusion.lora_reading import read_lora
from calotype.domain.control import Control
from calotype.domain.events import LoraChecked, Stage, StageChanged, TrainingEvent
from calotype.training.checkpoints import Progress
from calotype.training.drift import drift_between
from calotype.training.job import TrainingJob
from calotype.training.keeping import kept_lora
from calotype.training.parts import Parts
from calotype.training.validation import FixedDraws

CHECKED_IMAGES = 2


def check_lora(
    job: TrainingJob, parts: Parts, progress: Progress, control: Control
) -> Generator[TrainingEvent, None, None]:
    """Report LoraChecked for the kept file; the live weights become those of the file. Nothing without a file, or after
    a Stop, which must not wait.
    """
    path = kept_lora(job)
    if path is None or control.is_stopping:
        return
    yield StageChanged(Stage.CHECKING_LORA)
    yield _checked(path, parts, progress.best.step or progress.step)


def _checked(path: Path, parts: Parts, step: int) -> LoraChecked:
    layers = read_lora(path, parts.model.unet, parts.model.card.name)
    put_trained_layers(parts.model.unet, layers)
    draws = replace(parts.held_out, images=parts.held_out.images[:CHECKED_IMAGES])
    with merged(parts.model.unet):
        now = _predictions(parts, draws)
    with without_lora(parts.model.unet):
        base = _predictions(parts, draws)
    empty = sum(not layer.up.any() for layer in layers.values())
    return LoraChecked(step, len(layers), empty, drift_between(now, base))


def _predictions(parts: Parts, draws: FixedDraws) -> list[Tensor]:
    """What the network says of each image at each timestep, shape (timesteps, channels, h, w)."""
    parts.model.unet.eval()
    with torch.no_grad():
        return list(draws.predict(parts.model.unet, parts.schedule, parts.dtype))
