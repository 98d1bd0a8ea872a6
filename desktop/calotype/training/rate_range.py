"""The learning-rate range test: a short run whose rate climbs until the model breaks. Nothing of it is kept.

Read `measure_rates` from top to bottom. It writes nothing: what it learned is gone with it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator

import torch

from calotype.diffusion.device import memory_errors_named
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.rate_range import (
    RateEvent,
    RateMeasured,
    RateRange,
    RateTestEnd,
    RateTestFinished,
    RateTestStarted,
    has_broken,
    read_curve,
)
from calotype.training.batches import Batches
from calotype.training.job import TrainingJob
from calotype.training.objective import Batch, draw_batch, losses_of
from calotype.training.parts import Parts, assemble

SMALLEST_LOSS = 1e-12  # so that a ratio is a number even if a prediction is perfect


def measure_rates(
    job: TrainingJob, rates: RateRange, control: Control, shelf: ModelShelf | None = None
) -> Iterator[RateEvent]:
    """Take steps at the growing rates until the model breaks, the range ends or a Stop comes.

    The last event is RateTestFinished, with the answer. The plan's own learning rate and warm-up are not used, and the
    job's folder is not touched. Raises TooFewImagesError, BaseModelError or OutOfDeviceMemoryError.
    """
    began = time.monotonic()
    job.image_set.require_trainable()
    points: list[RateMeasured] = []
    end, not_finite_at = RateTestEnd.STOPPED, None
    with (shelf or ModelShelf()).lease() as lease:
        parts = yield from assemble(job, lease, control)
        if parts is not None:
            yield RateTestStarted(rates.step_count)
            with memory_errors_named(parts.model.device):
                end, not_finite_at = yield from _climb(job, parts, rates, points, control)
    yield RateTestFinished(end, read_curve(points, end, not_finite_at), time.monotonic() - began)


def _climb(
    job: TrainingJob, parts: Parts, rates: RateRange, points: list[RateMeasured], control: Control
) -> Generator[RateEvent, None, tuple[RateTestEnd, float | None]]:
    """Fill `points`; return how it ended, and the rate after which the loss was no number, if it was."""
    batches = Batches(
        [image.bucket for image in parts.training], job.plan.batch_size, job.plan.seed, job.image_set.turns
    )
    for step in range(1, rates.step_count + 1):
        if control.is_stopping:
            return RateTestEnd.STOPPED, None
        point = _take_step(job, parts, batches, step, rates)
        if point is None:
            return RateTestEnd.BROKE, rates.rate_at(max(1, step - 1))
        points.append(point)
        yield point
        if has_broken([measured.ratio for measured in points]):
            return RateTestEnd.BROKE, None
    return RateTestEnd.WHOLE, None


def _take_step(job: TrainingJob, parts: Parts, batches: Batches, step: int, rates: RateRange) -> RateMeasured | None:
    """Measure the model on the draw of this step, then correct it; None if its loss or gradient is no number."""
    began, plan, rate = time.perf_counter(), job.plan, rates.rate_at(step)
    images = [parts.training[place] for place in batches.at(step)]
    batch = draw_batch(plan, step, images, parts.empty, parts.schedule.timestep_count).to(parts.model.device)
    base = _base_losses(parts, batch)
    losses = losses_of(parts.model.unet, parts.schedule, batch, parts.dtype)
    loss = (losses * parts.schedule.min_snr_weight(batch.timesteps, plan.min_snr_gamma)).mean()
    if not _correct(parts, loss, rate, plan.max_gradient_norm):
        return None
    logs = losses.detach().clamp(min=SMALLEST_LOSS).log() - base.clamp(min=SMALLEST_LOSS).log()  # (batch,)
    return RateMeasured(step, rate, float(logs.mean().exp()), max(time.perf_counter() - began, 1e-9))


def _base_losses(parts: Parts, batch: Batch) -> torch.Tensor:
    """The base model's losses on the same draw, shape (batch,): one more prediction, a seventh of a step's time."""
    parts.model.unet.disable_adapters()
    with torch.no_grad():
        losses = losses_of(parts.model.unet, parts.schedule, batch, parts.dtype)
    parts.model.unet.enable_adapters()
    return losses


def _correct(parts: Parts, loss: torch.Tensor, rate: float, max_norm: float) -> bool:
    """One update of the LoRA; False, and no update, if the loss or at 32 bits its gradient is no number."""
    for group in parts.optimizer.param_groups:
        group["lr"] = rate
    if not math.isfinite(float(loss.detach())):
        return False
    parts.optimizer.zero_grad(set_to_none=True)
    parts.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    parts.scaler.unscale_(parts.optimizer)
    norm = float(torch.nn.utils.clip_grad_norm_(parts.parameters, max_norm))
    if not math.isfinite(norm) and not parts.scaler.is_enabled():
        return False
    parts.scaler.step(parts.optimizer)  # at 16 bits it leaves a step out whose gradient overflowed
    parts.scaler.update()
    return True
