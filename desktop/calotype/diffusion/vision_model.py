"""See pictures, and read texts, as a CLIP or DINOv2 model from a folder does; nothing is fetched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from transformers import (
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
    CLIPVisionModel,
    CLIPVisionModelWithProjection,
    Dinov2Model,
    Dinov2WithRegistersModel,
)

from calotype.diffusion.base_model import one_load_at_a_time
from calotype.diffusion.device import is_out_of_memory
from calotype.diffusion.vision_folder import VisionCard, VisionKind, read_vision_card
from calotype.domain.errors import ComparisonModelDamagedError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VisionModel:
    """A loaded model with 32-bit weights, and what prepares pictures and texts for it."""

    card: VisionCard
    network: Any
    processor: Any
    tokenizer: Any  # None for a model that reads no texts
    device: torch.device

    def embed_picture(self, picture: Image.Image) -> Tensor:
        """What the picture shows: of CLIP the projected embedding, of others the class token's.

        Shape (width,) on the CPU, of length 1; not finite if the weights are not. The picture is prepared as
        the folder says, which usually cuts a square from its middle. Raises ComparisonModelDamagedError.
        """
        with _failures_named(self.card), torch.no_grad():
            prepared = self.processor(images=[picture], return_tensors="pt")["pixel_values"]
            pixels = prepared.to(self.device, torch.float32)  # (1, 3, h, w)
            return _direction(self._see(pixels))

    def embed_text(self, text: str) -> Tensor:
        """What the text says, comparable with pictures; words after the model's last token are left out.

        Shape (width,) on the CPU, of length 1. Raises ComparisonModelDamagedError.
        """
        with _failures_named(self.card), torch.no_grad():
            limit = self.network.config.text_config.max_position_embeddings
            tokens = self.tokenizer([text], truncation=True, max_length=limit, return_tensors="pt").to(self.device)
            pooled = self.network.text_model(tokens["input_ids"], tokens["attention_mask"]).pooler_output
            return _direction(self.network.text_projection(pooled))

    def _see(self, pixels: Tensor) -> Tensor:
        """Shapes: pixels (1, 3, h, w), result (1, width)."""
        seen: Tensor
        if self.card.kind is VisionKind.CLIP:
            seen = self.network.visual_projection(self.network.vision_model(pixel_values=pixels).pooler_output)
        else:
            found = self.network(pixel_values=pixels)
            seen = found.image_embeds if self.card.has_projection else found.pooler_output
        return seen


def load_vision_model(folder: Path, device: torch.device) -> VisionModel:
    """Load the model in `folder` onto a device. Raises a ComparisonModelError that says why it cannot be used."""
    card = read_vision_card(folder)
    with _failures_named(card):
        with one_load_at_a_time:
            network, report = _network_class(card).from_pretrained(
                folder, use_safetensors=True, local_files_only=True, dtype=torch.float32, output_loading_info=True
            )
        processor = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True) if card.reads_text else None
        missing = sorted(report["missing_keys"])
        if missing:  # they would have been filled with random numbers
            cause = f"{missing[0]} and {len(missing) - 1} more weights are missing"
            raise ComparisonModelDamagedError(card.name, cause)
        network.requires_grad_(False).eval().to(device)
    logger.info("loaded comparison model %s (%s) on %s", card.name, card.kind, device)
    return VisionModel(card, network, processor, tokenizer, device)


def _network_class(card: VisionCard) -> Any:
    """The class by kind; the one that a configuration may bring along as code is never run."""
    if card.kind is VisionKind.CLIP_VISION:
        return CLIPVisionModelWithProjection if card.has_projection else CLIPVisionModel
    classes = {
        VisionKind.CLIP: CLIPModel,
        VisionKind.DINOV2: Dinov2Model,
        VisionKind.DINOV2_REGISTERS: Dinov2WithRegistersModel,
    }
    return classes[card.kind]


def _direction(embeddings: Tensor) -> Tensor:
    return functional.normalize(embeddings.float(), dim=1)[0].cpu()  # (width,)


@contextmanager
def _failures_named(card: VisionCard) -> Iterator[None]:
    """Say of any failure that the model is damaged: what a foreign configuration makes transformers raise is endless.

    That memory ran out is passed on as it is.
    """
    try:
        yield
    except ComparisonModelDamagedError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        lines = str(error).strip().splitlines()
        raise ComparisonModelDamagedError(card.name, (lines[0] if lines else type(error).__name__)[:200]) from error
