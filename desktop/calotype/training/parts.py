"""Put the parts of a run together before its first step: model, LoRA, optimizer, cached pictures, fixed draws."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.device import (
    choose_device,
    choose_precision,
    device_name,
    forget_peak_memory,
    memory_errors_named,
)
from calotype.diffusion.gpu_sensors import GpuSensors, sensors_of
from calotype.diffusion.lora_adapter import attach_trainable
from calotype.diffusion.model_shelf import ModelLease, WantedModel
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.control import Control
from calotype.domain.events import ModelLoaded, Stage, StageChanged, TrainingEvent
from calotype.domain.plan import TrainingPlan
from calotype.training.drift import ControlDraws
from calotype.training.fitting import fit_into_memory
from calotype.training.job import TrainingJob
from calotype.training.latent_cache import CachedImage, cache_images, no_caption
from calotype.training.preview_metrics import PreviewMeter
from calotype.training.validation import (
    HELD_OUT_LIMIT,
    PROBE_LIMIT,
    TIMESTEPS,
    FixedDraws,
)
from calotype.training.vision_metrics import VisionMeter


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loop works with. Only `parameters`, the LoRA's weights, ever change."""

    model: BaseModel
    dtype: torch.dtype  # of the forward pass
    parameters: list[nn.Parameter]
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    schedule: NoiseSchedule
    training: list[CachedImage]
    empty: Conditioning  # of no caption
    held_out: FixedDraws
    probe: FixedDraws
    meter: PreviewMeter
    controls: ControlDraws
    sensors: GpuSensors
    lease: ModelLease


def assemble(job: TrainingJob, lease: ModelLease, control: Control) -> Generator[TrainingEvent, None, Parts | None]:
    """Take the model, attach and cache, reporting each stage; None if a Stop came first.

    The parts are good until the lease ends.
    """
    plan, images, device = job.plan, job.image_set, choose_device(job.device)
    forget_peak_memory(device)
    with memory_errors_named(device):
        dtype = choose_precision(plan.precision, device)
        weights_dtype = dtype if device.type == "cuda" else torch.float32
        lent = yield from lease.take(WantedModel(job.model, device, weights_dtype, job.thread_count), control)
        if lent is None:
            return None
        model = lent.reading(plan.clip_skip)
        total = _count(model.unet.parameters())
        parameters = attach_trainable(model.unet, plan.lora, plan.seed)
        fit_into_memory(model, plan, dtype)
        yield ModelLoaded(device_name(device), str(dtype).removeprefix("torch."), _count(parameters), total)
        cached = yield from _cache(job, model, control)
        if cached is None:
            return None
        training, held_out = cached
        schedule, vision = NoiseSchedule.from_config(model.scheduler_config, device), VisionMeter.of(job, device)
        count, empty = schedule.timestep_count, no_caption(model)
        return Parts(
            model=model,
            dtype=dtype,
            parameters=parameters,
            optimizer=_optimizer(plan, parameters),
            scaler=torch.amp.GradScaler(device.type, enabled=dtype is torch.float16),
            schedule=schedule,
            training=training,
            empty=empty,
            held_out=FixedDraws.of(held_out, HELD_OUT_LIMIT, count, TIMESTEPS),
            probe=FixedDraws.of(training, PROBE_LIMIT, count, TIMESTEPS),
            meter=PreviewMeter(model, schedule, empty, images.training, training, held_out, vision),
            controls=ControlDraws.of(model, held_out, images.held_out, images.project.trigger_word, count),
            sensors=sensors_of(device),
            lease=lease,
        )


def _optimizer(plan: TrainingPlan, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """AdamW, in the order of the parameters. The lengths of a DoRA do not decay: that would pull weights to zero and
    not to those of the base model.
    """
    factors, lengths = ([one for one in parameters if (one.ndim > 1) == flag] for flag in (True, False))
    groups: list[dict[str, Any]] = [{"params": factors}]
    if lengths:
        groups.append({"params": lengths, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=plan.learning_rate, weight_decay=plan.weight_decay)


def _count(parameters: Iterable[nn.Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters)


def _cache(
    job: TrainingJob, model: BaseModel, control: Control
) -> Generator[TrainingEvent, None, tuple[list[CachedImage], list[CachedImage]] | None]:
    """The training and the held-out pictures, encoded; None if a Stop came first."""
    images, plan = job.image_set, job.plan
    checked = FixedDraws.chosen(images.held_out, HELD_OUT_LIMIT)
    total = len(images.training) + len(checked)
    training: list[CachedImage] = []
    held_out: list[CachedImage] = []
    for source, cached, mirror in ((images.training, training, plan.flip), (checked, held_out, False)):
        for image in cache_images(model, source, plan.resolution_px, with_mirrored=mirror):
            cached.append(image)
            yield StageChanged(Stage.CACHING_IMAGES, len(training) + len(held_out), total)
            if control.is_stopping:
                return None
    return training, held_out
