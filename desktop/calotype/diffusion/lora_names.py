"""The names of the layers that a LoRA may change in a Stable Diffusion U-Net, as diffusers calls them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

from calotype.diffusion.sgm_names import UnetNames

LEVELS = range(4)  # at most
BLOCKS = (*(f"{way}_blocks.{level}" for way, level in product(("down", "up"), LEVELS)), "mid_block")
PLACES = range(3)  # attentions or residual blocks in one block, at most
DEPTHS = range(10)  # transformer blocks in one attention, at most
IN_TRANSFORMER = (
    *(f"{attention}.{part}" for attention, part in product(("attn1", "attn2"), ("to_q", "to_k", "to_v", "to_out.0"))),
    "ff.net.0.proj",
    "ff.net.2",
)
IN_RESNET = ("conv1", "conv2", "conv_shortcut", "time_emb_proj")
ENDS = ("conv_in", "conv_out", "time_embedding.linear_1", "time_embedding.linear_2")  # never trained here


@cache
def names_by_underscores() -> dict[str, str]:
    """The dotted name of each layer by its names with underscores, from which the dots cannot be told."""
    return {names.underscored(layer): layer for names in UnetNames for layer in _layer_names()}


def _layer_names() -> Iterator[str]:
    yield from ENDS
    for block, place in product(BLOCKS, PLACES):
        attention = f"{block}.attentions.{place}"
        yield from (f"{attention}.proj_in", f"{attention}.proj_out")
        for depth, part in product(DEPTHS, IN_TRANSFORMER):
            yield f"{attention}.transformer_blocks.{depth}.{part}"
        yield from (f"{block}.resnets.{place}.{part}" for part in IN_RESNET)
    for way, level in product(("down", "up"), LEVELS):
        yield f"{way}_blocks.{level}.{way}samplers.0.conv"
