"""The forward process: how latents become noise, what the U-Net has to predict, and how much each timestep counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DDIMScheduler
from torch import Tensor


@dataclass(frozen=True, slots=True)
class NoiseSchedule:
    """alphas_cumprod, shape (timesteps,), and the kind of prediction that a base model was trained for."""

    alphas_cumprod: Tensor
    prediction_type: str

    @classmethod
    def from_config(cls, scheduler_config: dict[str, Any], device: torch.device) -> NoiseSchedule:
        """Build the schedule that the model's own scheduler config describes, zero terminal SNR included."""
        scheduler = DDIMScheduler.from_config(scheduler_config)
        return cls(scheduler.alphas_cumprod.to(device), scheduler.config.prediction_type)

    @property
    def timestep_count(self) -> int:
        """How many timesteps there are; usually 1000."""
        return len(self.alphas_cumprod)

    def add_noise(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """x_t = sqrt(a) x_0 + sqrt(1 - a) noise. Shapes: latents, noise (batch, channels, h, w), timesteps (batch,)."""
        kept = self._kept(timesteps)
        return kept.sqrt() * latents + (1 - kept).sqrt() * noise

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """What the U-Net has to predict. Source of v: arXiv:2202.00512. Shapes as in `add_noise`."""
        if self.prediction_type == "epsilon":
            return noise
        if self.prediction_type == "v_prediction":
            kept = self._kept(timesteps)
            return kept.sqrt() * noise - (1 - kept).sqrt() * latents
        return latents

    def snr(self, timesteps: Tensor) -> Tensor:
        """Signal over noise power at each timestep. Shapes: (batch,) to (batch,)."""
        kept = self.alphas_cumprod[timesteps]
        return kept / (1 - kept)

    def min_snr_weight(self, timesteps: Tensor, gamma: float) -> Tensor:
        """Weigh samples so that easy timesteps do not drown hard ones; gamma 0 weighs all alike.

        Shapes: (batch,) to (batch,). Source: arXiv:2303.09556; for v-prediction the weight of the same x_0 loss.
        """
        if gamma == 0:
            return torch.ones_like(timesteps, dtype=torch.float32)
        snr = self.snr(timesteps)
        clipped = snr.clamp(max=gamma)
        if self.prediction_type == "epsilon":
            return clipped / snr.clamp(min=1e-8)
        if self.prediction_type == "v_prediction":
            return clipped / (snr + 1)
        return clipped

    def _kept(self, timesteps: Tensor) -> Tensor:
        return self.alphas_cumprod[timesteps][:, None, None, None]
