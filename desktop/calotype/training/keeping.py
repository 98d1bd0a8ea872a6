"""The LoRA files of a run: the newest and, by validation, the best."""

from __future__ import annotations

from pathlib import Path

import torch

from calotype.diffusion.lora_adapter import trained_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_metadata import lora_metadata
from calotype.domain.events import CheckpointSaved
from calotype.storage.files import write_atomically
from calotype.training.checkpoints import Progress, save_state
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts

BEST, LAST = "best.safetensors", "last.safetensors"


def save(job: TrainingJob, parts: Parts, progress: Progress) -> CheckpointSaved:
    """Write the newest LoRA and the state to go on from."""
    save_state(job.checkpoints, job.plan, parts, progress)  # the larger one first: a full disk shows here
    path = _write_lora(job, parts, progress.step, LAST)
    return CheckpointSaved(progress.step, path, is_best=False)


def save_best(job: TrainingJob, parts: Parts, step: int) -> CheckpointSaved:
    """Write the LoRA as the best one so far."""
    return CheckpointSaved(step, _write_lora(job, parts, step, BEST), is_best=True)


def kept_lora(job: TrainingJob) -> Path | None:
    """The best LoRA by validation; if nothing beat the base model, the newest one."""
    return next((job.checkpoints / name for name in (BEST, LAST) if (job.checkpoints / name).is_file()), None)


def forget_loras(job: TrainingJob) -> None:
    """Remove what an earlier sitting left that cannot be gone on from: its best would be taken for this one's."""
    for name in (BEST, LAST):
        (job.checkpoints / name).unlink(missing_ok=True)


def sweep_half_written(job: TrainingJob) -> None:
    """Remove what a killed process had only begun to write. The run is locked, so that nobody is writing now."""
    for path in job.checkpoints.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def _write_lora(job: TrainingJob, parts: Parts, step: int, name: str) -> Path:
    layers = trained_layers(parts.model.unet, job.plan.lora)
    words = lora_metadata(job.plan, job.image_set, job.model, run_id=job.run_id, step=step, started_at=job.started_at)
    path = job.checkpoints / name
    write_atomically(path, lora_file_bytes(layers, words, torch.float32))
    return path
