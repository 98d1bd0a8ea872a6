"""What a picture shows, as a vector: activations of the base U-Net itself, so that no other network is needed.

Where to look was measured with the starter on 22 subjects that it had never seen, eight pictures of each on plain
backgrounds: how often the nearest picture on another background shows the same subject (chance 4.5 %; pixels averaged
to 8 x 8, 57 %; latents, 53 %). Made by `tests/benchmarks/feature_choice.py`, with 6 x 6 cells:

| up block | 0.02 T | 0.05 T | 0.1 T | 0.2 T | 0.26 T | 0.35 T | 0.5 T | 0.7 T |
| 1 of 3   | 59 %   | 58 %   | 55 %  | 50 %  | 45 %   | 40 %   | 23 %  | 16 %  |
| 2 of 3   | 47 %   | 48 %   | 48 %  | 46 %  | 45 %   | 43 %   | 41 %  | 39 %  |
| 3 of 3   | 77 %   | 78 %   | 75 %  | 65 %  | 60 %   | 57 %   | 47 %  | 40 %  |

At 0.1 T, 2 x 2, 3 x 3, 4 x 4, 6 x 6 and 8 x 8 cells give 67, 70, 72, 75 and 77 % in the third block. A share is known
to 4 points or so. The third block with little noise is the only choice that clearly beats the pixels; it also tells
copies from new pictures best (`calotype.training.resemblance`). It looks at shapes and edges, which the same drawing on
another background still has: how it does on photographs was not measured. In Stable Diffusion, which has four blocks,
it is the one before the last; the source takes the second of them with more noise, to match parts of different things.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning, Framing
from calotype.diffusion.noise import NoiseSchedule


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """Where in the U-Net, and at how much noise, a picture is looked at; relative, so that it fits every base model."""

    up_block: int = 2  # counted from 0 at the coarsest; the last one if there are fewer
    noise_share: float = 0.05  # of the schedule's timesteps
    cells: int = 6  # along a side, into which the activations are averaged


CHOSEN = FeatureChoice()


@dataclass(frozen=True, slots=True)
class Reference:
    """What the pictures of a set share, to be taken away from each. Shapes: mean (channels, cells, cells), scale
    (channels, 1, 1).
    """

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, *groups: Tensor) -> Reference:
        """The middle of some groups of features, each (pictures, channels, cells, cells), that count alike however
        many pictures they have; each channel's spread over all of them is the unit that it is measured in.
        """
        mean = torch.stack([group.mean(dim=0) for group in groups]).mean(dim=0)
        spread = (torch.cat(groups) - mean).square().mean(dim=(0, 2, 3)).sqrt()  # (channels,)
        return cls(mean, spread.clamp(min=1e-6)[:, None, None])

    def points(self, features: Tensor) -> Tensor:
        """Vectors, shape (pictures, width), whose distances can be compared; the mean is at zero."""
        return ((features - self.mean) / self.scale).flatten(1)

    def directions(self, features: Tensor) -> Tensor:
        """The same vectors with length 1, whose products are cosines. A picture that is exactly the mean stays zero."""
        return functional.normalize(self.points(features), dim=1)


def picture_features(
    model: BaseModel, schedule: NoiseSchedule, latents: Tensor, empty: Conditioning, choice: FeatureChoice = CHOSEN
) -> Tensor:
    """Describe pictures by what the base model, without any LoRA, makes of them with some noise and no caption.

    Shapes: latents (batch, channels, h, w), result (batch, block channels, cells, cells), 32-bit on the CPU; empty is a
    batch of one. Each channel's mean over the picture is taken away, and with it most of a plain background. The noise
    depends on the shape alone, so that the same latents always give the same features and the global random state is
    left alone. Source: diffusion features (DIFT), arXiv:2306.03881.
    """
    timestep = min(int(choice.noise_share * schedule.timestep_count), schedule.timestep_count - 1)
    latents = latents.to(model.device, torch.float32)
    timesteps = torch.full((len(latents),), timestep, device=model.device)
    height_px, width_px = (side * model.vae_factor for side in latents.shape[2:])
    told = empty.framed(Framing.whole(height_px, width_px)).to(model.device).expand(len(latents))
    noise = torch.randn(latents.shape[1:], generator=torch.Generator().manual_seed(0)).to(model.device)
    noisy = schedule.add_noise(latents, noise.expand_as(latents), timesteps).to(model.dtype)
    with torch.no_grad(), without_lora(model.unet), _watched(model.unet, choice.up_block) as seen:
        model.unet(noisy, timesteps, **told.unet_arguments(model.dtype))
    activations = seen[0].float()  # (batch, channels, h, w)
    centred = activations - activations.mean(dim=(2, 3), keepdim=True)
    return functional.adaptive_avg_pool2d(centred, choice.cells).cpu()


@contextmanager
def without_lora(unet: Any) -> Iterator[None]:
    """Let the base model answer alone; a LoRA that is attached is there again afterwards."""
    has_lora = bool(getattr(unet, "peft_config", None))
    was_training = unet.training
    unet.eval()
    if has_lora:
        unet.disable_adapters()
    try:
        yield
    finally:
        if has_lora:
            unet.enable_adapters()
        unet.train(was_training)


@contextmanager
def _watched(unet: Any, up_block: int) -> Iterator[list[Tensor]]:
    """Collect what an up block gives out, shape (batch, channels, h, w), for each pass inside."""
    seen: list[Tensor] = []

    def keep(_block: Any, _given: Any, result: Any) -> None:
        seen.append(result[0] if isinstance(result, tuple) else result)

    hook = unet.up_blocks[min(up_block, len(unet.up_blocks) - 1)].register_forward_hook(keep)
    try:
        yield seen
    finally:
        hook.remove()
