"""Which layers of a U-Net a LoRA changes, by name, and how many weights that makes; needs no tensors."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets

_INSIDE_BLOCKS = r"(down_blocks|mid_block|up_blocks)\..*"
_ATTENTION = r"\.(to_q|to_k|to_v|to_out\.0)"
_MLP = r"attentions.*\.(proj_in|proj_out|ff\.net\.0\.proj|ff\.net\.2)"
_CONVOLUTIONS = r"resnets.*\.(conv1|conv2|conv_shortcut|time_emb_proj)|(down|up)samplers\.0\.conv"
_PATTERNS = {
    LoraTargets.ATTENTION: re.compile(f"{_INSIDE_BLOCKS}({_ATTENTION})"),
    LoraTargets.ATTENTION_AND_MLP: re.compile(f"{_INSIDE_BLOCKS}({_ATTENTION}|{_MLP})"),
    LoraTargets.ALL_LAYERS: re.compile(f"{_INSIDE_BLOCKS}({_ATTENTION}|{_MLP}|{_CONVOLUTIONS})"),
}


def is_target(layer_name: str, targets: LoraTargets) -> bool:
    """True if the layer with this name learns. SD 1.5 has 192 such layers with `attention+mlp`, 278 with `all`."""
    return bool(_PATTERNS[targets].fullmatch(layer_name))


def lora_parameter_count(unet_shapes: Mapping[str, tuple[int, ...]], spec: LoraSpec) -> int:
    """How many weights a LoRA has: rank * (in * k * k + out) for each layer, and as a DoRA one more for each input.
    Shapes are those of the U-Net's file.
    """
    return sum(
        spec.rank * (math.prod(shape[1:]) + shape[0]) + (shape[1] if spec.adapter is LoraAdapter.DORA else 0)
        for name, shape in unet_shapes.items()
        if name.endswith(".weight") and len(shape) > 1 and is_target(name.removesuffix(".weight"), spec.targets)
    )
