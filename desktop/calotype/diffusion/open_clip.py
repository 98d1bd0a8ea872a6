"""The text encoder of OpenCLIP, tensor by tensor, under the names that transformers gives to the same network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_ENDS = {
    "positional_embedding": "embeddings.position_embedding.weight",
    "token_embedding.weight": "embeddings.token_embedding.weight",
    "ln_final.weight": "final_layer_norm.weight",
    "ln_final.bias": "final_layer_norm.bias",
}
_IN_LAYER = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.in_proj": "self_attn.in_proj",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
_FUSED = ".in_proj."
_PROJECTION = "text_projection.weight"


def open_clip_name(name: str, layer_count: int) -> str | None:
    """The name in transformers of a tensor of OpenCLIP; None for what an encoder with so many layers does without.

    Queries, keys and values are one tensor in OpenCLIP, which gets a name of its own, as `separated` knows it.
    Source of the map: open_clip's transformer.py beside CLIPTextModel of transformers.
    """
    found = re.fullmatch(r"transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)", name)
    if not found:
        return _ENDS.get(name)
    layer, inner = int(found[1]), _IN_LAYER.get(found[2])
    return f"encoder.layers.{layer}.{inner}.{found[3]}" if inner and layer < layer_count else None


def projecting_name(name: str, layer_count: int) -> str | None:
    """The same in CLIPTextModelWithProjection, which has a projection besides the network that `open_clip_name` names.

    The projection is turned in transformers, as `separated` knows.
    """
    inner = open_clip_name(name, layer_count)
    return _PROJECTION if name == "text_projection" else inner and f"text_model.{inner}"


def separated(name: str, tensor: Tensor) -> Iterator[tuple[str, Tensor]]:
    """A tensor under its name in transformers; one of OpenCLIP's attention as the three that it is made of.

    The projection is a plain matrix in OpenCLIP, (width, projected), and a linear layer in transformers.

    Shapes: (3 * width, width) to three of (width, width), or (3 * width,) to three of (width,), in the order of
    torch's MultiheadAttention: queries, keys, values.
    """
    if _FUSED not in name:
        yield name, tensor.T.contiguous() if name == _PROJECTION else tensor
        return
    for letter, part in zip("qkv", tensor.chunk(3), strict=True):
        yield name.replace(_FUSED, f".{letter}_proj."), part.clone()
