"""The LoRA files of a run: the newest, the best by validation, and one for each checkpoint as long as there is room."""

from __future__ import annotations

from pathlib import Path

import torch

from calotype.diffusion.lora_adapter import trained_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_metadata import lora_metadata
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.sgm_names import UnetNames
from calotype.domain.events import CheckpointSaved
from calotype.domain.kept_steps import steps_to_keep
from calotype.domain.runs import step_name, step_paths
from calotype.storage.files import write_atomically
from calotype.training.checkpoints import Progress, save_state
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts

BEST, LAST = "best.safetensors", "last.safetensors"


def save(job: TrainingJob, parts: Parts, progress: Progress) -> CheckpointSaved:
    """Write the newest LoRA and the state to go on from."""
    save_state(job.checkpoints, job.plan, parts, progress)  # the larger one first: a full disk shows here
    path = _write_lora(job, parts, progress.step, LAST)
    if progress.step > 0:
        _keep_step(job, parts, progress)
    return CheckpointSaved(progress.step, path, is_best=False)


def save_best(job: TrainingJob, parts: Parts, step: int) -> CheckpointSaved:
    """Write the LoRA as the best one so far."""
    return CheckpointSaved(step, _write_lora(job, parts, step, BEST), is_best=True)


def kept_lora(job: TrainingJob) -> Path | None:
    """The best LoRA by validation; if nothing beat the base model, the newest one."""
    return next((job.checkpoints / name for name in (BEST, LAST) if (job.checkpoints / name).is_file()), None)


def forget_loras(job: TrainingJob) -> None:
    """Remove what an earlier sitting left that cannot be gone on from: its best would be taken for this one's."""
    for path in (job.checkpoints / BEST, job.checkpoints / LAST, *step_paths(job.checkpoints).values()):
        path.unlink(missing_ok=True)


def forget_later_loras(job: TrainingJob, progress: Progress) -> None:
    """Remove the LoRAs of steps that are now taken again: a Stop before them would keep what was not learned yet.

    The best one until then, which a later one had replaced, comes back from the file of its step.
    """
    for step, path in step_paths(job.checkpoints).items():
        if step > progress.step:
            path.unlink(missing_ok=True)
    best = job.checkpoints / BEST
    if best.is_file() and read_header(best).metadata.get("ss_steps") != str(progress.best.step):
        best.unlink()
        kept = step_paths(job.checkpoints).get(progress.best.step)
        if kept is not None:
            write_atomically(best, kept.read_bytes())


def sweep_half_written(job: TrainingJob) -> None:
    """Remove what a killed process had only begun to write. The run is locked, so that nobody is writing now."""
    for path in job.checkpoints.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def _keep_step(job: TrainingJob, parts: Parts, progress: Progress) -> None:
    """Keep the LoRA of this step for looking back, in half precision, and thin the earlier ones out."""
    newest = _write_lora(job, parts, progress.step, step_name(progress.step), torch.float16)
    paths = step_paths(job.checkpoints)
    kept = steps_to_keep(list(paths), newest.stat().st_size, {progress.best.step})
    for step, path in paths.items():
        if step not in kept:
            path.unlink(missing_ok=True)


def _write_lora(job: TrainingJob, parts: Parts, step: int, name: str, dtype: torch.dtype = torch.float32) -> Path:
    layers = trained_layers(parts.model.unet, job.plan.lora)
    words = lora_metadata(job.plan, job.image_set, job.model, run_id=job.run_id, step=step, started_at=job.started_at)
    path = job.checkpoints / name
    write_atomically(path, lora_file_bytes(layers, words, dtype, UnetNames.of(job.model.family)))
    return path
