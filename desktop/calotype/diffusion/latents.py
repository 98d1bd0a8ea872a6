"""Between pixels and latents, and between words and embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.text_encoders import read_prompts


def pixels_of(image: Image.Image) -> Tensor:
    """An RGB picture as a tensor in -1 to 1, shape (3, height, width)."""
    array = np.asarray(image.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(array / 127.5 - 1).permute(2, 0, 1)


def picture_of(pixels: Tensor) -> Image.Image:
    """A tensor in -1 to 1, shape (3, height, width), as a picture."""
    array = ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0)
    return Image.fromarray(array.to(torch.uint8).cpu().numpy())


@torch.no_grad()
def encode_pixels(model: BaseModel, pixels: Tensor) -> Tensor:
    """Latents as the U-Net expects them. Shapes: (batch, 3, h, w) to (batch, channels, h / factor, w / factor).

    AutoencoderKL gives a distribution, of which the mean is taken so that a picture always has the same latents.
    """
    encoded = model.vae.encode(pixels.to(model.device, torch.float32))
    latents = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
    shift = getattr(model.vae.config, "shift_factor", None) or 0.0
    scaled: Tensor = (latents - shift) * model.vae.config.scaling_factor
    return scaled


@torch.no_grad()
def decode_latents(model: BaseModel, latents: Tensor) -> Tensor:
    """Pixels in about -1 to 1. Shapes as in `encode_pixels`, the other way round."""
    shift = getattr(model.vae.config, "shift_factor", None) or 0.0
    scaled = latents.to(torch.float32) / model.vae.config.scaling_factor + shift
    pixels: Tensor = model.vae.decode(scaled).sample
    return pixels


@torch.no_grad()
def encode_prompts(model: BaseModel, prompts: Sequence[str]) -> Conditioning:
    """What the U-Net is told by these prompts, one after the other, of pictures that are not framed yet.

    What does not fit into the encoders' tokens is cut off. No prompt is zeros for a model that learned it so.
    """
    conditioning = read_prompts(model.text_encoders, prompts, model.clip_skip, model.dtype)
    is_empty = [model.takes_no_prompt_as_zeros and not prompt.strip() for prompt in prompts]
    return conditioning.silenced(is_empty) if any(is_empty) else conditioning
