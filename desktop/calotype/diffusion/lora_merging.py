"""Make one LoRA of several, or of the difference between two base models, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_algebra import Cut, cut_factors, cut_whole, side_by_side, uncut
from calotype.diffusion.lora_blocks import layer_strength
from calotype.diffusion.lora_formulas import Tensors, delta_of, low_rank, shapes_of
from calotype.diffusion.lora_kinds import MAGNITUDES, Shape, made_for
from calotype.diffusion.lora_reading import LayerId, LoraFile
from calotype.diffusion.stored_weights import StoredWeight
from calotype.domain.errors import LoraToolError
from calotype.domain.generation import LoraUse

# A layer that moved by less than this share of its weights was rounded, not trained.
_ROUNDED = 1e-5


def layers_in_sum(loras: Sequence[tuple[LoraFile, LoraUse]]) -> list[LayerId]:
    """The layers that any of the files changes, where it counts at all."""
    return sorted({layer_id for lora, use in loras for layer_id in lora.layers if layer_strength(use, layer_id)})


def merged_layers(loras: Sequence[tuple[LoraFile, LoraUse]], rank: int | None) -> Iterator[tuple[LayerId, Cut]]:
    """Each layer of the sum of strength * change; exact without a rank, when only low-rank kinds can be in it.

    Raises LoraToolError before the first layer if a kind cannot be merged, and where two files were made for different
    models.
    """
    for lora, _ in loras:
        _require_mergeable(lora, rank)
    for layer_id in layers_in_sum(loras):
        here = [(lora, layer_strength(use, layer_id)) for lora, use in loras if layer_id in lora.layers]
        try:
            yield layer_id, _sum([(lora.layers[layer_id], strength) for lora, strength in here if strength], rank)
        except (ValueError, RuntimeError) as error:
            names = " and ".join(lora.path.name for lora, _ in loras)
            raise LoraToolError(names, "merged", f"their layers {layer_id[1]} have different shapes") from error


def _sum(used: Sequence[tuple[Tensors, float]], rank: int | None) -> Cut:
    layers = [low_rank(tensors) for tensors, _ in used]
    simple = [(layer, strength) for layer, (_, strength) in zip(layers, used, strict=True) if layer is not None]
    if len(simple) == len(used):
        whole = side_by_side(simple)
        if rank is not None and rank < whole.rank:
            return cut_factors(whole, rank)
        return uncut(whole if len(simple) > 1 else _scaled(*simple[0]))
    assert rank is not None  # other kinds were refused without one
    shape = _shape(used[0][0])
    total = sum((strength * delta_of(tensors).reshape(shape[0], -1) for tensors, strength in used), torch.zeros(1))
    return cut_whole(total, rank, shape)


def _scaled(layer: LoraLayer, strength: float) -> LoraLayer:
    """The same numbers where nothing changes them, so that a LoRA alone stays as it was."""
    return layer if strength == 1 else LoraLayer(layer.down, layer.up * strength, layer.alpha)


def _shape(tensors: Tensors) -> Shape:
    return made_for(shapes_of(tensors))


def _require_mergeable(lora: LoraFile, rank: int | None) -> None:
    if any(name in tensors for tensors in lora.layers.values() for name in MAGNITUDES):
        cause = "what a DoRA adds depends on the base model; bake it into one, and extract a LoRA from the two models"
        raise LoraToolError(lora.path.name, "merged or resized", cause)
    if rank is None and any(low_rank(tensors) is None for tensors in lora.layers.values()):
        cause = f"a {lora.contents.kind.value} has no low rank; choose the rank that the result shall have"
        raise LoraToolError(lora.path.name, "merged exactly", cause)


def extracted_layers(
    base: Mapping[LayerId, StoredWeight], tuned: Mapping[LayerId, StoredWeight], rank: int
) -> Iterator[tuple[LayerId, Cut | None]]:
    """Each layer of tuned - base at a rank; None for one that is the same in both."""
    for layer_id in sorted(base.keys() & tuned.keys()):
        before, after = base[layer_id].read().float(), tuned[layer_id].read().float()
        yield layer_id, _difference(before, after.reshape(before.shape), rank)


def _difference(before: Tensor, after: Tensor, rank: int) -> Cut | None:
    change = after - before
    if float(change.norm()) <= _ROUNDED * float(before.norm()):
        return None
    return cut_whole(change.flatten(1), rank, tuple(before.shape))
