"""Let LoRAs of any kind count by standing in for weights: W + the sum of strength * change, while a picture is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_formulas import Tensors, added
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import FittedLora, LayerId, layer_of


def networks_of(model: BaseModel) -> dict[LoraPart, Any]:
    """The networks of a base model that a LoRA may change."""
    encoders = (LoraPart.TEXT_ENCODER, LoraPart.SECOND_TEXT_ENCODER)
    read = zip(encoders, model.text_encoders, strict=False)  # most models have one
    return {LoraPart.UNET: model.unet, **{part: encoder.network for part, encoder in read}}


@contextmanager
def weights_with(networks: Mapping[LoraPart, Any], loras: Sequence[tuple[FittedLora, float]]) -> Iterator[None]:
    """Put sums in place of the weights that the LoRAs change beyond their adapters; afterwards the very same tensors
    are back.

    Each change is computed from the base model's own weight, so that the order of the LoRAs does not matter.
    """
    before: list[tuple[nn.Linear | nn.Conv2d, Any]] = []
    changed: dict[LayerId, list[tuple[Tensors, float]]] = {}
    for lora, strength in loras:
        for layer_id, tensors in lora.weights.items():
            changed.setdefault(layer_id, []).append((tensors, strength))
    try:
        for (part, layer), uses in changed.items():
            found = layer_of(networks[part], layer)
            assert found is not None  # the LoRA was fitted to these networks
            before.append((found, found.weight))
            found.weight = nn.Parameter(summed(found.weight, uses), requires_grad=False)
        yield
    finally:
        for module, weight in before:
            module.weight = weight


@torch.no_grad()
def summed(weight: Tensor, uses: Sequence[tuple[Tensors, float]]) -> Tensor:
    """A weight with what each LoRA adds to it, times its strength; summed at 32 bits, in the weight's own format."""
    total = weight.float()
    for tensors, strength in uses:
        total = total + strength * added(_on(tensors, weight.device), weight)
    return total.to(weight.dtype)


def _on(tensors: Tensors, device: torch.device) -> Mapping[str, Tensor]:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
