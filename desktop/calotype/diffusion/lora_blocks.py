"""A LoRA whose blocks count differently, as parts that each have one strength."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from calotype.diffusion.lora_keys import LoraPart, block_of
from calotype.diffusion.lora_reading import FittedLora, LayerId
from calotype.domain.generation import LoraUse


def layer_strength(use: LoraUse, layer_id: LayerId) -> float:
    """How strongly one layer counts."""
    return use.strength * use.blocks.of(block_of(*layer_id))


def fitted_by_block(lora: FittedLora, use: LoraUse) -> list[tuple[FittedLora, float]]:
    """The LoRA as parts that share no layer, each with one strength; layers that count nothing are left out.

    Drawing with them is drawing with files that hold these layers alone.
    """
    if use.blocks.is_plain:
        return [(lora, use.strength)]
    layers: list[LayerId] = [*((LoraPart.UNET, name) for name in lora.adapter), *lora.weights]
    return [(_part(lora, inside), strength) for strength, inside in _by_strength(layers, use).items()]


def _by_strength(layers: Iterable[LayerId], use: LoraUse) -> dict[float, set[LayerId]]:
    found: dict[float, set[LayerId]] = {}
    for layer_id in layers:
        strength = layer_strength(use, layer_id)
        if strength:
            found.setdefault(strength, set()).add(layer_id)
    return found


def _part(lora: FittedLora, inside: set[LayerId]) -> FittedLora:
    return replace(
        lora,
        adapter={name: layer for name, layer in lora.adapter.items() if (LoraPart.UNET, name) in inside},
        weights={layer_id: tensors for layer_id, tensors in lora.weights.items() if layer_id in inside},
    )
