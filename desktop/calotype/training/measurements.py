"""Measure a run against the base model, and keep the best LoRA."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from torch import Tensor

from calotype.diffusion.lora_adapter import block_norms, merged
from calotype.domain.best_checkpoint import Candidate, is_better
from calotype.domain.control import Control
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.events import (
    BlockNorm,
    PreviewsMeasured,
    Stage,
    StageChanged,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.metrics import mean_ratio, ratio_to_base
from calotype.training.checkpoints import Progress
from calotype.training.drift import drift_between
from calotype.training.job import TrainingJob
from calotype.training.keeping import save_best
from calotype.training.parts import Parts
from calotype.training.validation import Losses, band_ratios, mean_loss, ratios_by_image


@dataclass(frozen=True, slots=True)
class Measured:
    """Losses on the fixed draws, and predictions for captions without the trigger word."""

    held_out: Losses
    probe: Losses
    controls: tuple[Tensor, ...]


def measure_base(parts: Parts, control: Control) -> Generator[TrainingEvent, None, Measured | None]:
    """The base model's measurements; None if a Stop came first."""
    parts.model.unet.disable_adapters()
    base = yield from _measure(parts, control)
    parts.model.unet.enable_adapters()
    return base


def _measure_merged(parts: Parts, control: Control) -> Generator[TrainingEvent, None, Measured | None]:
    with merged(parts.model.unet):
        return (yield from _measure(parts, control))


def _measure(parts: Parts, control: Control) -> Generator[TrainingEvent, None, Measured | None]:
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
    controls = tuple(parts.controls.predict(parts.model.unet, parts.schedule, parts.dtype))
    return Measured(results[0], results[1], controls)


def look(
    job: TrainingJob,
    parts: Parts,
    base: Measured | None,
    progress: Progress,
    control: Control,
    previews: PreviewsMeasured | None = None,
) -> Generator[TrainingEvent, None, Progress]:
    """Validate, and keep the LoRA if it is the best so far, also by the previews of this step if there are any.

    Raises LossNotFiniteError if the model broke.
    """
    began = time.perf_counter()
    measured = base if progress.step == 0 else (yield from _measure_merged(parts, control))
    if base is None or measured is None:
        return progress
    point = _compared(job, parts, progress.step, measured, base)
    if not math.isfinite(point.ratio.value):
        raise LossNotFiniteError(progress.step, progress.best.step)
    progress = replace(progress, lowest_ratio=min(progress.lowest_ratio, point.ratio.value))
    here = _candidate(point, previews)
    is_best = progress.step > 0 and is_better(here, progress.best, progress.lowest_ratio)
    if is_best:
        progress = replace(progress, best=here)
    yield replace(point, is_best=is_best, seconds=time.perf_counter() - began)
    if is_best:
        yield save_best(job, parts, progress.step)
    return progress


def _compared(job: TrainingJob, parts: Parts, step: int, measured: Measured, base: Measured) -> ValidationFinished:
    """The measurements of a step over those of the base model."""
    drift = drift_between(measured.controls, base.controls)
    return ValidationFinished(
        step=step,
        loss=mean_loss(measured.held_out),
        base_loss=mean_loss(base.held_out),
        ratio=ratio_to_base(measured.held_out, base.held_out),
        bands=band_ratios(parts.schedule, parts.held_out, measured.held_out, base.held_out),
        probe_ratio=mean_ratio(measured.probe, base.probe),
        is_best=False,
        seconds=0.0,
        held_out_images=ratios_by_image(parts.held_out, measured.held_out, base.held_out),
        probe_images=ratios_by_image(parts.probe, measured.probe, base.probe),
        drift=drift if math.isfinite(drift) else None,
        weight_norms=tuple(BlockNorm(*pair) for pair in block_norms(parts.model.unet, job.plan.lora).items()),
    )


def _candidate(point: ValidationFinished, previews: PreviewsMeasured | None) -> Candidate:
    known = Candidate(point.step, point.ratio.value, point.drift)
    if previews is None:
        return known
    return replace(known, similarity=previews.similarity, is_memorised=previews.is_memorised)
