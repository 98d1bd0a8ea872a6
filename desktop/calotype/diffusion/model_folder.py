"""Recognise a base model in the diffusers folder layout from its configs and headers, before any weights are loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelMissingError, BaseModelUnsupportedError, InpaintingModelError
from calotype.domain.models import BaseModelCard, ModelFamily

_TEXT_WEIGHTS = ("model.safetensors", "model.fp16.safetensors")
WEIGHTS = {
    "unet": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "vae": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "text_encoder": _TEXT_WEIGHTS,
    "text_encoder_2": _TEXT_WEIGHTS,
}
FAMILY_BY_TEXT_WIDTH = {768: ModelFamily.SD1, 1024: ModelFamily.SD2}
# The second also names plain models in folders that were made to inpaint with them; the U-Net tells.
PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionXLPipeline",
    "StableDiffusionXLInpaintPipeline",
)
INPAINTING_INPUTS = 9  # channels: noisy latents, the mask, the latents of the picture around the hole
VAE_CLASSES = ("AutoencoderKL", "AutoencoderTiny")
TEXT_AND_FRAMING = "text_time"  # of Stable Diffusion XL, in diffusers: what its U-Net reads besides hidden states
FRAMING_NUMBERS = 6  # that say how a picture was framed; see `conditioning.Framing`


@dataclass(frozen=True, slots=True)
class TextPart:
    """Where a text encoder lies in a folder, and what is taken from it."""

    encoder: str = "text_encoder"
    tokenizer: str = "tokenizer"
    skipped_layers: int = 0  # counted from the end
    has_projection: bool = False


_ONE_ENCODER = (TextPart(),)
TEXT_PARTS = {
    ModelFamily.STARTER: _ONE_ENCODER,
    ModelFamily.SD1: _ONE_ENCODER,
    ModelFamily.SD2: _ONE_ENCODER,
    # Source: arXiv:2307.01952, section 2.1.
    ModelFamily.SDXL: (
        TextPart(skipped_layers=1),
        TextPart("text_encoder_2", "tokenizer_2", skipped_layers=1, has_projection=True),
    ),
}


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What the small files of a folder say of its model."""

    family: ModelFamily
    resolution_px: int
    prediction_type: str


def read_model_card(folder: Path, model_id: str, name: str) -> BaseModelCard:
    """Describe the model in `folder`. Raises a BaseModelError that says what is missing, foreign or truncated."""
    if not folder.is_dir():
        raise BaseModelMissingError(name, str(folder))
    facts = require_supported_configs(folder, name)
    encoders = [part.encoder for part in TEXT_PARTS[facts.family]]
    paths = [weights_path(folder, part, name) for part in ("unet", "vae", *encoders)]
    for path in paths:
        read_header(path)
    return BaseModelCard(
        id=model_id,
        name=name,
        folder=folder,
        family=facts.family,
        resolution_px=facts.resolution_px,
        prediction_type=facts.prediction_type,
        size_bytes=sum(path.stat().st_size for path in paths),
    )


def require_supported_configs(folder: Path, name: str) -> FolderFacts:
    """Read the small files of a folder; its weights need not be there yet. Raises the BaseModelError they call for."""
    pipeline = read_config(folder, "model_index.json", name).get("_class_name", "nothing")
    if pipeline not in PIPELINES:
        raise BaseModelUnsupportedError(name, f"its model_index.json names {pipeline}")
    unet = read_config(folder, "unet/config.json", name)
    vae = read_config(folder, "vae/config.json", name)
    scheduler = read_config(folder, "scheduler/scheduler_config.json", name)
    _require_supported(name, unet, vae)
    try:
        family, resolution = _family(unet), _side(unet) * vae_factor(vae)
    except (KeyError, TypeError, ValueError) as error:
        raise BaseModelUnsupportedError(name, f"its configuration cannot be read ({error})") from error
    _require_text_parts(folder, name, TEXT_PARTS[family], unet)
    return FolderFacts(family, resolution, str(scheduler.get("prediction_type", "epsilon")))


def weights_path(folder: Path, part: str, name: str) -> Path:
    """Find the weights of one part; pickle files are named and refused, never opened."""
    names = WEIGHTS[part]
    for candidate in names:
        if (folder / part / candidate).is_file():
            return folder / part / candidate
    if any((folder / part).glob("*.bin")):
        cause = f"the weights in {part} are a pickle file (.bin), which can run foreign code and is never opened"
        raise BaseModelUnsupportedError(name, cause)
    raise BaseModelMissingError(name, f"{part}/{names[0]}")


def vae_factor(vae_config: dict[str, Any]) -> int:
    """How many pixels one latent pixel stands for: each level of the VAE but the last halves the side."""
    channels = vae_config.get("encoder_block_out_channels") or vae_config.get("block_out_channels", (0, 0, 0, 0))
    return int(2 ** (len(channels) - 1))


def takes_no_prompt_as_zeros(folder: Path) -> bool:
    """Whether a model learned pictures without a caption by zeros, and not by what the encoders make of nothing.

    Where model_index.json is silent, the pipeline that it names decides, as in diffusers.
    """
    if not (folder / "model_index.json").is_file():
        return False
    index = read_config(folder, "model_index.json", folder.name)
    is_usual = str(index.get("_class_name")).startswith("StableDiffusionXL")
    return bool(index.get("force_zeros_for_empty_prompt", is_usual))


def _family(unet: dict[str, Any]) -> ModelFamily:
    width = int(unet["cross_attention_dim"])
    if unet.get("addition_embed_type") == TEXT_AND_FRAMING:
        return ModelFamily.SDXL
    return FAMILY_BY_TEXT_WIDTH.get(width, ModelFamily.STARTER)


def _require_text_parts(folder: Path, name: str, parts: Sequence[TextPart], unet: dict[str, Any]) -> None:
    """Every encoder with its tokenizer, as wide together as the words that the U-Net reads."""
    configs = [read_config(folder, f"{part.encoder}/config.json", name) for part in parts]
    for part in parts:
        for tokenizer_file in (f"{part.tokenizer}/vocab.json", f"{part.tokenizer}/merges.txt"):
            if not (folder / tokenizer_file).is_file():
                raise BaseModelMissingError(name, tokenizer_file)
    widths = [width for config in configs if isinstance(width := config.get("hidden_size"), int)]
    is_other = len(widths) == len(configs) and sum(widths) != unet["cross_attention_dim"]
    if is_other or (parts[-1].has_projection and not _reads_projection(unet, configs[-1])):
        raise BaseModelUnsupportedError(name, "its U-Net and its text encoders do not belong together")


def _reads_projection(unet: dict[str, Any], encoder: dict[str, Any]) -> bool:
    """Whether the U-Net is told as many numbers as the encoder makes of a whole prompt and those of the framing."""
    told, each = unet.get("projection_class_embeddings_input_dim"), unet.get("addition_time_embed_dim")
    pooled = encoder.get("projection_dim", 512)  # as transformers reads a configuration that is silent
    return isinstance(each, int) and isinstance(pooled, int) and told == pooled + FRAMING_NUMBERS * each


def _side(unet: dict[str, Any]) -> int:
    """The side of the latents that a U-Net was made for, which may be one number, a pair or missing."""
    size = unet.get("sample_size") or 64
    return int(size if isinstance(size, int | float) else min(size))


def _require_supported(name: str, unet: dict[str, Any], vae: dict[str, Any]) -> None:
    if unet.get("_class_name") != "UNet2DConditionModel":
        raise BaseModelUnsupportedError(name, f"its U-Net is a {unet.get('_class_name', 'model of unknown kind')}")
    if vae.get("_class_name") not in VAE_CLASSES:
        raise BaseModelUnsupportedError(name, f"its VAE is a {vae.get('_class_name', 'model of unknown kind')}")
    if unet.get("in_channels") == INPAINTING_INPUTS:
        raise InpaintingModelError(name)
    if unet.get("in_channels") != vae.get("latent_channels"):
        raise BaseModelUnsupportedError(name, "its U-Net and its VAE do not belong together")
    if vae.get("latents_mean"):
        raise BaseModelUnsupportedError(name, "its latents have a mean of their own, as those of Playground 2.5 do")
    if unet.get("addition_embed_type") not in (None, "text", TEXT_AND_FRAMING):
        cause = f"its U-Net reads more than words (addition_embed_type {unet['addition_embed_type']})"
        raise BaseModelUnsupportedError(name, cause)


def read_config(folder: Path, relative: str, name: str) -> dict[str, Any]:
    """Read one JSON file of a model folder. Raises BaseModelMissingError or BaseModelUnsupportedError."""
    try:
        config = json.loads((folder / relative).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BaseModelMissingError(name, relative) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BaseModelUnsupportedError(name, f"{relative} cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise BaseModelUnsupportedError(name, f"{relative} is not a configuration")
    return config
