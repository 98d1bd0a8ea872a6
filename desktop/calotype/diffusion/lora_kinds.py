"""Tell the kinds of LoRA apart by the names and shapes of the tensors of one layer; needs no tensors.

The names of the tensors are the roles of `lora_keys`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from calotype.domain.lora import LoraKind

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]

# The tensors that a formula needs, each as one of these sets, and those that it may have.
_FORMULAS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"down", "up"}), frozenset({"mid"})),
    (frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"}), frozenset()),
    (frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"}), frozenset()),
    (frozenset({"lokr_w1", "lokr_w2"}), frozenset()),
    (frozenset({"lokr_w1_a", "lokr_w1_b", "lokr_w2"}), frozenset()),
    (frozenset({"lokr_w1", "lokr_w2_a", "lokr_w2_b"}), frozenset({"lokr_t2"})),
    (frozenset({"lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b"}), frozenset({"lokr_t2"})),
    (frozenset({"diff"}), frozenset()),
)
_BESIDE = frozenset({"alpha", "dora_scale", "magnitude"})
MAGNITUDES = ("dora_scale", "magnitude")


def missing_tensor(roles: frozenset[str]) -> str | None:
    """A tensor that is missing before any formula could be computed; empty if two formulas are mixed; None if whole."""
    own = roles - _BESIDE
    if any(needed <= own <= needed | optional for needed, optional in _FORMULAS):
        return None
    fitting = [needed for needed, optional in _FORMULAS if own <= needed | optional]
    return min(min(fitting, key=len) - own) if fitting else ""


def kind_of(shapes: Shapes) -> LoraKind:
    """The kind of a layer, from the shapes of its tensors."""
    if any(name in shapes for name in MAGNITUDES):
        return LoraKind.DORA
    if "diff" in shapes:
        return LoraKind.FULL
    if any(name.startswith("lokr") for name in shapes):
        return LoraKind.LOKR
    if any(name.startswith("hada") for name in shapes):
        return LoraKind.LOHA
    return LoraKind.LOCON if "mid" in shapes or math.prod(shapes.get("down", ())[2:]) > 1 else LoraKind.LORA


def is_plain(shapes: Shapes) -> bool:
    """True for an up and a down of one rank and nothing else, whose product can certainly be computed."""
    if not {"down", "up"} <= set(shapes) <= {"down", "up", "alpha"}:
        return False
    down, up = shapes["down"], shapes["up"]
    return min(len(down), len(up)) >= 2 and math.prod(down) * math.prod(up) > 0 and math.prod(up[1:]) == down[0]


def rank_of(shapes: Shapes) -> int:
    """The rank that alpha is divided by; 0 for a layer that is stored whole."""
    for name, axis in (("down", 0), ("hada_w1_b", 0), ("lokr_w2_b", 0), ("lokr_w1_b", 0)):
        if shapes.get(name):
            return shapes[name][axis]
    return 0


def made_for(shapes: Shapes) -> Shape:
    """The shape of the weight that a layer of a LoRA was made for; a kernel may be part of the last number.

    Raises IndexError if the tensors have too few dimensions, ValueError if they do not belong together.
    """
    if "diff" in shapes:
        return shapes["diff"]
    if "down" in shapes:
        down, kernel = shapes["down"], shapes["mid"][2:] if "mid" in shapes else ()
        return (shapes["up"][0], *((down[1], *kernel) if kernel else down[1:]))
    if "hada_w1_a" in shapes:
        halves = {_pair_shape(shapes, f"hada_w{number}_a", f"hada_w{number}_b", f"hada_t{number}") for number in (1, 2)}
        if len(halves) > 1:
            raise ValueError("two shapes")
        return halves.pop()
    left = shapes["lokr_w1"] if "lokr_w1" in shapes else _pair_shape(shapes, "lokr_w1_a", "lokr_w1_b", "")
    right = shapes["lokr_w2"] if "lokr_w2" in shapes else _pair_shape(shapes, "lokr_w2_a", "lokr_w2_b", "lokr_t2")
    return (left[0] * right[0], left[1] * right[1], *right[2:])


def _pair_shape(shapes: Shapes, first: str, second: str, kernel: str) -> Shape:
    if kernel in shapes:
        return (shapes[first][1], shapes[second][1], *shapes[kernel][2:])
    return (shapes[first][0], *shapes[second][1:])
