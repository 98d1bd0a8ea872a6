"""The training loop: a generator of events that knows neither Qt nor SQL.

Read `train` from top to bottom; everything it calls is one level below it, in this module or a neighbour.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from calotype.diffusion.device import memory_errors_named, memory_in_use
from calotype.diffusion.lora_adapter import trained_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_metadata import lora_metadata
from calotype.domain.control import Command, Control, MakePreview, Pause, Resume, SaveCheckpoint, Stop
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.events import (
    CheckpointSaved,
    FinishReason,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    Stage,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.learning_rate import learning_rate_at
from calotype.domain.plan import TrainingPlan
from calotype.storage.files import write_atomically
from calotype.training.batches import Batches
from calotype.training.checkpoints import Progress, load_state, save_state, saved_thread_count
from calotype.training.job import TrainingJob
from calotype.training.objective import draw_batch, losses_of
from calotype.training.parts import Parts, assemble
from calotype.training.previews import draw_previews
from calotype.training.validation import FixedDraws, Losses, band_ratios, mean_loss, ratio_of

logger = logging.getLogger(__name__)


def train(job: TrainingJob, control: Control) -> Iterator[TrainingEvent]:
    """Run a plan to its end, or until a Stop, yielding what happens as it happens.

    The last event is RunFinished; what was learned is on disk by then, also after a Stop. Raises TooFewImagesError,
    BaseModelError, LossNotFiniteError, OutOfDeviceMemoryError, CheckpointUnusableError or StorageError.
    """
    job.image_set.require_trainable()
    if job.continues:
        job = replace(job, thread_count=saved_thread_count(job.checkpoints))  # another number would round differently
    plan, began = job.plan, time.monotonic()
    parts = yield from assemble(job, control)
    if parts is None:
        yield _finished(job, FinishReason.STOPPED, Progress(0, 0, 1.0, 0.0), 0.0)
        return
    with memory_errors_named(parts.model.device):
        progress = (
            load_state(job.checkpoints, plan, parts.parameters, parts.optimizer)
            if job.continues
            else Progress(0, 0, 1.0, 0.0)
        )
        before = progress.seconds
        yield RunStarted(
            job.run_id,
            plan.step_count,
            progress.step + 1,
            len(job.image_set.training),
            len(job.image_set.held_out),
        )
        base = yield from _measure_base(parts, control)
        if progress.step == 0:
            progress = yield from _look(job, parts, base, progress, control)
            yield from draw_previews(parts.model, plan, 0, job.folder / "previews", control)
        batches = Batches([image.bucket for image in parts.training], plan.batch_size, plan.seed)
        step = progress.step
        while step < plan.step_count and not control.is_stopping:
            step += 1
            yield _take_step(parts, plan, batches, step, progress.step)
            progress = replace(progress, step=step, seconds=before + time.monotonic() - began)
            asked = yield from _answer(job, parts, step, control)
            is_last = step == plan.step_count
            if not control.is_stopping and (step % plan.validate_every == 0 or is_last):
                progress = yield from _look(job, parts, base, progress, control)
            if step % plan.preview.every == 0 or is_last or MakePreview() in asked:
                yield from draw_previews(parts.model, plan, step, job.folder / "previews", control)
            if step % plan.checkpoint_every == 0 or SaveCheckpoint() in asked:
                yield _save(job, parts, progress)
        if step > 0:
            yield _save(job, parts, progress)
        reason = FinishReason.COMPLETED if step == plan.step_count else FinishReason.STOPPED
        yield _finished(job, reason, progress, mean_loss(base[0]) if base else 0.0)


def _take_step(parts: Parts, plan: TrainingPlan, batches: Batches, step: int, kept_step: int) -> StepFinished:
    """One update of the LoRA. Raises LossNotFiniteError before the update, so that the weights stay good."""
    began = time.monotonic()
    rate = learning_rate_at(step, peak=plan.learning_rate, warmup_steps=plan.warmup_steps, step_count=plan.step_count)
    for group in parts.optimizer.param_groups:
        group["lr"] = rate
    images = [parts.training[place] for place in batches.at(step)]
    batch = draw_batch(plan, step, images, parts.empty, parts.schedule.timestep_count)
    losses = losses_of(parts.model.unet, parts.schedule, batch, parts.dtype)
    loss = (losses * parts.schedule.min_snr_weight(batch.timesteps, plan.min_snr_gamma)).mean()
    parts.optimizer.zero_grad(set_to_none=True)
    parts.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    parts.scaler.unscale_(parts.optimizer)
    norm = float(torch.nn.utils.clip_grad_norm_(parts.parameters, plan.max_gradient_norm))
    loss_value = float(loss.detach())
    if not math.isfinite(loss_value) or (not math.isfinite(norm) and not parts.scaler.is_enabled()):
        raise LossNotFiniteError(step, kept_step)
    parts.scaler.step(parts.optimizer)
    parts.scaler.update()
    seconds = time.monotonic() - began
    return StepFinished(step, loss_value, rate, norm, seconds, len(images) / seconds, memory_in_use(parts.model.device))


def _answer(
    job: TrainingJob, parts: Parts, step: int, control: Control
) -> Generator[TrainingEvent, None, list[Command]]:
    """Do what the user asked since the last step; a Pause waits here, with everything in memory, and previews still
    work.
    """
    asked = control.drain()
    if Pause() not in asked or control.is_stopping:
        return asked
    yield RunPaused(step)
    while True:
        match control.wait():
            case Resume() | Stop():
                break
            case MakePreview():
                yield from draw_previews(parts.model, job.plan, step, job.folder / "previews", control)
            case Pause() | SaveCheckpoint():
                pass
    yield RunResumed(step)
    return []


def _measure_base(parts: Parts, control: Control) -> Generator[TrainingEvent, None, tuple[Losses, Losses] | None]:
    """The base model's losses on the fixed draws, held-out and probe; None if a Stop came first."""
    parts.model.unet.disable_adapters()
    base = yield from _measure(parts, control)
    parts.model.unet.enable_adapters()
    return base


def _measure(parts: Parts, control: Control) -> Generator[TrainingEvent, None, tuple[Losses, Losses] | None]:
    parts.model.unet.eval()
    total = len(parts.held_out.images) + len(parts.probe.images)
    results: list[Losses] = []
    for draws in (parts.held_out, parts.probe):
        rows: list[tuple[float, ...]] = []
        for row in draws.measure(parts.model.unet, parts.schedule, parts.dtype):
            rows.append(row)
            yield StageChanged(Stage.VALIDATING, sum(map(len, results)) + len(rows), total)
            if control.is_stopping:
                return None
        results.append(tuple(rows))
    return results[0], results[1]


def _look(
    job: TrainingJob, parts: Parts, base: tuple[Losses, Losses] | None, progress: Progress, control: Control
) -> Generator[TrainingEvent, None, Progress]:
    """Validate, and keep the LoRA if it is the best so far."""
    began = time.monotonic()
    measured = base if progress.step == 0 else (yield from _measure(parts, control))
    if base is None or measured is None:
        return progress
    held_out: FixedDraws = parts.held_out
    ratio = ratio_of(measured[0], base[0])
    is_best = progress.step > 0 and ratio.value < progress.best_ratio
    if is_best:
        progress = replace(progress, best_step=progress.step, best_ratio=ratio.value)
    yield ValidationFinished(
        step=progress.step,
        loss=mean_loss(measured[0]),
        base_loss=mean_loss(base[0]),
        ratio=ratio,
        bands=band_ratios(parts.schedule, held_out, measured[0], base[0]),
        probe_ratio=ratio_of(measured[1], base[1]).value,
        is_best=is_best,
        seconds=time.monotonic() - began,
    )
    if is_best:
        yield CheckpointSaved(progress.step, _write_lora(job, parts, progress.step, "best"), is_best=True)
    return progress


def _save(job: TrainingJob, parts: Parts, progress: Progress) -> CheckpointSaved:
    """Write the newest LoRA and the state to go on from."""
    path = _write_lora(job, parts, progress.step, "last")
    save_state(job.checkpoints, job.plan, parts.parameters, parts.optimizer, progress)
    return CheckpointSaved(progress.step, path, is_best=False)


def _write_lora(job: TrainingJob, parts: Parts, step: int, name: str) -> Path:
    layers = trained_layers(parts.model.unet, job.plan.lora)
    words = lora_metadata(job.plan, job.image_set, job.model, run_id=job.run_id, step=step, started_at=job.started_at)
    path = job.checkpoints / f"{name}.safetensors"
    write_atomically(path, lora_file_bytes(layers, words, torch.float32))
    return path


def _finished(job: TrainingJob, reason: FinishReason, progress: Progress, base_loss: float) -> RunFinished:
    """The best LoRA by validation; if nothing beat the base model, the newest one."""
    candidates = [job.checkpoints / "best.safetensors", job.checkpoints / "last.safetensors"]
    lora_path = next((path for path in candidates if path.is_file()), None)
    return RunFinished(
        reason, progress.step, progress.best_step, progress.best_ratio, base_loss, progress.seconds, lora_path
    )
