"""How wrong the model is on held-out pictures, on draws that never change, against the base model on the same draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.events import BandRatios, Interval
from calotype.domain.metrics import ratio_to_base
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import Batch, generator_for, losses_of

HELD_OUT_LIMIT, HELD_OUT_TIMESTEPS = 16, 8
PROBE_LIMIT, PROBE_TIMESTEPS = 4, 4
COARSE_BELOW_SNR, FINE_ABOVE_SNR = 0.1, 1.0

Losses = tuple[tuple[float, ...], ...]  # (images, timesteps)


@dataclass(frozen=True, slots=True)
class FixedDraws:
    """A few images with timesteps in the middle of equal parts of the range; one noise for each (image, timestep).

    Eight images with eight timesteps follow a full pool of draws with r = 0.996; a fixed draw has a hundredth of the
    spread of fresh ones. The noise depends on the picture alone, so that runs can be compared and adding a picture
    changes no other's draw.
    """

    images: tuple[CachedImage, ...]
    timesteps: tuple[int, ...]

    @classmethod
    def of(cls, images: Sequence[CachedImage], limit: int, timestep_count: int, draws: int) -> FixedDraws:
        """Take up to `limit` images, spread by content hash, and `draws` timesteps."""
        chosen = sorted(images, key=lambda image: image.content_hash)[:limit]
        timesteps = tuple(int((place + 0.5) * timestep_count / draws) for place in range(draws))
        return cls(tuple(chosen), timesteps)

    def measure(self, unet: Any, schedule: NoiseSchedule, dtype: torch.dtype) -> Iterator[tuple[float, ...]]:
        """Each image's loss at each timestep, unweighted; one image at a time, so that a Stop is heard in between."""
        for image in self.images:
            noise = torch.stack(
                [
                    torch.randn(
                        image.latents.shape,
                        generator=generator_for("validation", image.content_hash, timestep),
                    )
                    for timestep in self.timesteps
                ]
            )
            count, device = len(self.timesteps), image.latents.device
            batch = Batch(
                latents=image.latents.expand(count, -1, -1, -1),
                noise=noise.to(device),
                timesteps=torch.tensor(self.timesteps, device=device),
                embeddings=image.embeddings.expand(count, -1, -1),
            )
            with torch.no_grad():
                yield tuple(losses_of(unet, schedule, batch, dtype).tolist())


def band_ratios(schedule: NoiseSchedule, draws: FixedDraws, losses: Losses, base: Losses) -> BandRatios:
    """The ratio over timesteps with much noise (coarse structure), some, and little (fine detail), by SNR."""
    snr = schedule.snr(torch.tensor(draws.timesteps, device=schedule.alphas_cumprod.device)).tolist()

    def ratio(is_inside: list[bool]) -> float:
        columns = [place for place, inside in enumerate(is_inside) if inside]
        return ratio_of(
            [[row[i] for i in columns] for row in losses], [[row[i] for i in columns] for row in base]
        ).value

    return BandRatios(
        coarse=ratio([value < COARSE_BELOW_SNR for value in snr]),
        middle=ratio([COARSE_BELOW_SNR <= value <= FINE_ABOVE_SNR for value in snr]),
        fine=ratio([value > FINE_ABOVE_SNR for value in snr]),
    )


def ratio_of(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> Interval:
    """See `ratio_to_base`; without a timestep in a band there is nothing to compare, and the ratio is 1."""
    return ratio_to_base(losses, base) if losses[0] else Interval(1.0, 1.0, 1.0)


def mean_loss(losses: Losses) -> float:
    """The mean over images and timesteps."""
    return sum(map(sum, losses)) / sum(map(len, losses))
