"""What the tools that make LoRAs out of LoRAs report: merge, resize, extract, bake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LayerDone:
    """Another layer, or tensor of a checkpoint, is computed."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class LoraWritten:
    """A LoRA is on disk and was read back.

    kept: how much of the changes is in it, ||kept|| / ||whole|| over all layers (Frobenius norms); 1 if nothing was cut
    off. weight_difference: what rounding made of it, as in LoraVerification. left_out: changes that a LoRA cannot hold,
    such as those of biases.
    """

    path: Path
    layer_count: int
    key_count: int
    rank: int  # the largest of a layer
    size_bytes: int
    kept: float
    weight_difference: float
    left_out: int = 0
    title: str = ""  # what programs call it


@dataclass(frozen=True, slots=True)
class ModelBaked:
    """A copy of a base model with LoRAs in its weights is on disk and was read back."""

    path: Path
    changed_tensors: int
    total_tensors: int
    size_bytes: int
    unused: tuple[str, ...]  # layers of the LoRAs that the model does not have


@dataclass(frozen=True, slots=True)
class ToolStopped:
    """The user stopped it; nothing was written."""


LoraToolEvent = LayerDone | LoraWritten | ModelBaked | ToolStopped
