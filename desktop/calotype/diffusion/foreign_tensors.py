"""Name what a safetensors file is that is no Stable Diffusion checkpoint, by the names and shapes of its tensors."""

from __future__ import annotations

import re

from calotype.diffusion.checkpoint_layout import CHECKPOINT_PREFIXES, UNET_PREFIX
from calotype.diffusion.safetensors_header import SafetensorsHeader
from calotype.domain.errors import (
    CheckpointPartMissingError,
    ControlGivenError,
    EmbeddingGivenError,
    LoraGivenError,
    ModelFileError,
    OtherArchitectureError,
    TextEncoderGivenError,
    VaeGivenError,
)
from calotype.domain.recognised import KIND_NAMES, ModelKind

KIND_BY_TEXT_WIDTH = {
    768: ModelKind.SD1,
    1024: ModelKind.SD2,
    2048: ModelKind.SDXL,
    1280: ModelKind.SDXL_REFINER,
}
LORA_KIND_BY_TEXT_WIDTH = {**KIND_BY_TEXT_WIDTH, 256: ModelKind.STARTER}
_KIND_BY_EMBEDDING_WIDTH = {768: ModelKind.SD1, 1024: ModelKind.SD2, 1280: ModelKind.SDXL}

_LORA = re.compile(
    r"\.lora_(down|up|mid|A|B)\.|\.lora\.(down|up)\.|_lora\.(down|up)\.|\.lora_linear_layer\.(down|up)\.|"
    r"\.(hada_w1|lokr_w1|oft_blocks)"
)
_LORA_INPUT = re.compile(r"attn2.*to_k.*(lora_down|lora_A|lora\.down)\b|attn2.*to_k\.hada_w1_b$")

# Whatever holds a tensor whose name begins so (after the prefix that checkpoints put before it). Order matters: the
# special before the general. Sources: the key names that diffusers' loaders/single_file_utils.py tells models apart by.
_ARCHITECTURES = (
    (r"distilled_guidance_layer\.", "a Chroma transformer"),
    (r"(double|single)_stream_modulation|single_stream_modulation", "a Flux 2 transformer"),
    (r"double_stream_blocks\.", "a HiDream transformer"),
    (r"txt_in\.individual_token_refiner\.", "a HunyuanVideo transformer"),
    (r"double_blocks\.|single_transformer_blocks\.", "a Flux transformer"),
    (r"joint_blocks\.|transformer_blocks\.\d+\.attn\.add_k_proj", "a Stable Diffusion 3 transformer"),
    (r"double_layers\.", "an AuraFlow transformer"),
    (r"patchify_proj\.", "an LTX video model"),
    (r"cap_embedder\.", "a Lumina or Z-Image transformer"),
    (r"txt_norm\.|txt_in\.text_norm", "a Qwen-Image transformer"),
    (r"head\.modulation|vace_blocks\.", "a Wan video model"),
    (r"clip_txt_mapper\.|(down|up)_blocks\.\d+\.\d+\.channelwise", "a Stable Cascade model"),
    (r"adaln_single\.|t_block\.1", "a PixArt transformer"),
    (r"edm_mean$", "a Playground 2.5 model"),
    (r"noise_augmentor\.", "a Stable unCLIP model"),
    (r".*motion_modules\.", "an AnimateDiff motion module"),
)
_CONTROLS = (
    (r"control_model\.|controlnet_cond_embedding\.|controlnet_down_blocks|input_hint_block\.", "a ControlNet"),
    (r"(adapter\.)?body\.0\.|adapter\.", "a T2I adapter"),
    (r"ip_adapter\.|image_proj", "an IP adapter"),
)
_TEXT_ENCODERS = r"text_model\.|(model\.)?transformer\.resblocks\.|encoder\.block\.0\.layer\.|encoder\.layers\.0\."
_BARE_VAE = r"(vae\.)?(encoder|decoder)\.(conv_in|down\.|up\.|down_blocks|up_blocks|mid)"
_BARE_UNET = r"(unet\.)?(input_blocks\.|down_blocks\.\d+\.(resnets|attentions)\.|middle_block\.)"


def foreign_error(name: str, header: SafetensorsHeader) -> ModelFileError | None:
    """The error that names what the file is; None if it may be a checkpoint, or if nothing known fits."""
    for answer in (_lora, _embedding, _steering, _other_architecture, _single_part):
        error = answer(name, header)
        if error is not None:
            return error
    return None


def _lora(name: str, header: SafetensorsHeader) -> LoraGivenError | None:
    keys = [key for key in header.shapes if _LORA.search(key)]
    if not keys or any(key.startswith(UNET_PREFIX + "input_blocks.") for key in header.shapes):
        return None
    first = keys[0]
    if first.startswith("base_model.model."):
        layout = "peft layout"
    elif first.startswith(("lora_", "lycoris_")):
        layout = "kohya layout"
    elif first.startswith(("diffusion_model.", UNET_PREFIX)):
        layout = "ComfyUI layout"
    else:
        layout = "diffusers layout"
    made_for = _lora_kind(header)
    return LoraGivenError(name, f"{layout}, for {made_for}" if made_for else layout)


def _lora_kind(header: SafetensorsHeader) -> str:
    """What the LoRA was made for: by the width of text that goes in, else by what its metadata says, else empty."""
    for key, shape in header.shapes.items():
        if len(shape) >= 2 and _LORA_INPUT.search(key.removesuffix(".weight")) and shape[1] in LORA_KIND_BY_TEXT_WIDTH:
            return KIND_NAMES[LORA_KIND_BY_TEXT_WIDTH[shape[1]]]
    return lora_kind_by_words(header)


def lora_kind_by_words(header: SafetensorsHeader) -> str:
    """What a LoRA was made for, by its metadata or, for Flux, the names of its layers; empty if neither tells."""
    said = (
        header.metadata.get("ss_base_model_version", "") or header.metadata.get("modelspec.architecture", "")
    ).lower()
    marks = {"sdxl": ModelKind.SDXL, "xl": ModelKind.SDXL, "v2": ModelKind.SD2, "v1": ModelKind.SD1}
    if "flux" in said or any("double_blocks" in key or "single_transformer" in key for key in header.shapes):
        return "Flux"
    return next((KIND_NAMES[kind] for mark, kind in marks.items() if mark in said), "")


def _embedding(name: str, header: SafetensorsHeader) -> EmbeddingGivenError | None:
    widths = {shape[-1] for shape in header.shapes.values() if 1 <= len(shape) <= 2}
    is_small = 1 <= len(header.shapes) <= 2 and all(1 <= len(shape) <= 2 for shape in header.shapes.values())
    known = [_KIND_BY_EMBEDDING_WIDTH[width] for width in sorted(widths) if width in _KIND_BY_EMBEDDING_WIDTH]
    if not is_small or len(known) != len(widths):
        return None
    if not all(_names_an_embedding(key) for key in header.shapes):
        return None
    return EmbeddingGivenError(name, KIND_NAMES[known[-1]])


def _names_an_embedding(key: str) -> bool:
    return key in ("emb_params", "clip_l", "clip_g") or key.startswith("<") or "." not in key


def _steering(name: str, header: SafetensorsHeader) -> ControlGivenError | None:
    found = _first_match(header, _CONTROLS)
    return ControlGivenError(name, found) if found else None


def _other_architecture(name: str, header: SafetensorsHeader) -> OtherArchitectureError | None:
    found = _first_match(header, _ARCHITECTURES)
    return OtherArchitectureError(name, found) if found else None


def _first_match(header: SafetensorsHeader, table: tuple[tuple[str, str], ...]) -> str:
    bare = [key.removeprefix(UNET_PREFIX) for key in header.shapes]
    for pattern, found in table:
        matches = re.compile(pattern).match
        if any(matches(key) for key in bare):
            return found
    return ""


def _single_part(name: str, header: SafetensorsHeader) -> ModelFileError | None:
    """A VAE, U-Net or text encoder without the prefix that it has inside a checkpoint, or such a part of one alone."""
    prefixes = {prefix for prefix in CHECKPOINT_PREFIXES if any(key.startswith(prefix) for key in header.shapes)}
    if prefixes == {"first_stage_model."}:
        return VaeGivenError(name)
    if prefixes and UNET_PREFIX not in prefixes and "first_stage_model." not in prefixes:
        return TextEncoderGivenError(name)
    if prefixes:
        return None
    if _has_key_like(header, _BARE_UNET):
        return CheckpointPartMissingError(name, "Stable Diffusion", "a U-Net", "VAE and no text encoder")
    if _has_key_like(header, _TEXT_ENCODERS):
        return TextEncoderGivenError(name)
    return VaeGivenError(name) if _has_key_like(header, _BARE_VAE) else None


def _has_key_like(header: SafetensorsHeader, pattern: str) -> bool:
    return any(re.match(pattern, key) for key in header.shapes)
