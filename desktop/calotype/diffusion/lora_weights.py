"""Let LoRAs of any kind count by standing in for weights: W + the sum of strength * change, while a picture is made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_formulas import Tensors, added, low_rank
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import FittedLora, LayerId, layer_of
from calotype.diffusion.text_encoders import CHANGED_BY


def networks_of(model: BaseModel) -> dict[LoraPart, Any]:
    """The networks of a base model that a LoRA may change."""
    encoders = (LoraPart.TEXT_ENCODER, LoraPart.SECOND_TEXT_ENCODER)
    read = zip(encoders, model.text_encoders, strict=False)  # most models have one
    return {LoraPart.UNET: model.unet, **{part: encoder.network for part, encoder in read}}


@contextmanager
def weights_with(networks: Mapping[LoraPart, Any], loras: Sequence[tuple[FittedLora, float]]) -> Iterator[None]:
    """Put sums in place of the weights that the LoRAs change beyond their adapters; afterwards the very same tensors
    are back.

    Each change is computed from the base model's own weight, so that the order of the LoRAs does not matter. Text
    encoders are marked with what they are changed by: what they made of prompts before does not count meanwhile.
    """
    before: list[tuple[nn.Linear | nn.Conv2d, Any]] = []
    changed: dict[LayerId, list[tuple[Tensors, float]]] = {}
    for lora, strength in loras:
        for layer_id, tensors in lora.weights.items():
            changed.setdefault(layer_id, []).append((tensors, strength))
    encoders = {part: network for part, network in networks.items() if part is not LoraPart.UNET}
    try:
        for changed_part, network in encoders.items():
            changes = {layer_id: uses for layer_id, uses in changed.items() if layer_id[0] is changed_part}
            setattr(network, CHANGED_BY, _hash_of(changes))
        for (part, layer), uses in changed.items():
            found = layer_of(networks[part], layer)
            assert found is not None  # the LoRA was fitted to these networks
            before.append((found, found.weight))
            weight = found.weight if part is LoraPart.UNET else found.weight.float()  # text encoders compute at 32 bits
            found.weight = nn.Parameter(summed(weight, uses), requires_grad=False)
        yield
    finally:
        for module, weight in before:
            module.weight = weight
        for network in encoders.values():
            setattr(network, CHANGED_BY, "")


def _hash_of(changes: Mapping[LayerId, Sequence[tuple[Tensors, float]]]) -> str:
    """A hash of every tensor and strength; empty if there are none."""
    if not changes:
        return ""
    found = hashlib.sha256()
    for layer_id, uses in changes.items():
        found.update(repr(layer_id).encode())
        for tensors, strength in uses:
            for name, tensor in tensors.items():
                found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} {strength!r}".encode())
                found.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


@torch.no_grad()
def summed(weight: Tensor, uses: Sequence[tuple[Tensors, float]]) -> Tensor:
    """A weight with what each LoRA adds to it, times its strength; summed at 32 bits, in the weight's own format."""
    total = weight.float()
    for tensors, strength in uses:
        here = _on(tensors, weight.device)
        product = low_rank(here)
        if product is None:
            total = total + strength * added(here, weight)
            continue
        up, down, scale = product.up.flatten(1), product.down.flatten(1), product.alpha / product.rank
        total = torch.addmm(total.flatten(1), up, down, alpha=strength * scale).reshape(weight.shape)  # in one pass
    return total.to(weight.dtype)


def _on(tensors: Tensors, device: torch.device) -> Mapping[str, Tensor]:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
