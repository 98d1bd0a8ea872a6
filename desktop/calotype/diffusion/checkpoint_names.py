"""Translate the names of a checkpoint of Stable Diffusion (LDM, SGM) into those of diffusers and transformers."""

from __future__ import annotations

import re

from calotype.diffusion.checkpoint_layout import (
    SD1_TEXT_PREFIX,
    SD2_TEXT_LAYERS,
    SD2_TEXT_PREFIX,
    SDXL_TEXT_LAYERS,
    SDXL_TEXT_PREFIXES,
    UNET_PREFIX,
    VAE_PREFIX,
)
from calotype.diffusion.open_clip import open_clip_name, projecting_name

_BLOCKS = 3  # entries of the numbered lists for each level: two blocks and what changes the size; or three blocks
_LAST_VAE_LEVEL = 3
_RESNET = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
    "nin_shortcut": "conv_shortcut",
}
_ENDS = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
    "middle_block.0": "mid_block.resnets.0",
    "middle_block.1": "mid_block.attentions.0",
    "middle_block.2": "mid_block.resnets.1",
}
_VAE_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}


def part_and_name(key: str) -> tuple[str, str] | None:
    """The part ("unet", "vae", "text_encoder", "text_encoder_2") of a tensor, and its name there; None for others.

    In the text encoders of OpenCLIP some tensors are several in one, or turned: `open_clip.separated`.
    Source of the map: the module lists of openaimodel (CompVis/stable-diffusion) beside those of diffusers.
    """
    if key.startswith(UNET_PREFIX):
        return "unet", _unet_name(key.removeprefix(UNET_PREFIX))
    if key.startswith(VAE_PREFIX):
        return "vae", vae_name(key.removeprefix(VAE_PREFIX))
    return _text_place(key)


def _text_place(key: str) -> tuple[str, str] | None:
    first, second = SDXL_TEXT_PREFIXES
    for prefix in (SD1_TEXT_PREFIX, first):
        if key.startswith(prefix):
            return "text_encoder", key.removeprefix(prefix).removeprefix("text_model.")
    if key.startswith(SD2_TEXT_PREFIX):
        name = open_clip_name(key.removeprefix(SD2_TEXT_PREFIX), SD2_TEXT_LAYERS)
        return None if name is None else ("text_encoder", name)
    if key.startswith(second):
        name = projecting_name(key.removeprefix(second), SDXL_TEXT_LAYERS)
        return None if name is None else ("text_encoder_2", name)
    return None


def _unet_name(name: str) -> str:
    for old, new in _ENDS.items():
        if name.startswith(f"{old}."):
            return _renamed(new + name.removeprefix(old))
    found = re.fullmatch(r"(input|output)_blocks\.(\d+)\.(\d)\.(.+)", name)
    if not found:
        return name
    way, number, place, rest = found[1], int(found[2]), int(found[3]), found[4]
    number -= way == "input"  # the first entry of the way down is conv_in
    level, block = divmod(number, _BLOCKS)
    side = "down" if way == "input" else "up"
    if rest.startswith(("op.", "conv.")):
        return f"{side}_blocks.{level}.{side}samplers.0.conv.{rest.split('.')[-1]}"
    kind = "attentions" if place else "resnets"
    return _renamed(f"{side}_blocks.{level}.{kind}.{block}.{rest}")


def vae_name(name: str) -> str:
    """The name that diffusers gives to a tensor of a VAE."""
    found = re.fullmatch(r"(encoder\.down|decoder\.up)\.(\d)\.(block\.(\d)|(down|up)sample)\.(.+)", name)
    if found:
        side, level, rest = found[1], int(found[2]), found[6]
        level = level if side == "encoder.down" else _LAST_VAE_LEVEL - level
        inner = f"resnets.{found[4]}" if found[4] else f"{found[5]}samplers.0"
        return _renamed(f"{side}_blocks.{level}.{inner}.{rest}")
    found = re.fullmatch(r"(encoder|decoder)\.mid\.(block|attn)_(\d)\.(.+)", name)
    if found and found[2] == "block":
        return _renamed(f"{found[1]}.mid_block.resnets.{int(found[3]) - 1}.{found[4]}")
    if found:
        layer, end = found[4].rsplit(".", 1)
        return f"{found[1]}.mid_block.attentions.0.{_VAE_ATTENTION.get(layer, layer)}.{end}"
    return re.sub(r"^(encoder|decoder)\.norm_out\.", r"\1.conv_norm_out.", name)


def _renamed(name: str) -> str:
    for old, new in _RESNET.items():
        if f".{old}." in name:
            return name.replace(f".{old}.", f".{new}.")
    return name
