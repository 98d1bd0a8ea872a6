"""Whether captions fit their pictures: the base model is asked which of a few captions explains a picture best.

A diffusion model is a classifier: of several captions, the right one predicts the noise with the least error (Li et
al., arXiv:2303.16203). Here the wrong ones are captions of other pictures of the set. With the starter and six sets of
twelve pictures, a picture's own caption won every comparison (three timesteps, three wrong captions each); with the
captions shuffled, 36 to 67 % of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.features import without_lora
from calotype.diffusion.noise import NoiseSchedule
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import Batch, generator_for, losses_of

FIT_TIMESTEPS = (0.6, 0.8)  # of the schedule: with more noise the caption decides, with less the picture itself
WRONG_CAPTIONS = 2
DECISIVE = 0.03  # of the error: captions that differ by less say the same to the model, and none can be wrong


def caption_fits(
    unet: Any, schedule: NoiseSchedule, images: Sequence[CachedImage], captions: Mapping[str, str], dtype: torch.dtype
) -> Iterator[tuple[int, int]]:
    """For each picture the comparisons that its own caption wins, and all that were decided.

    `captions` are by content hash. One picture at a time, with the same noise for every caption.
    """
    embeddings = {captions[image.content_hash]: image.embeddings for image in images}
    texts = sorted(embeddings)
    for image in images:
        own = captions[image.content_hash]
        others = [text for text in texts if text != own]
        if not others:
            yield 0, 0
            continue
        order = torch.randperm(len(others), generator=generator_for("captions", image.content_hash)).tolist()
        tried = [embeddings[own], *(embeddings[others[place]] for place in order[:WRONG_CAPTIONS])]
        errors = _errors(unet, schedule, image, tried, dtype)  # (captions,)
        difference = errors[1:] / errors[0] - 1
        decided = difference[difference.abs() > DECISIVE]
        yield int((decided > 0).sum()), len(decided)


def _errors(
    unet: Any, schedule: NoiseSchedule, image: CachedImage, embeddings: Sequence[Tensor], dtype: torch.dtype
) -> Tensor:
    """The error of each caption relative to the first one's, summed over timesteps. Shape (captions,)."""
    count, times = len(embeddings), [int(share * schedule.timestep_count) for share in FIT_TIMESTEPS]
    noise = [
        torch.randn(image.latents.shape, generator=generator_for("caption fit", image.content_hash, timestep))
        for timestep in times
    ]
    batch = Batch(
        latents=image.latents.expand(count * len(times), -1, -1, -1),
        noise=torch.stack(noise).repeat_interleave(count, dim=0),
        timesteps=torch.tensor(times).repeat_interleave(count),
        embeddings=torch.stack(list(embeddings)).repeat(len(times), 1, 1),
    ).to(schedule.alphas_cumprod.device)
    with torch.no_grad(), without_lora(unet):
        losses = losses_of(unet, schedule, batch, dtype).view(len(times), count)
    return (losses / losses[:, :1].clamp(min=1e-12)).sum(dim=0).cpu()
