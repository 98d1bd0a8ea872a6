"""Say which layer, and what of it, a tensor in a LoRA file is, whichever program named it.

Read are the names of kohya's sd-scripts and LyCORIS (`lora_unet_…`, with the layers called as diffusers or as the
original programs do), diffusers old and new (`unet.…lora.down`, `…processor.to_q_lora.down`, `…lora_A`), peft
(`base_model.model.…`) and ComfyUI (`diffusion_model.…`). Sources: networks/lora.py of sd-scripts, lycoris/modules of
LyCORIS, loaders/lora_conversion_utils.py of diffusers, comfy/lora.py of ComfyUI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from calotype.diffusion.checkpoint_layout import UNET, UNET_PREFIX, checkpoint_parts
from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.lora_names import names_by_underscores
from calotype.diffusion.sgm_names import UnetNames
from calotype.domain.lora_blocks import BlockGroup, group_of
from calotype.domain.recognised import ModelKind


class LoraPart(StrEnum):
    """The network that a layer is in."""

    UNET = "unet"
    TEXT_ENCODER = "text_encoder"
    SECOND_TEXT_ENCODER = "second_text_encoder"  # of Stable Diffusion XL


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor belongs. `layer`: dotted, as diffusers and transformers call it; `role`: one of ROLES."""

    part: LoraPart
    layer: str
    role: str


_ENDINGS = {
    r"(\.lora_down|\.lora\.down|_lora\.down|\.lora_linear_layer\.down|\.lora_A(\.default)?)\.weight": "down",
    r"(\.lora_up|\.lora\.up|_lora\.up|\.lora_linear_layer\.up|\.lora_B(\.default)?)\.weight": "up",
    r"\.lora_mid\.weight": "mid",
    r"\.alpha": "alpha",
    r"\.dora_scale": "dora_scale",
    r"\.lora_magnitude_vector(\.default)?(\.weight)?": "magnitude",
    r"\.diff": "diff",
    **{rf"\.{name}": name for name in ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2")},
    **{rf"\.{name}": name for name in ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b")},
    r"\.lokr_t2": "lokr_t2",
}
ROLES = frozenset(_ENDINGS.values())
_ENDING_PATTERNS = [(re.compile(f"(.+?){ending}"), role) for ending, role in _ENDINGS.items()]

_UNDERSCORED = {
    "lora_unet_": LoraPart.UNET,
    "lycoris_": LoraPart.UNET,
    "lora_te_": LoraPart.TEXT_ENCODER,
    "lora_te1_": LoraPart.TEXT_ENCODER,
    "lora_te2_": LoraPart.SECOND_TEXT_ENCODER,
}
_DOTTED = {
    "text_encoders.clip_l.transformer.": LoraPart.TEXT_ENCODER,
    "text_encoders.clip_g.transformer.": LoraPart.SECOND_TEXT_ENCODER,
    "clip_l.transformer.": LoraPart.TEXT_ENCODER,
    "text_encoder_2.": LoraPart.SECOND_TEXT_ENCODER,
    "text_encoder.": LoraPart.TEXT_ENCODER,
    "base_model.model.unet.": LoraPart.UNET,
    "base_model.model.": LoraPart.UNET,
    UNET_PREFIX: LoraPart.UNET,
    "diffusion_model.": LoraPart.UNET,
    "unet.": LoraPart.UNET,
}
_TEXT_LAYER = re.compile(
    r"(?:text_model[._])?encoder[._]layers[._](\d+)[._](?:self_attn[._]([qkv]|out)_proj|mlp[._](fc[12]))"
)


def place_of(key: str) -> Place | None:
    """Where the tensor belongs; None if this says nothing of a layer of Stable Diffusion."""
    for pattern, role in _ENDING_PATTERNS:
        found = pattern.fullmatch(key)
        if found:
            layer = _layer(found[1])
            return Place(layer[0], layer[1], role) if layer else None
    return None


def is_layer(part: LoraPart, name: str) -> bool:
    """Whether a network of Stable Diffusion has a layer of this name that LoRAs change."""
    if part is LoraPart.UNET:
        return names_by_underscores().get(name.replace(".", "_")) == name
    return _text_layer(name) == name


def block_of(part: LoraPart, layer: str) -> str:
    """The block of the model that a layer is in, as `domain.lora_blocks` calls it.

    The first layers of the U-Net belong to its way down and the last one to its way up, but to no single block there.
    """
    if part is not LoraPart.UNET:
        return f"{BlockGroup.TEXT}{2 if part is LoraPart.SECOND_TEXT_ENCODER else 1}"
    kind, _, rest = layer.partition(".")
    if kind in ("down_blocks", "up_blocks"):
        return f"{kind.removesuffix('_blocks')}{int(rest.partition('.')[0]) + 1}"
    return {"mid_block": BlockGroup.MIDDLE, "conv_out": BlockGroup.UP}.get(kind, BlockGroup.DOWN).value


def blocks_of(layers: Iterable[tuple[LoraPart, str]]) -> tuple[str, ...]:
    """The blocks that these layers are in, as a prompt goes through them."""
    order = list(BlockGroup)
    return tuple(
        sorted({block_of(*layer) for layer in layers}, key=lambda block: (order.index(group_of(block)), block))
    )


def kohya_stem(part: LoraPart, layer: str, *, is_xl: bool) -> str:
    """What sd-scripts write before the point: names of diffusers, and for Stable Diffusion XL the original ones."""
    if part is LoraPart.UNET:
        names = UnetNames.SGM if is_xl else UnetNames.DIFFUSERS
        return f"lora_unet_{names.underscored(layer)}"
    prefix = "lora_te2_" if part is LoraPart.SECOND_TEXT_ENCODER else "lora_te1_" if is_xl else "lora_te_"
    return f"{prefix}text_model_{layer.replace('.', '_')}"


@cache
def _layer(stem: str) -> tuple[LoraPart, str] | None:
    for prefix, part in _UNDERSCORED.items():
        if stem.startswith(prefix):
            rest = stem.removeprefix(prefix)
            name = _unet_by_underscores(rest) if part is LoraPart.UNET else _text_layer(rest)
            return (part, name) if name else None
    part = LoraPart.UNET
    for prefix, named in _DOTTED.items():
        if stem.startswith(prefix):
            stem, part = stem.removeprefix(prefix), named
            break
    name = _unet_by_dots(stem) if part is LoraPart.UNET else _text_layer(stem)
    return (part, name) if name else None


def _text_layer(name: str) -> str:
    found = _TEXT_LAYER.fullmatch(name)
    if found is None:
        return ""
    return f"encoder.layers.{found[1]}." + (f"self_attn.{found[2]}_proj" if found[2] else f"mlp.{found[3]}")


def _unet_by_underscores(name: str) -> str:
    return names_by_underscores().get(name) or _original_names().get(name, "")


def _unet_by_dots(name: str) -> str:
    """From the names of diffusers, where older versions put a processor in between, or of the original programs."""
    plain = re.sub(r"\.processor\.(to_[qkv])$", r".\1", re.sub(r"\.processor\.to_out$", ".to_out.0", name))
    return _unet_by_underscores(plain.replace(".", "_")) if not plain.startswith("_") else ""


@cache
def _original_names() -> dict[str, str]:
    """The dotted name in diffusers of each layer by its name with underscores in the original programs."""
    kinds = (ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL)
    return {original: name for kind in kinds for original, name in _original_layers(kind)}


def _original_layers(kind: ModelKind) -> Iterator[tuple[str, str]]:
    for key in checkpoint_parts(kind)[UNET]:
        place = part_and_name(key)
        name = place[1].removesuffix(".weight") if place else ""
        if names_by_underscores().get(name.replace(".", "_")) == name:
            yield key.removeprefix(UNET_PREFIX).removesuffix(".weight").replace(".", "_"), name
