"""The first part of the recipe: the VAE, which turns pictures of 128 pixels into latents of 16 and back.

AutoencoderTiny, because it costs a third of AutoencoderKL per pixel on a CPU, in training and in every preview, and
reconstructs these pictures as well. Its latents are kept at unit spread by two small penalties, and noise is added to
them, so that latents a little off still decode well: the U-Net's will be.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from art import Sprite
from diffusers import AutoencoderTiny
from scenes import Jitter, draw_scene, paint, plain_scene
from team import Team
from torch import Tensor
from torch.nn import functional
from words import COLOURS

from training import Group

VAE_JITTER = Jitter(scale=(0.7, 1.05), angle_deg=8.0, roam=0.45, flip=0.5, gradients=0.2)
MEASURED_AT_MOST = 48


@dataclass(frozen=True, slots=True)
class VaeSizes:
    """What the VAE is made of, and how it is trained."""

    width: int = 32
    latent_channels: int = 4
    encoder_blocks: tuple[int, ...] = (0, 2, 2, 3)
    decoder_blocks: tuple[int, ...] = (3, 3, 2, 1)
    batch_size: int = 16  # of each member
    crop_px: int = 64
    learning_rate: float = 2e-3
    noise: float = 0.08  # added to latents of unit spread


def new_vae(sizes: VaeSizes) -> Any:
    """An untrained VAE."""
    widths = (sizes.width,) * len(sizes.encoder_blocks)
    vae = AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=sizes.encoder_blocks,
        num_decoder_blocks=sizes.decoder_blocks,
        latent_channels=sizes.latent_channels,
    )
    vae.register_to_config(block_out_channels=list(widths))  # StableDiffusionPipeline reads the VAE's factor from it
    return vae


class VaeTask:
    """Trains on crops; measures on whole pictures of held-out things."""

    def __init__(
        self, vae: Any, sizes: VaeSizes, sprites: list[Sprite], held_out: list[Sprite], team: Team, folder: Path
    ) -> None:
        self.vae = vae.to(team.device).to(memory_format=torch.channels_last)
        self._sizes, self._device, self._folder = sizes, team.device, folder
        self._sprites = torch.stack([sprite.pixels for sprite in sprites])
        self._measured = held_out_pictures(held_out, team.device)

    def groups(self) -> list[Group]:
        """All weights."""
        return [Group(list(self.vae.parameters()), self._sizes.learning_rate, 1e-4)]

    def loss(self, chance: random.Random) -> Tensor:
        """Distance of reconstruction and picture, and of the latents from unit spread."""
        count = len(self._sprites)
        scenes = [draw_scene(chance.randrange(count), VAE_JITTER, chance) for _ in range(self._sizes.batch_size)]
        pictures = paint(self._sprites, scenes, self._device, self._sizes.crop_px)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16):
            latents = self.vae.encode(pictures).latents.float()
            seen = self.vae.decode(latents + self._sizes.noise * torch.randn_like(latents)).sample.float()
        spread = (latents.std((0, 2, 3)) - 1).square().mean() + latents.mean((0, 2, 3)).square().mean()
        loss: Tensor = distance(seen, pictures) + 1e-3 * latents.square().mean() + 2e-2 * spread
        return loss

    def report(self) -> str:
        """PSNR on held-out things."""
        return f"held-out PSNR {psnr_db(self.vae, self._measured):.2f} dB"

    @torch.no_grad()
    def write(self) -> None:
        """The VAE, with the scale that brings its latents to unit spread."""
        with torch.autocast(self._device.type, torch.bfloat16):
            spread = float(self.vae.encode(self._measured).latents.float().std())
        self.vae.register_to_config(scaling_factor=round(1 / spread, 5))
        self.vae.save_pretrained(self._folder)


def distance(seen: Tensor, pictures: Tensor) -> Tensor:
    """Mean absolute and squared error, and the error of edges at two scales. Shapes: (batch, 3, h, w) in -1…1."""
    total = (seen - pictures).abs().mean() + functional.mse_loss(seen, pictures)
    for scale in (1, 2):
        error = seen - pictures if scale == 1 else functional.avg_pool2d(seen - pictures, scale)
        total = total + 0.5 * (error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean())
    return total


def held_out_pictures(held_out: list[Sprite], device: torch.device) -> Tensor:
    """Every held-out sprite on a named background, (count, 3, side, side) in -1…1; always the same pictures."""
    colours = list(COLOURS)
    few = held_out[:MEASURED_AT_MOST]
    scenes = [plain_scene(place, colours[place % len(colours)]) for place in range(len(few))]
    return paint(torch.stack([sprite.pixels for sprite in few]), scenes, device)


@torch.no_grad()
def psnr_db(vae: Any, pictures: Tensor) -> float:
    """Mean over pictures of the peak signal-to-noise ratio of their reconstruction, in decibels."""
    seen = vae.decode(vae.encode(pictures).latents).sample.clamp(-1, 1)
    error = ((seen - pictures) / 2).square().mean((1, 2, 3))
    return float((-10 * torch.log10(error)).mean())
