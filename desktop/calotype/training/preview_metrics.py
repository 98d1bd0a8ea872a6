"""Compare previews with the pictures: are they like the subject, unlike each other, and none a copy?"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.features import picture_features
from calotype.diffusion.latents import encode_pixels, pixels_of
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.control import Control
from calotype.domain.errors import ImageSetError
from calotype.domain.events import PreviewsMeasured, Stage, StageChanged
from calotype.domain.imageset import CaptionedImage
from calotype.imagesets.fingerprints import group_by_look
from calotype.imagesets.pixels import open_rgb
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import in_batches
from calotype.training.resemblance import Gauge
from calotype.training.validation import AT_ONCE
from calotype.training.vision_metrics import VisionMeter

logger = logging.getLogger(__name__)

TRAINING_LIMIT = 400  # pictures; the features of one take up to 200 kB

Measuring = Generator[StageChanged, None, PreviewsMeasured | None]


@dataclass(slots=True)
class PreviewMeter:
    """Compares the previews of a run with its pictures, at which it looks once, before the first comparison.

    One look is one forward pass without gradients. With the starter and the sample, four comparisons of two previews
    and the first look at all pictures take 1.5 % of a default run. A mirrored copy of a picture is not looked for.
    """

    model: BaseModel
    schedule: NoiseSchedule
    empty: Conditioning  # of no caption
    images: Sequence[CaptionedImage]  # to learn from
    training: Sequence[CachedImage]  # the same, encoded
    held_out: Sequence[CachedImage]
    vision: VisionMeter  # the user's model, if there is one
    _gauge: Gauge | None = field(default=None, init=False)

    def measure(self, step: int, previews: Sequence[Path], base: Sequence[Path], control: Control) -> Measuring:
        """Compare previews of a step, given those of the base model; None after a Stop or if a picture has no features.

        Without the base model's previews, which somebody may have deleted, there is nothing to measure from.
        """
        began = time.perf_counter()
        if self._gauge is None:
            self._gauge = yield from self._look_at_pictures(base, control)
        features = self._features_of_files(previews)
        if self._gauge is None or features is None:
            return None
        found = self._gauge.compare(features)
        nearest = self.images[found.nearest_training]
        by_model = yield from self.vision.measure(previews, base, control)
        return PreviewsMeasured(
            step=step,
            similarity=found.similarity,
            diversity=found.diversity,
            nearest_preview=found.nearest_preview,
            nearest_hash=nearest.content_hash,
            nearest_name=nearest.original_name,
            nearest_distance=found.nearest_distance,
            is_memorised=found.is_memorised,
            seconds=time.perf_counter() - began,
            model_similarity=by_model.similarity,
            adherence=by_model.adherence,
        )

    def _look_at_pictures(self, base: Sequence[Path], control: Control) -> Generator[StageChanged, None, Gauge | None]:
        drawn = self._features_of_files(base)
        if drawn is None:
            return None
        known = self.training[:TRAINING_LIMIT]
        features: list[Tensor] = []
        total = len(known) + len(self.held_out)
        for images in in_batches((*known, *self.held_out), AT_ONCE):
            features += self._features(torch.stack([image.latents for image in images]))
            yield StageChanged(Stage.COMPARING_PREVIEWS, len(features), total)
            if control.is_stopping:
                return None
        groups = group_by_look([image.perceptual_hash for image in self.images[: len(known)]])
        return Gauge(torch.stack(features[: len(known)]), torch.stack(features[len(known) :]), drawn, tuple(groups))

    def _features_of_files(self, paths: Sequence[Path]) -> Tensor | None:
        """Shape (pictures, channels, cells, cells); None if there is a file that cannot be read, or a broken model."""
        try:
            pixels = [pixels_of(open_rgb(path)) for path in paths]
        except ImageSetError as error:
            logger.info("previews are not compared: %s", error)
            return None
        latents = [encode_pixels(self.model, one[None]) for one in pixels]  # one by one: the VAE needs much memory
        features = self._features(torch.cat(latents))
        if not torch.isfinite(features).all():
            logger.info("previews are not compared: their features are no numbers")
            return None
        return features

    def _features(self, latents: Tensor) -> Tensor:
        return picture_features(self.model, self.schedule, latents, self.empty)
