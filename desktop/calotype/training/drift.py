"""How far the LoRA moves what it should leave alone: predictions for captions without the trigger word.

Drift at one timestep is ||now - base|| / ||base||, the root of the summed squared differences between the U-Net's
predictions with the LoRA and without it, over the same root of the base model's predictions; the result is the mean
over timesteps. It has no unit: 0 is untouched, and at 1 the difference is as large as the prediction itself. Compared
are the network's own outputs (noise or velocity), so that no division by a small noise level enters. What the LoRA does
to captions that never name the subject is what prior preservation (DreamBooth, arXiv:2208.12242) is there to limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.captions import without_word
from calotype.domain.imageset import CaptionedImage
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import fixed_batch, predictions_of

CONTROL_IMAGES, CONTROL_TIMESTEPS = 1, 4  # two captions each: 8 predictions


@dataclass(frozen=True, slots=True)
class ControlDraws:
    """Fixed (image, caption, timestep, noise) draws; captions name all of the picture but the trigger word, or nothing.

    Each of `captions` is a batch of one, paired with the image at its place.
    """

    images: tuple[CachedImage, ...]
    captions: tuple[Conditioning, ...]
    timesteps: tuple[int, ...]

    @classmethod
    def of(
        cls,
        model: BaseModel,
        cached: Sequence[CachedImage],
        sources: Sequence[CaptionedImage],
        trigger: str,
        timestep_count: int,
    ) -> ControlDraws:
        """Take the first images by content hash, each with its caption without the trigger word and with none."""
        captions = {image.content_hash: image.caption for image in sources}
        chosen = sorted(cached, key=lambda image: image.content_hash)[:CONTROL_IMAGES]
        pairs = [
            (image, caption)
            for image in chosen
            for caption in dict.fromkeys((without_word(captions[image.content_hash], trigger), ""))
        ]
        return cls(
            images=tuple(image for image, _ in pairs),
            captions=tuple(encode_prompts(model, [caption]).cpu() for _, caption in pairs),
            timesteps=tuple(
                int((place + 0.5) * timestep_count / CONTROL_TIMESTEPS) for place in range(CONTROL_TIMESTEPS)
            ),
        )

    def predict(self, unet: Any, schedule: NoiseSchedule, dtype: torch.dtype) -> Iterator[Tensor]:
        """The predictions of each pair, shape (timesteps, channels, h, w), on the CPU."""
        pairs = list(zip(self.images, self.captions, strict=True))  # of one picture, and so of one shape
        batch = fixed_batch("drift", pairs, self.timesteps).to(schedule.alphas_cumprod.device)
        with torch.no_grad():
            predictions = predictions_of(unet, schedule, batch, dtype).cpu()
        yield from predictions.view(len(pairs), len(self.timesteps), *predictions.shape[1:])


def drift_between(now: Sequence[Tensor], base: Sequence[Tensor]) -> float:
    """The drift as the module defines it. Shapes: (timesteps, channels, h, w) for each pair of picture and caption."""
    moved = torch.stack([_squares(a - b) for a, b in zip(now, base, strict=True)]).sum(dim=0)  # (timesteps,)
    size = torch.stack([_squares(b) for b in base]).sum(dim=0)  # (timesteps,)
    ratios = [math.sqrt(m / max(s, 1e-12)) for m, s in zip(moved.tolist(), size.tolist(), strict=True)]
    return math.fsum(ratios) / len(ratios)


def _squares(predictions: Tensor) -> Tensor:
    return predictions.double().square().sum(dim=(1, 2, 3))  # (timesteps,)
