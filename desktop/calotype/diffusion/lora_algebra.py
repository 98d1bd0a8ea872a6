"""Add low-rank changes exactly, by putting their factors side by side, and cut them to a lower rank as well as can be.

The best approximation of a matrix at a rank, in the Frobenius norm, keeps its largest singular values (Eckart and
Young, 1936). Of a product of two thin matrices they are those of a small matrix between two orthogonal ones, so that
the product is never formed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_kinds import Shape


@dataclass(frozen=True, slots=True)
class Cut:
    """A layer after it was cut to a rank, and the squared Frobenius norms of what is in it and of the whole."""

    layer: LoraLayer
    kept: float
    whole: float


def side_by_side(layers: Sequence[tuple[LoraLayer, float]]) -> LoraLayer:
    """The sum of strength * change as one layer, exactly: its rank is the sum of the ranks, its alpha the rank.

    The layers must be of one shape, but for 1x1 kernels; the sum has that of the first. Raises ValueError otherwise.
    """
    first = layers[0][0]
    inputs = {math.prod(layer.down.shape[1:]) for layer, _ in layers}
    outputs = {layer.up.shape[0] for layer, _ in layers}
    if len(inputs) > 1 or len(outputs) > 1:
        raise ValueError("layers of different shapes")
    downs = [layer.down.reshape(layer.rank, *first.down.shape[1:]) for layer, _ in layers]
    ups = [
        layer.up.reshape(layer.up.shape[0], layer.rank, *first.up.shape[2:]) * (strength * layer.alpha / layer.rank)
        for layer, strength in layers
    ]
    down, up = torch.cat(downs), torch.cat(ups, 1)
    return LoraLayer(down, up, float(down.shape[0]))


def uncut(layer: LoraLayer) -> Cut:
    """A layer of which everything is kept."""
    up, down = layer.up.flatten(1).double(), layer.down.flatten(1).double()
    scale = layer.alpha / layer.rank
    squared = max(0.0, scale**2 * float(((up.T @ up) * (down @ down.T)).sum()))  # the product is never formed
    return Cut(layer, squared, squared)


def cut_factors(layer: LoraLayer, rank: int) -> Cut:
    """The layer at a lower rank, from its factors alone."""
    up, down = layer.up.flatten(1).double() * (layer.alpha / layer.rank), layer.down.flatten(1).double()
    left, upper = torch.linalg.qr(up)  # (out, r), (r, r)
    right, lower = torch.linalg.qr(down.T)  # (in, r), (r, r)
    u, values, v = torch.linalg.svd(upper @ lower.T)
    return _cut(left @ u, values, v @ right.T, rank, (layer.up.shape[0], *layer.down.shape[1:]))


def cut_whole(change: Tensor, rank: int, shape: Shape) -> Cut:
    """A change that is a whole matrix, (out, in * k * k), at a rank; `shape` is that of the weight."""
    u, values, v = torch.linalg.svd(change.reshape(shape[0], -1), full_matrices=False)
    return _cut(u, values, v, rank, shape)


def _cut(u: Tensor, values: Tensor, v: Tensor, rank: int, shape: Shape) -> Cut:
    """Half of each singular value goes to either side, so that neither factor is too small for half precision."""
    squared = values.double().square()
    used = max(1, min(rank, int((values > values[0] * 1e-7).sum()))) if float(values[0]) > 0 else 1
    root = values[:used].sqrt()
    up, down = u[:, :used] * root, root[:, None] * v[:used]
    ends = [1] * (len(shape) - 2)
    layer = LoraLayer(
        down.reshape(used, *shape[1:]).float().contiguous(),
        up.reshape(shape[0], used, *ends).float().contiguous(),
        float(used),
    )
    return Cut(layer, float(squared[:used].sum()), float(squared.sum()))
