"""Compare previews with the pictures, and with their prompts, by a CLIP or DINOv2 model of the user's.

Similarity is made of cosines of embeddings, as the measures CLIP-I and DINO of DreamBooth are (arXiv:2208.12242), but
in the way and on the scale of the comparison by the base model: what all pictures share is taken away first, of which
there is much in CLIP's embeddings, and 0 stands for the base model's previews, 1 for training pictures.

Adherence is CLIP-T of the same source, less that of the base model's preview of the same prompt and seed: how large a
cosine of a picture and a text is depends on the text as much as on the picture, and the difference is the LoRA's doing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from calotype.diffusion.device import memory_errors_named
from calotype.diffusion.vision_model import VisionModel, load_vision_model
from calotype.domain.captions import without_word
from calotype.domain.control import Control
from calotype.domain.errors import ComparisonModelError, ImageSetError, OutOfDeviceMemoryError
from calotype.domain.events import Stage, StageChanged
from calotype.domain.imageset import CaptionedImage
from calotype.imagesets.pixels import open_rgb
from calotype.training.job import TrainingJob
from calotype.training.resemblance import similarity_of
from calotype.training.validation import HELD_OUT_LIMIT, FixedDraws

logger = logging.getLogger(__name__)

TRAINING_LIMIT = 64  # pictures: only their mean is asked for, and a large model on a CPU may take a second for each


@dataclass(frozen=True, slots=True)
class ModelNumbers:
    """What a comparison by the user's model found, as in PreviewsMeasured."""

    similarity: float | None = None
    adherence: float | None = None


@dataclass(frozen=True, slots=True)
class VisionScale:
    """What previews are measured by. Shapes: training, held_out and base (pictures, width), texts (prompts, width), all
    vectors of length 1; the text at a place belongs to the base model's preview there, and None stands for a prompt
    without words.
    """

    training: Tensor
    held_out: Tensor
    base: Tensor
    texts: tuple[Tensor | None, ...] = ()

    def similarity(self, previews: Tensor) -> float | None:
        """How like the held-out pictures previews are: 0 as the base model's, 1 as training pictures; None if the base
        model's cannot be told from training pictures.
        """
        groups = (previews, self.training, self.held_out, self.base)
        found = similarity_of(*(group[:, :, None, None] for group in groups))  # (pictures, width, 1, 1)
        return found if found is not None and math.isfinite(found) else None

    def adherence(self, previews: Tensor) -> float | None:
        """By how much previews are more like their texts than the base model's are; None without texts."""
        known = zip(self.texts, previews, self.base, strict=False)
        gains = [float(text @ preview - text @ base) for text, preview, base in known if text is not None]
        mean = math.fsum(gains) / len(gains) if gains else math.nan
        return mean if math.isfinite(mean) else None


@dataclass(slots=True)
class VisionMeter:
    """Loads the user's model before the first comparison of a run and looks at the pictures once.

    A model that cannot be used costs a run only these numbers: the reason is a warning in the log, said once.

    It stays on the device until the run ends. With random weights of the size of CLIP ViT-B/32, on one thread of a
    processor, loading it and looking at 18 pictures took 4.3 s and 0.5 GB, and comparing two previews 0.28 s; a step of
    the starter took 0.19 s there.
    """

    folder: Path | None  # None: no model is wanted
    device: torch.device
    training: Sequence[CaptionedImage]
    held_out: Sequence[CaptionedImage]
    prompts: Sequence[str]  # of the previews, without the trigger word, which no other model knows
    _model: VisionModel | None = field(default=None, init=False)
    _scale: VisionScale | None = field(default=None, init=False)

    @classmethod
    def of(cls, job: TrainingJob, device: torch.device) -> VisionMeter:
        """What a run compares its previews by."""
        images = job.image_set
        return cls(
            folder=job.comparison_model,
            device=device,
            training=FixedDraws.chosen(images.training, TRAINING_LIMIT),
            held_out=FixedDraws.chosen(images.held_out, HELD_OUT_LIMIT),
            prompts=[without_word(prompt, images.project.trigger_word) for prompt in job.plan.preview.prompts],
        )

    def measure(
        self, previews: Sequence[Path], base: Sequence[Path], control: Control
    ) -> Generator[StageChanged, None, ModelNumbers]:
        """Compare previews, given those of the base model in the same order; no numbers after a Stop."""
        if self.folder is None:
            return ModelNumbers()
        try:
            with memory_errors_named(self.device):
                return (yield from self._measure(self.folder, previews, base, control))
        except ImageSetError as error:
            logger.info("previews are not compared by %s: %s", self.folder.name, error)
        except (ComparisonModelError, OutOfDeviceMemoryError) as error:
            logger.warning("previews are compared by the base model only: %s", error)
            self.folder = self._model = self._scale = None
        return ModelNumbers()

    def _measure(
        self, folder: Path, previews: Sequence[Path], base: Sequence[Path], control: Control
    ) -> Generator[StageChanged, None, ModelNumbers]:
        if self._model is None:
            self._model = load_vision_model(folder, self.device)
        if self._scale is None:
            self._scale = yield from self._look_at_pictures(self._model, base, control)
        if self._scale is None:
            return ModelNumbers()
        seen = _seen(self._model, previews)
        return ModelNumbers(self._scale.similarity(seen), self._scale.adherence(seen))

    def _look_at_pictures(
        self, model: VisionModel, base: Sequence[Path], control: Control
    ) -> Generator[StageChanged, None, VisionScale | None]:
        seen: list[Tensor] = []
        pictures = (*self.training, *self.held_out)
        for image in pictures:
            seen.append(model.embed_picture(open_rgb(image.pixels_path)))
            yield StageChanged(Stage.COMPARING_PREVIEWS, len(seen), len(pictures))
            if control.is_stopping:
                return None
        texts = [model.embed_text(prompt) if prompt else None for prompt in self.prompts] if model.tokenizer else []
        count = len(self.training)
        return VisionScale(torch.stack(seen[:count]), torch.stack(seen[count:]), _seen(model, base), tuple(texts))


def _seen(model: VisionModel, paths: Sequence[Path]) -> Tensor:
    """Shape (pictures, width)."""
    return torch.stack([model.embed_picture(open_rgb(path)) for path in paths])
