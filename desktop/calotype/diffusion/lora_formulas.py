"""What a LoRA of any kind adds to the weights of one layer, by the published formulas.

Shapes: a weight is (out, in) or (out, in, k, k); the tensors of a kind are as its formula states them. Computed at 32
bits, whatever the file holds. Sources: arXiv:2106.09685 for LoRA, arXiv:2108.06098 for the product of two (LoHa),
arXiv:2309.14859 for LoCon, LoHa and LoKr and for the kernel between the factors, arXiv:2402.09353 for DoRA; names and
the scale alpha / rank as in LyCORIS, lycoris/functional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_kinds import MAGNITUDES, Shape, kind_of, rank_of
from calotype.domain.lora import LoraKind

Tensors = Mapping[str, Tensor]


def low_rank(tensors: Tensors) -> LoraLayer | None:
    """The layer as up and down, exactly the same change; None for a kind that is no product of two such matrices.

    A kernel between the two factors is multiplied into down, which then has the shape (rank, in, k, k).
    """
    if kind_of(shapes_of(tensors)) not in (LoraKind.LORA, LoraKind.LOCON):
        return None
    down, up = tensors["down"].float(), tensors["up"].float()
    if "mid" in tensors:
        down = torch.einsum("r s k l, s i -> r i k l", tensors["mid"].float(), down.flatten(1))
    return LoraLayer(down, up, _alpha(tensors, down.shape[0]))


def decomposed(tensors: Tensors) -> LoraLayer | None:
    """The layer as up, down and the lengths of columns, as a DoRA that was learned here; None for any other kind."""
    factors = low_rank({name: tensor for name, tensor in tensors.items() if name not in MAGNITUDES})
    lengths = tensors.get("dora_scale")
    if factors is None or lengths is None or lengths.shape[0] != 1:
        return None
    return replace(factors, lengths=lengths.float().flatten())


def added(tensors: Tensors, weight: Tensor) -> Tensor:
    """What the layer adds to this weight at strength 1, in the weight's shape, at 32 bits.

    With a magnitude (DoRA) this is magnitude * (W + delta) / ||W + delta|| - W: the difference depends on the weight,
    and is scaled as a whole by a strength, as ComfyUI does.
    """
    delta = delta_of(tensors).reshape(weight.shape)
    name = next((name for name in MAGNITUDES if name in tensors), None)
    if name is None:
        return delta
    whole = weight.float() + delta.to(weight.device)
    magnitude = tensors[name].float().to(weight.device)
    is_by_output = name == "magnitude" or magnitude.shape[0] == whole.shape[0]
    axes = [axis for axis in range(whole.ndim) if axis != (0 if is_by_output else 1)]
    length = whole.square().sum(axes, keepdim=True).sqrt().clamp(min=torch.finfo(torch.float32).eps)
    return whole * (magnitude.reshape(length.shape) / length) - weight.float()


def delta_of(tensors: Tensors) -> Tensor:
    """scale * the formula, without any magnitude; the shape may have the kernel in its last number."""
    scale = _alpha(tensors, rank) / rank if (rank := rank_of(shapes_of(tensors))) else 1.0
    if "diff" in tensors:
        return tensors["diff"].float()
    if "down" in tensors:
        layer = low_rank({name: tensors[name] for name in tensors if name not in MAGNITUDES})
        assert layer is not None
        return scale * (layer.up.flatten(1) @ layer.down.flatten(1))
    if "hada_w1_a" in tensors:
        first, second = (
            _product(tensors, f"hada_w{number}_a", f"hada_w{number}_b", f"hada_t{number}") for number in (1, 2)
        )
        return scale * first * second
    left = tensors["lokr_w1"].float() if "lokr_w1" in tensors else _product(tensors, "lokr_w1_a", "lokr_w1_b", "")
    right = (
        tensors["lokr_w2"].float() if "lokr_w2" in tensors else _product(tensors, "lokr_w2_a", "lokr_w2_b", "lokr_t2")
    )
    return scale * torch.kron(left.reshape(*left.shape, *[1] * (right.ndim - left.ndim)), right.contiguous())


def _product(tensors: Tensors, first: str, second: str, kernel: str) -> Tensor:
    a, b = tensors[first].float(), tensors[second].float()
    if kernel not in tensors:
        return a @ b.flatten(1)
    core = tensors[kernel].float()  # (rank, rank, k, k)
    return torch.einsum("r s k l, r o, s i -> o i k l", core, a, b)  # a: (rank, out), b: (rank, in)


def _alpha(tensors: Tensors, rank: int) -> float:
    return float(tensors["alpha"]) if "alpha" in tensors else float(rank)


def shapes_of(tensors: Tensors) -> dict[str, Shape]:
    """The shape of each tensor."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
