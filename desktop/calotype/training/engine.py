"""The training loop: a generator of events that knows neither Qt nor SQL.

Read `train` from top to bottom; everything it calls is one level below it, in this module or a neighbour.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import torch

from calotype.diffusion.device import memory_errors_named, memory_in_use
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control, MakePreview, SaveCheckpoint
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.events import FinishReason, PreviewsMeasured, RunFinished, RunStarted, StepFinished, TrainingEvent
from calotype.domain.learning_rate import learning_rate_at
from calotype.domain.plan import TrainingPlan
from calotype.training.answers import answer
from calotype.training.batches import Batches
from calotype.training.checkpoints import Progress, load_state, read_progress
from calotype.training.examination import examine
from calotype.training.job import TrainingJob
from calotype.training.keeping import forget_later_loras, forget_loras, kept_lora, save, sweep_half_written
from calotype.training.lora_check import check_lora
from calotype.training.measurements import look, measure_base
from calotype.training.objective import draw_batch, losses_of
from calotype.training.parts import Parts, assemble
from calotype.training.previews import show_previews
from calotype.training.two_parts import compare_parts, is_due
from calotype.training.validation import mean_loss

SMALLEST_SCALE = 1e-4  # of the loss at 16 bits: below it every step overflows, and none was ever taken


def train(job: TrainingJob, control: Control, shelf: ModelShelf | None = None) -> Iterator[TrainingEvent]:
    """Run a plan to its end, or until a Stop, yielding what happens as it happens.

    The last event is RunFinished; what was learned is on disk by then, also after a Stop or a loss that is no number.
    The base model is taken from the shelf, and back there at the end; without a shelf it is loaded for this run alone.
    Raises TooFewImagesError, BaseModelError, LossNotFiniteError, OutOfDeviceMemoryError, CheckpointUnusableError or
    StorageError.
    """
    job.image_set.require_trainable()
    progress = read_progress(job.checkpoints, job.plan) if job.continues else Progress()
    if job.continues:
        job = replace(job, thread_count=progress.thread_count)  # another number would round differently
        forget_later_loras(job, progress)
    else:
        forget_loras(job)
    sweep_half_written(job)
    with (shelf or ModelShelf()).lease() as lease:
        parts = yield from assemble(job, lease, control)
        if parts is None:
            yield _finished(job, progress, 0.0)
            return
        with memory_errors_named(parts.model.device):
            if job.continues:
                load_state(job.checkpoints, parts)
            yield from _run(job, parts, progress, control)


def _run(job: TrainingJob, parts: Parts, progress: Progress, control: Control) -> Iterator[TrainingEvent]:
    """The loop itself, from wherever the run stands."""
    plan, began, images = job.plan, time.monotonic() - progress.seconds, job.image_set
    yield RunStarted(job.run_id, plan.step_count, progress.step + 1, len(images.training), len(images.held_out))
    base = yield from measure_base(parts, control)
    if progress.step == 0:
        progress = yield from look(job, parts, base, progress, control)
        yield from show_previews(job, parts, 0, control)
        yield from examine(job, parts, control)
    batches = Batches([image.bucket for image in parts.training], plan.batch_size, plan.seed, images.turns)
    saved, is_settled = progress, False
    while progress.step < plan.step_count and not control.is_stopping and not is_settled:
        step = progress.step + 1
        yield from _step(job, parts, batches, progress)
        progress = replace(progress, step=step, seconds=time.monotonic() - began)
        asked = yield from answer(job, parts, progress, control)
        is_last = step == plan.step_count
        previews: PreviewsMeasured | None = None
        if step % plan.preview.every == 0 or is_last or MakePreview() in asked:
            previews = yield from show_previews(job, parts, step, control)  # first: they have a say in what is best
        if (step % plan.validate_every == 0 or is_last) and not control.is_stopping:
            progress = yield from look(job, parts, base, progress, control, previews)
            if is_due(plan, step):
                yield from compare_parts(job, parts, step, control)
            is_settled = not is_last and has_settled(plan, progress)
            if is_settled:  # whoever goes on from here wants to see more, not to be stopped at once
                progress = replace(progress, patient_since=step)
        if step % plan.checkpoint_every == 0 or is_last or SaveCheckpoint() in asked:
            yield save(job, parts, progress)
            saved = progress
    if saved != progress:
        yield save(job, parts, progress)
    yield from check_lora(job, parts, progress, control)
    yield _finished(job, progress, mean_loss(base.held_out) if base else 0.0, is_settled=is_settled)


def has_settled(plan: TrainingPlan, progress: Progress) -> bool:
    """True if the plan's patience is at its end: so many measurements in a row found nothing better."""
    waited = progress.step - max(progress.best.step, progress.patient_since)
    return plan.patience > 0 and waited >= plan.patience * plan.validate_every


def _step(job: TrainingJob, parts: Parts, batches: Batches, progress: Progress) -> Generator[TrainingEvent, None, None]:
    """Take the next step; if its loss is no number, save what was learned before it and say so."""
    try:
        finished = _take_step(parts, job, batches, progress.step + 1)
    except LossNotFiniteError:
        if progress.step > 0:
            yield save(job, parts, progress)
        raise
    yield finished


def _take_step(parts: Parts, job: TrainingJob, batches: Batches, step: int) -> StepFinished:
    """One update of the LoRA. Raises LossNotFiniteError before the update, so that the weights stay good."""
    began, plan = time.perf_counter(), job.plan
    rate = learning_rate_at(step, peak=plan.learning_rate, warmup_steps=plan.warmup_steps, step_count=plan.step_count)
    for group in parts.optimizer.param_groups:
        group["lr"] = rate
    images = [parts.training[place] for place in batches.at(step)]
    batch = draw_batch(plan, step, images, parts.empty, parts.schedule.timestep_count).to(parts.model.device)
    losses = losses_of(parts.model.unet, parts.schedule, batch, parts.dtype)
    loss = (losses * parts.schedule.min_snr_weight(batch.timesteps, plan.min_snr_gamma)).mean()
    parts.optimizer.zero_grad(set_to_none=True)
    parts.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    parts.scaler.unscale_(parts.optimizer)
    norm = float(torch.nn.utils.clip_grad_norm_(parts.parameters, plan.max_gradient_norm))
    loss_value, is_overflow = float(loss.detach()), not math.isfinite(norm)
    # At 16 bits a gradient may overflow: the scaler then leaves the step out and scales the next one less.
    is_helpless = is_overflow and (not parts.scaler.is_enabled() or parts.scaler.get_scale() < SMALLEST_SCALE)
    if not math.isfinite(loss_value) or is_helpless:
        raise LossNotFiniteError(step, step - 1)
    parts.scaler.step(parts.optimizer)
    parts.scaler.update()
    seconds, reading = max(time.perf_counter() - began, 1e-9), parts.sensors.read()
    return StepFinished(
        step,
        loss_value,
        rate,
        0.0 if is_overflow else norm,
        seconds,
        len(images) / seconds,
        memory_in_use(parts.model.device),
        reading.temperature_c,
        reading.power_watts,
    )


def _finished(job: TrainingJob, progress: Progress, base_loss: float, *, is_settled: bool = False) -> RunFinished:
    is_whole = progress.step == job.plan.step_count
    reason = FinishReason.SETTLED if is_settled else FinishReason.STOPPED
    return RunFinished(
        FinishReason.COMPLETED if is_whole else reason,
        progress.step,
        progress.best.step,
        progress.best.ratio,
        base_loss,
        progress.seconds,
        kept_lora(job),
    )
