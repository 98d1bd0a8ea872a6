"""Recognise a base model in the diffusers folder layout from its configs and headers, before any weights are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelMissingError, BaseModelUnsupportedError, InpaintingModelError
from calotype.domain.models import BaseModelCard, ModelFamily

WEIGHTS = {
    "unet": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "vae": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "text_encoder": ("model.safetensors", "model.fp16.safetensors"),
}
FAMILY_BY_TEXT_WIDTH = {768: ModelFamily.SD1, 1024: ModelFamily.SD2}
# The second also names plain models in folders that were made to inpaint with them; the U-Net tells.
PIPELINES = ("StableDiffusionPipeline", "StableDiffusionInpaintPipeline")
INPAINTING_INPUTS = 9  # channels: noisy latents, the mask, the latents of the picture around the hole
VAE_CLASSES = ("AutoencoderKL", "AutoencoderTiny")


def read_model_card(folder: Path, model_id: str, name: str) -> BaseModelCard:
    """Describe the model in `folder`. Raises a BaseModelError that says what is missing, foreign or truncated."""
    if not folder.is_dir():
        raise BaseModelMissingError(name, str(folder))
    require_supported_configs(folder, name)
    unet = read_config(folder, "unet/config.json", name)
    vae = read_config(folder, "vae/config.json", name)
    scheduler = read_config(folder, "scheduler/scheduler_config.json", name)
    paths = [weights_path(folder, part, name) for part in WEIGHTS]
    for path in paths:
        read_header(path)
    try:
        width, resolution = int(unet["cross_attention_dim"]), _side(unet) * vae_factor(vae)
    except (KeyError, TypeError, ValueError) as error:
        raise BaseModelUnsupportedError(name, f"its configuration cannot be read ({error})") from error
    return BaseModelCard(
        id=model_id,
        name=name,
        folder=folder,
        family=FAMILY_BY_TEXT_WIDTH.get(width, ModelFamily.STARTER),
        resolution_px=resolution,
        prediction_type=str(scheduler.get("prediction_type", "epsilon")),
        size_bytes=sum(path.stat().st_size for path in paths),
    )


def require_supported_configs(folder: Path, name: str) -> None:
    """Raise the BaseModelError that the small files of a folder call for; its weights need not be there yet."""
    pipeline = read_config(folder, "model_index.json", name).get("_class_name", "nothing")
    if pipeline not in PIPELINES:
        raise BaseModelUnsupportedError(name, f"its model_index.json names {pipeline}")
    unet = read_config(folder, "unet/config.json", name)
    vae = read_config(folder, "vae/config.json", name)
    read_config(folder, "text_encoder/config.json", name)
    read_config(folder, "scheduler/scheduler_config.json", name)
    _require_supported(name, unet, vae)
    for tokenizer_file in ("tokenizer/vocab.json", "tokenizer/merges.txt"):
        if not (folder / tokenizer_file).is_file():
            raise BaseModelMissingError(name, tokenizer_file)


def weights_path(folder: Path, part: str, name: str) -> Path:
    """Find the weights of one part; pickle files are named and refused, never opened."""
    names = WEIGHTS.get(part, WEIGHTS["text_encoder"])
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
    if unet.get("addition_embed_type") == "text_time":
        raise BaseModelUnsupportedError(name, "it is a Stable Diffusion XL model, which this version cannot train yet")


def read_config(folder: Path, relative: str, name: str) -> dict[str, Any]:
    """Read one JSON file of a model folder. Raises BaseModelMissingError or BaseModelUnsupportedError."""
    try:
        config = json.loads((folder / relative).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BaseModelMissingError(name, relative) from None
    except (OSError, ValueError) as error:
        raise BaseModelUnsupportedError(name, f"{relative} cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise BaseModelUnsupportedError(name, f"{relative} is not a configuration")
    return config
