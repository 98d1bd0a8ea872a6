"""Whether captions fit their pictures: the base model is asked which of a few captions explains a picture best.

A diffusion model is a classifier: of several captions, the right one predicts the noise with the least error (Li et
al., arXiv:2303.16203). Here the wrong ones are captions of other pictures of the set. With the starter and twenty sets
of twelve pictures, a picture's own caption won every comparison; with the captions shuffled, a median of 48 % and never
more than 73 %. One timestep did as well as two, 0.6 and 0.8 as well as 0.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.features import without_lora
from calotype.diffusion.noise import NoiseSchedule
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import fixed_batch, generator_for, losses_of

FIT_TIMESTEP = 0.7  # of the schedule: with more noise the caption decides, with less the picture itself
WRONG_CAPTIONS = 2
DECISIVE = 0.03  # of the error: captions that differ by less say the same to the model, and none can be wrong


def caption_fits(
    unet: Any, schedule: NoiseSchedule, images: Sequence[CachedImage], captions: Mapping[str, str], dtype: torch.dtype
) -> Iterator[tuple[int, int]]:
    """For each picture the comparisons that its own caption wins, and all that were decided.

    `captions` are by content hash. One picture at a time, with the same noise for every caption.
    """
    told = {captions[image.content_hash]: image.conditioning for image in images}
    texts = sorted(told)
    for image in images:
        own = captions[image.content_hash]
        others = [text for text in texts if text != own]
        if not others:
            yield 0, 0
            continue
        order = torch.randperm(len(others), generator=generator_for("captions", image.content_hash)).tolist()
        tried = [told[own], *(told[others[place]] for place in order[:WRONG_CAPTIONS])]
        errors = _errors(unet, schedule, image, tried, dtype)  # (captions,)
        difference = errors[1:] / errors[0].clamp(min=1e-12) - 1
        decided = difference[difference.abs() > DECISIVE]
        yield int((decided > 0).sum()), len(decided)


def _errors(
    unet: Any, schedule: NoiseSchedule, image: CachedImage, tried: Sequence[Conditioning], dtype: torch.dtype
) -> Tensor:
    """The error with each caption, shape (captions,)."""
    timestep = int(FIT_TIMESTEP * schedule.timestep_count)
    batch = fixed_batch("caption fit", [(image, caption) for caption in tried], [timestep])
    with torch.no_grad(), without_lora(unet):
        return losses_of(unet, schedule, batch.to(schedule.alphas_cumprod.device), dtype).cpu()
