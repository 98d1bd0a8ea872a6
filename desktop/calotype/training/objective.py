"""The loss of one batch: what is drawn at random, and how wrong the prediction is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.plan import TrainingPlan
from calotype.training.latent_cache import CachedImage


@dataclass(frozen=True, slots=True)
class Batch:
    """Shapes: latents and noise (batch, channels, h, w), timesteps (batch,)."""

    latents: Tensor
    noise: Tensor
    timesteps: Tensor
    conditioning: Conditioning

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        latents, noise, timesteps = (
            part.to(device, non_blocking=True) for part in (self.latents, self.noise, self.timesteps)
        )
        return Batch(latents, noise, timesteps, self.conditioning.to(device))


def generator_for(*parts: object) -> torch.Generator:
    """Random numbers that depend on these parts alone, always drawn on the CPU: the same on every device and after a
    restart.
    """
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def draw_batch(
    plan: TrainingPlan, step: int, images: Sequence[CachedImage], empty: Conditioning, timestep_count: int
) -> Batch:
    """Everything random about a step, drawn from (seed, step).

    Timesteps are stratified over the batch, one from each equal part of the range: the loss varies less than with free
    draws.
    """
    chance = generator_for("step", plan.seed, step)
    count = len(images)
    mirror = torch.rand(count, generator=chance) < 0.5
    latents = torch.stack(
        [
            image.mirrored if image.mirrored is not None and bool(mirror[place]) else image.latents
            for place, image in enumerate(images)
        ]
    )
    positions = (torch.arange(count) + torch.rand(count, generator=chance)) / count
    timesteps = (positions * timestep_count).long().clamp(max=timestep_count - 1)
    timesteps = timesteps[torch.randperm(count, generator=chance)]
    is_dropped = torch.rand(count, generator=chance) < plan.caption_dropout
    told = [
        empty.framed_like(image.conditioning) if is_dropped[place] else image.conditioning
        for place, image in enumerate(images)
    ]
    noise = torch.randn(latents.shape, generator=chance)
    return Batch(latents, noise, timesteps, Conditioning.joined(told))


def fixed_batch(purpose: str, pairs: Sequence[tuple[CachedImage, Conditioning]], timesteps: Sequence[int]) -> Batch:
    """Each picture, with the caption beside it, at each timestep: (pairs * timesteps) in this order, all of one shape.

    The noise depends on the purpose, the picture and the timestep alone, so that it is the same in every run.
    """
    count = len(timesteps)
    noise = [
        torch.randn(image.latents.shape, generator=generator_for(purpose, image.content_hash, timestep))
        for image, _ in pairs
        for timestep in timesteps
    ]
    return Batch(
        latents=torch.stack([image.latents for image, _ in pairs]).repeat_interleave(count, dim=0),
        noise=torch.stack(noise),
        timesteps=torch.tensor(timesteps).repeat(len(pairs)),
        conditioning=Conditioning.joined(
            [caption.framed_like(image.conditioning) for image, caption in pairs]
        ).repeat_interleave(count),
    )


def in_batches(images: Sequence[CachedImage], limit: int) -> Iterator[Sequence[CachedImage]]:
    """The images in their order, up to `limit` at once and at least one; all of a batch have the same shape."""
    batch: list[CachedImage] = []
    for image in images:
        if batch and (len(batch) >= limit or image.latents.shape != batch[0].latents.shape):
            yield batch
            batch = []
        batch.append(image)
    if batch:
        yield batch


def losses_of(unet: Any, schedule: NoiseSchedule, batch: Batch, dtype: torch.dtype) -> Tensor:
    """The mean squared error of each image's prediction, shape (batch,); 32-bit whatever the network computes in."""
    target = schedule.target(batch.latents, batch.noise, batch.timesteps)
    error = predictions_of(unet, schedule, batch, dtype) - target
    return error.pow(2).mean(dim=(1, 2, 3))  # (batch,)


def predictions_of(unet: Any, schedule: NoiseSchedule, batch: Batch, dtype: torch.dtype) -> Tensor:
    """What the network says of each noisy image, shape (batch, channels, h, w), as 32-bit numbers."""
    noisy = schedule.add_noise(batch.latents, batch.noise, batch.timesteps)
    device_type = batch.latents.device.type
    with torch.autocast(device_type, dtype, enabled=dtype is not torch.float32):
        told = batch.conditioning.unet_arguments(dtype)
        predicted: Tensor = unet(noisy.to(dtype), batch.timesteps, **told).sample
    return predicted.float()
