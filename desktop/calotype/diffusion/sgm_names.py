"""The names of U-Net layers in the original programs (SGM), by which LoRAs for Stable Diffusion XL call them.

Source: kohya's sd-scripts, whose U-Net for SDXL has the module lists of Stability-AI/generative-models, openaimodel.
"""

from __future__ import annotations

import re
from enum import StrEnum

from calotype.domain.models import ModelFamily


class UnetNames(StrEnum):
    """Whose names the layers of a U-Net have in a LoRA file of kohya's layout."""

    DIFFUSERS = "diffusers"
    SGM = "sgm"

    @classmethod
    def of(cls, family: ModelFamily) -> UnetNames:
        """The names that other programs expect of LoRAs for this family."""
        return cls.SGM if family is ModelFamily.SDXL else cls.DIFFUSERS

    def underscored(self, layer: str) -> str:
        """How a file calls the layer with this dotted name in diffusers."""
        return (sgm_name(layer) if self is UnetNames.SGM else layer).replace(".", "_")


_ENTRIES = 3  # of the numbered lists for each level: two blocks and what changes the size; or three blocks
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
_IN_RESNET = {
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_PLACE = re.compile(r"(down|mid|up)_blocks?(?:\.(\d+))?\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")


def sgm_name(layer: str) -> str:
    """The dotted name in SGM of a layer that diffusers calls `layer`. Raises ValueError if there is no such layer."""
    if layer in _ENDS:
        return _ENDS[layer]
    found = _PLACE.fullmatch(layer)
    if found is None:
        raise ValueError(f"{layer} is no layer of a U-Net")
    way, level, kind, place, rest = found[1], int(found[2] or 0), found[3], int(found[4]), found[5]
    if way == "mid":
        return f"middle_block.{2 * place + (kind == 'attentions')}.{_IN_RESNET.get(rest, rest)}"
    if kind == "downsamplers":
        return f"input_blocks.{_ENTRIES * (level + 1)}.0.op"
    if kind == "upsamplers":
        return f"output_blocks.{_ENTRIES * (level + 1) - 1}.2.conv"
    # The first entry of the way down is conv_in.
    entry = _ENTRIES * level + place + (way == "down")
    side = "input" if way == "down" else "output"
    return f"{side}_blocks.{entry}.{int(kind == 'attentions')}.{_IN_RESNET.get(rest, rest)}"
