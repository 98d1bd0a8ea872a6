"""How wrong the model is on held-out pictures, on draws that never change, against the base model on the same draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.events import BandRatios, ImageRatio
from calotype.domain.imageset import CaptionedImage
from calotype.domain.metrics import image_ratios, mean_ratio
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import Batch, fixed_batch, in_batches, losses_of, predictions_of

HELD_OUT_LIMIT, PROBE_LIMIT = 16, 4  # pictures
TIMESTEPS = 4  # the same for both: only then is the gap between them one of pictures
AT_ONCE = 8  # predictions: more are hardly quicker, and a Stop waits for them
COARSE_BELOW_SNR, FINE_ABOVE_SNR = 0.1, 1.0

Losses = tuple[tuple[float, ...], ...]  # (images, timesteps)


@dataclass(frozen=True, slots=True)
class FixedDraws:
    """A few images with timesteps in the middle of equal parts of the range; one noise for each (image, timestep).

    What is estimated: the mean over all timesteps of the expected loss over the base model's. Measured with 528 draws
    for each of four held-out pictures as the truth, at five stages of two runs, by
    `tests/benchmarks/validation_draws.py`: the error of a ratio / of the difference between neighbouring stages, times
    1000, by predictions for each picture.

    | draws                                | 4           | 8           | 16          | 32          |
    | loss alone, new draws each time      | 63.4 / 89.8 | 45.3 / 64.0 | 31.6 / 44.6 | 22.5 / 31.6 |
    | ratio, new draws each time           | 61.5 / 86.3 | 43.9 / 62.0 | 31.1 / 44.1 | 22.0 / 30.7 |
    | fixed, equal parts of time (this)    | 11.4 / 4.0  | 7.7 / 3.0   | 5.5 / 1.9   | 3.7 / 1.3   |
    | fixed, equal parts of log-SNR        | 15.6 / 4.3  | 8.1 / 3.0   | 5.9 / 2.2   | 4.5 / 1.6   |
    | log-SNR, half, noise and negative    | 8.4 / 3.3   | 11.4 / 2.3  | 3.3 / 1.7   | 2.8 / 1.2   |
    | time, half, noise and negative       | 15.0 / 4.1  | 7.2 / 2.5   | 4.6 / 2.0   | 2.6 / 1.0   |

    Parts of log-SNR are no better: they look more often at nearly clean pictures, which count little. Pairs of noises
    gain at 32, but at 8 leave four timesteps for the same price. Eight draws cause 2 % of the variance of a ratio and 7
    % of a difference's; the rest is the pictures, so that more of those would help, and more draws would not. Hence
    four, with which measuring takes half as long.

    The noise depends on the picture alone, so that runs can be compared and adding a picture changes no other's draw.
    """

    images: tuple[CachedImage, ...]
    timesteps: tuple[int, ...]

    @staticmethod
    def chosen(images: Sequence[CaptionedImage], limit: int) -> tuple[CaptionedImage, ...]:
        """Up to `limit` pictures, always the same ones, spread by content hash: no other needs to be encoded."""
        return tuple(sorted(images, key=lambda image: image.content_hash)[:limit])

    @classmethod
    def of(cls, images: Sequence[CachedImage], limit: int, timestep_count: int, draws: int) -> FixedDraws:
        """Take up to `limit` images, spread by content hash, and `draws` timesteps."""
        chosen = sorted(images, key=lambda image: image.content_hash)[:limit]
        timesteps = tuple(int((place + 0.5) * timestep_count / draws) for place in range(draws))
        return cls(tuple(chosen), timesteps)

    def measure(self, unet: Any, schedule: NoiseSchedule, dtype: torch.dtype) -> Iterator[tuple[float, ...]]:
        """Each image's loss at each timestep, unweighted; few images at a time, so that a Stop is heard in between."""
        for batch in self._batches(schedule):
            with torch.no_grad():
                losses = losses_of(unet, schedule, batch, dtype)
            yield from map(tuple, losses.view(-1, len(self.timesteps)).tolist())

    def predict(self, unet: Any, schedule: NoiseSchedule, dtype: torch.dtype) -> Iterator[Tensor]:
        """The predictions for each image, shape (timesteps, channels, h, w), on the CPU."""
        for batch in self._batches(schedule):
            with torch.no_grad():
                predictions = predictions_of(unet, schedule, batch, dtype).cpu()
            yield from predictions.view(-1, len(self.timesteps), *predictions.shape[1:])

    def _batches(self, schedule: NoiseSchedule) -> Iterator[Batch]:
        """The draws of a few images, on the device."""
        for images in in_batches(self.images, AT_ONCE // len(self.timesteps)):
            pairs = [(image, image.conditioning) for image in images]
            yield fixed_batch("validation", pairs, self.timesteps).to(schedule.alphas_cumprod.device)


def band_ratios(schedule: NoiseSchedule, draws: FixedDraws, losses: Losses, base: Losses) -> BandRatios:
    """The ratio over timesteps with much noise (coarse structure), some, and little (fine detail), by SNR."""
    snr = schedule.snr(torch.tensor(draws.timesteps, device=schedule.alphas_cumprod.device)).tolist()

    def ratio(is_inside: list[bool]) -> float:
        columns = [place for place, inside in enumerate(is_inside) if inside]
        return mean_ratio(losses, base, columns) if columns else 1.0  # nothing to compare

    return BandRatios(
        coarse=ratio([value < COARSE_BELOW_SNR for value in snr]),
        middle=ratio([COARSE_BELOW_SNR <= value <= FINE_ABOVE_SNR for value in snr]),
        fine=ratio([value > FINE_ABOVE_SNR for value in snr]),
    )


def ratios_by_image(draws: FixedDraws, losses: Losses, base: Losses) -> tuple[ImageRatio, ...]:
    """Each image's own ratio, in the order of the draws."""
    pairs = zip(draws.images, image_ratios(losses, base), strict=True)
    return tuple(ImageRatio(image.content_hash, ratio) for image, ratio in pairs)


def mean_loss(losses: Losses) -> float:
    """The mean over images and timesteps."""
    return sum(map(sum, losses)) / sum(map(len, losses))
