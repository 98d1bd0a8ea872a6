"""The names and shapes of every tensor in a whole single-file checkpoint, built from the published configurations.

Sources: configs/stable-diffusion/v1-inference.yaml of CompVis/stable-diffusion, v2-inference.yaml of
Stability-AI/stablediffusion, sd_xl_base.yaml and sd_xl_refiner.yaml of Stability-AI/generative-models; names from
their modules openaimodel, attention and autoencoder, and from open_clip and CLIP for the text encoders.
"""

from __future__ import annotations

from functools import cache

from calotype.diffusion.unet_layout import UNETS, Tensors, layer, unet_tensors
from calotype.domain.recognised import ModelKind

Shape = tuple[int, ...]

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
SD1_TEXT_PREFIX = "cond_stage_model.transformer."
SD2_TEXT_PREFIX = "cond_stage_model.model."
SDXL_TEXT_PREFIX = "conditioner.embedders."
SDXL_TEXT_PREFIXES = (f"{SDXL_TEXT_PREFIX}0.transformer.", f"{SDXL_TEXT_PREFIX}1.model.")  # CLIP L, OpenCLIP bigG
CHECKPOINT_PREFIXES = (UNET_PREFIX, VAE_PREFIX, "cond_stage_model.", SDXL_TEXT_PREFIX)

UNET, VAE, TEXT_ENCODER, SECOND_TEXT_ENCODER = "U-Net", "VAE", "text encoder", "second text encoder"

_VAE_CHANNELS = (128, 256, 512, 512)
_VOCABULARY, _TEXT_LENGTH = 49408, 77
SDXL_TEXT_LAYERS = 32  # of the second
SD2_TEXT_LAYERS = 23  # of the 24 that OpenCLIP-H has: the last one is left out, whether or not a file holds it


@cache
def checkpoint_parts(kind: ModelKind, latent_inputs: int = 4) -> dict[str, dict[str, Shape]]:
    """Name and shape of each tensor that a checkpoint of this kind needs, part by part.

    `latent_inputs` is 4, or 9 for inpainting. What programs leave out without harm is not listed: position numbers,
    the logit scale, and the last layer of the text encoder of Stable Diffusion 2, which it does not use.
    """
    parts = {
        UNET: _prefixed(UNET_PREFIX, unet_tensors(UNETS[kind], latent_inputs)),
        VAE: _prefixed(VAE_PREFIX, _vae()),
    }
    match kind:
        case ModelKind.SD1:
            parts[TEXT_ENCODER] = _prefixed(SD1_TEXT_PREFIX, _clip(768, 12))
        case ModelKind.SD2:
            parts[TEXT_ENCODER] = _prefixed(SD2_TEXT_PREFIX, _open_clip(1024, SD2_TEXT_LAYERS, has_projection=False))
        case ModelKind.SDXL:
            parts[TEXT_ENCODER] = _prefixed(SDXL_TEXT_PREFIXES[0], _clip(768, 12))
            parts[SECOND_TEXT_ENCODER] = _prefixed(SDXL_TEXT_PREFIXES[1], _open_clip(1280, SDXL_TEXT_LAYERS))
        case _:
            parts[TEXT_ENCODER] = _prefixed(f"{SDXL_TEXT_PREFIX}0.model.", _open_clip(1280, 32))
    return parts


def _prefixed(prefix: str, tensors: Tensors) -> dict[str, Shape]:
    return {prefix + name: shape for name, shape in tensors}


def _vae() -> Tensors:
    first, last = _VAE_CHANNELS[0], _VAE_CHANNELS[-1]
    yield from layer("encoder.conv_in", first, 3, 3, 3)
    yield from _vae_levels("encoder.down", "downsample", first, blocks=2, is_upwards=False)
    yield from _vae_middle("encoder.mid", last)
    yield from layer("encoder.norm_out", last)
    yield from layer("encoder.conv_out", 8, last, 3, 3)
    yield from layer("decoder.conv_in", last, 4, 3, 3)
    yield from _vae_middle("decoder.mid", last)
    yield from _vae_levels("decoder.up", "upsample", last, blocks=3, is_upwards=True)
    yield from layer("decoder.norm_out", first)
    yield from layer("decoder.conv_out", 3, first, 3, 3)
    yield from layer("quant_conv", 8, 8, 1, 1)
    yield from layer("post_quant_conv", 4, 4, 1, 1)


def _vae_levels(prefix: str, resample: str, channels: int, blocks: int, *, is_upwards: bool) -> Tensors:
    levels = list(enumerate(_VAE_CHANNELS))
    for level, out in reversed(levels) if is_upwards else levels:
        for block in range(blocks):
            yield from _vae_block(f"{prefix}.{level}.block.{block}", channels, out)
            channels = out
        if level != (0 if is_upwards else len(levels) - 1):
            yield from layer(f"{prefix}.{level}.{resample}.conv", out, out, 3, 3)


def _vae_middle(prefix: str, channels: int) -> Tensors:
    yield from _vae_block(f"{prefix}.block_1", channels, channels)
    yield from layer(f"{prefix}.attn_1.norm", channels)
    for name in ("q", "k", "v", "proj_out"):
        yield from layer(f"{prefix}.attn_1.{name}", channels, channels, 1, 1)
    yield from _vae_block(f"{prefix}.block_2", channels, channels)


def _vae_block(prefix: str, channels: int, out: int) -> Tensors:
    yield from layer(f"{prefix}.norm1", channels)
    yield from layer(f"{prefix}.conv1", out, channels, 3, 3)
    yield from layer(f"{prefix}.norm2", out)
    yield from layer(f"{prefix}.conv2", out, out, 3, 3)
    if channels != out:
        yield from layer(f"{prefix}.nin_shortcut", out, channels, 1, 1)


def _clip(width: int, layers: int) -> Tensors:
    yield "text_model.embeddings.token_embedding.weight", (_VOCABULARY, width)
    yield "text_model.embeddings.position_embedding.weight", (_TEXT_LENGTH, width)
    for number in range(layers):
        prefix = f"text_model.encoder.layers.{number}"
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            yield from layer(f"{prefix}.self_attn.{name}", width, width)
        yield from layer(f"{prefix}.layer_norm1", width)
        yield from layer(f"{prefix}.mlp.fc1", 4 * width, width)
        yield from layer(f"{prefix}.mlp.fc2", width, 4 * width)
        yield from layer(f"{prefix}.layer_norm2", width)
    yield from layer("text_model.final_layer_norm", width)


def _open_clip(width: int, layers: int, *, has_projection: bool = True) -> Tensors:
    yield "positional_embedding", (_TEXT_LENGTH, width)
    yield "token_embedding.weight", (_VOCABULARY, width)
    for number in range(layers):
        prefix = f"transformer.resblocks.{number}"
        yield f"{prefix}.attn.in_proj_weight", (3 * width, width)
        yield f"{prefix}.attn.in_proj_bias", (3 * width,)
        yield from layer(f"{prefix}.attn.out_proj", width, width)
        yield from layer(f"{prefix}.ln_1", width)
        yield from layer(f"{prefix}.mlp.c_fc", 4 * width, width)
        yield from layer(f"{prefix}.mlp.c_proj", width, 4 * width)
        yield from layer(f"{prefix}.ln_2", width)
    yield from layer("ln_final", width)
    if has_projection:
        yield "text_projection", (width, width)
