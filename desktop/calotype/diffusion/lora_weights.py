"""Let LoRAs of any kind count by standing in for weights: W + the sum of strength * change, while a picture is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from calotype.diffusion.lora_formulas import Tensors, added
from calotype.diffusion.lora_reading import FittedLora, layer_of


@contextmanager
def weights_with(unet: Any, text_encoder: Any, loras: Sequence[tuple[FittedLora, float]]) -> Iterator[None]:
    """Put sums in place of the weights that the LoRAs change beyond their adapters; afterwards the very same tensors
    are back.

    Each change is computed from the base model's own weight, so that the order of the LoRAs does not matter.
    """
    before: list[tuple[nn.Linear | nn.Conv2d, Any]] = []
    try:
        for network, name in ((unet, "unet"), (text_encoder, "text_encoder")):
            changed: dict[str, list[tuple[Tensors, float]]] = {}
            for lora, strength in loras:
                for layer, tensors in getattr(lora, name).items():
                    changed.setdefault(layer, []).append((tensors, strength))
            for layer, uses in changed.items():
                found = layer_of(network, layer)
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
