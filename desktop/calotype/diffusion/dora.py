"""DoRA on a live U-Net: how long each column of a layer's weights is, learned apart from where it points.

W becomes m * (W + D) / ||W + D||, with D = scale * up @ down, and one length m and one norm for each input channel,
over all outputs and the kernel. To scale a column is to scale that input: the layer computes as with a plain LoRA, on
an input times m / ||W + D||. So no matrix of the size of W is made for a step; the norm comes from (W + D)^2 = W^2 +
2 W D + D^2 summed over each column, where D is never multiplied out. The norm counts as a constant for the gradients.
Source: arXiv:2402.09353, equation 5 and section 4.3; `dora_scale` of OneTrainer, modules/module/LoRAModule.py.

By inputs, because there all programs that know `dora_scale` agree: A1111 (network.py) and InvokeAI know no other way,
and ComfyUI and Forge (weight_adapter/base.py) divide a length for each output by ||W|| instead of ||W + D||. The price:
peft and diffusers only know lengths for each output.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

SMALLEST = float(torch.finfo(torch.float32).eps)


class _Squares(NamedTuple):
    """Sums over each column, shape (in,): of W^2, of 2 W D, and of D^2."""

    own: Tensor
    crossed: Tensor
    added: Tensor

    @property
    def length(self) -> Tensor:
        """||W + D||, shape (in,); never zero, so that a column of zeros stays one."""
        return (self.own + self.crossed + self.added).clamp(min=SMALLEST**2).sqrt()


class ColumnLengths(nn.Module):
    """The lengths of one layer's columns, inside peft's module around the layer, whose input they scale.

    Shape of `lengths`: (in,), 32-bit. Without any given, they are those of the layer, so that nothing changes yet.
    """

    _own: Tensor

    def __init__(self, layer: Any, adapter_name: str, lengths: Tensor | None = None) -> None:
        super().__init__()
        self._adapter_name = adapter_name
        weight = layer.base_layer.weight.detach()
        self.register_buffer("_own", _by_column(weight.float().square().flatten(1), weight), persistent=False)
        start = self._squares(layer).length if lengths is None else lengths
        self.lengths = nn.Parameter(start.to(weight.device, torch.float32, copy=True))

    def shares(self, layer: Any) -> Tensor:
        """What each column is multiplied by, shape (in,): m / ||W + D||."""
        return self.lengths / self._squares(layer).length

    @torch.no_grad()
    def squared_change(self, layer: Any) -> Tensor:
        """||W' - W||^2 of the layer, a scalar, without forming either."""
        shares, squares = self.shares(layer), self._squares(layer)
        grown = shares - 1
        return (grown.square() * squares.own + grown * shares * squares.crossed + shares.square() * squares.added).sum()

    def scale_input(self, layer: Any, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Before the layer computes: its input, times the shares; as it is while the LoRA is switched off or merged."""
        if layer.disable_adapters or layer.merged:
            return None
        shares = as_columns(self.shares(layer), layer.base_layer.weight)[0]
        return ((given[0] * shares).to(given[0].dtype), *given[1:])

    @torch.no_grad()
    def _squares(self, layer: Any) -> _Squares:
        weight = layer.base_layer.weight.detach()
        with torch.autocast(weight.device.type, enabled=False):
            down, up = (part[self._adapter_name].weight.float().flatten(1) for part in (layer.lora_A, layer.lora_B))
            scale = layer.scaling[self._adapter_name]
            crossed = 2 * scale * (down * (up.T @ weight.float().flatten(1)))  # (rank, in * k * k)
            added = scale**2 * (down * ((up.T @ up) @ down))
        return _Squares(self._own, _by_column(crossed, weight), _by_column(added, weight))


def add_lengths(layer: Any, adapter_name: str, lengths: Tensor | None = None) -> None:
    """Make a DoRA of the LoRA in peft's module around a layer; taking the LoRA off takes this off, too."""
    assert lengths_of(layer) is None  # each scales the input for itself; two would scale it for one another
    layer.column_lengths = ColumnLengths(layer, adapter_name, lengths)
    layer.register_forward_pre_hook(layer.column_lengths.scale_input)


def lengths_of(layer: Any) -> ColumnLengths | None:
    """What makes a DoRA of the LoRA around a layer; None if it is a plain one."""
    found: ColumnLengths | None = getattr(layer, "column_lengths", None)
    return found


def as_columns(numbers: Tensor, weight: Tensor) -> Tensor:
    """One number for each column, shape (1, in) or (1, in, 1, 1), to multiply a weight by."""
    return numbers.reshape(1, -1, *[1] * (weight.ndim - 2))


def _by_column(terms: Tensor, weight: Tensor) -> Tensor:
    """Sums over rows and the kernel, shape (in,), of terms (rows, in * k * k)."""
    return terms.sum(0).reshape(weight.shape[1], -1).sum(1)
