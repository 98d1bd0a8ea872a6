"""Let LoRAs of any kind count while pictures are drawn, without a new module in the base model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import LoraLayer, are_summed_quickly
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import FittedLora, LayerId, layer_of
from calotype.diffusion.lora_weights import networks_of, weights_with

Layer = nn.Linear | nn.Conv2d


@contextmanager
def drawing_with(model: BaseModel, loras: Sequence[tuple[FittedLora, float]]) -> Iterator[None]:
    """Let the LoRAs count, each as strongly as stated; afterwards the base model is what it was.

    A small model has what they add summed into copies of its weights, with which a step takes no longer than without.
    Where the copies would cost too much memory, or 16 bits would round small changes away, each layer adds what the
    LoRA makes of its input. Both are there at once; peft's modules around each layer, 129 with Starter, cost as much
    time as five steps.
    """
    uses = [(lora, strength) for lora, strength in loras if strength]
    touched = {name: _layer(model, name) for lora, _ in uses for name in lora.adapter}
    if are_summed_quickly([layer.weight for layer in touched.values()]):
        uses, touched = [(_as_weights(lora), strength) for lora, strength in uses], {}
    with weights_with(networks_of(model), uses), ExitStack() as hooks:
        for lora, strength in uses if touched else ():
            for name, change in lora.adapter.items():
                hook = touched[name].register_forward_hook(_adding(change, touched[name], strength))
                hooks.callback(hook.remove)
        yield


def _layer(model: BaseModel, name: str) -> Layer:
    found = layer_of(model.unet, name)
    assert found is not None  # the LoRA was fitted to this model
    return found


def _as_weights(lora: FittedLora) -> FittedLora:
    layers: dict[LayerId, Any] = {
        (LoraPart.UNET, name): {"down": layer.down, "up": layer.up, "alpha": torch.tensor(layer.alpha)}
        for name, layer in lora.adapter.items()
    }
    return replace(lora, adapter={}, weights={**lora.weights, **layers})


def _adding(change: LoraLayer, layer: Layer, strength: float) -> Callable[[Any, tuple[Tensor, ...], Tensor], Tensor]:
    """A hook that adds strength * alpha / rank * up(down(input)) to what the layer gives out."""
    scale = strength * change.alpha / change.rank
    down, up = change.down.to(layer.weight), (change.up.float() * scale).to(layer.weight)  # where and as it is

    def add(_layer: Any, given: tuple[Tensor, ...], result: Tensor) -> Tensor:
        if isinstance(layer, nn.Linear):
            return result + functional.linear(functional.linear(given[0], down), up)
        middle = functional.conv2d(given[0], down, None, layer.stride, layer.padding, layer.dilation)
        return result + functional.conv2d(middle, up)

    return add
