"""The second part of the recipe: the U-Net and the text encoder, trained together on latents that were made once.

Two choices make it learn in an hour what usually takes a farm. The text also reaches every ResNet block through the
time embedding (`addition_embed_type="text"` with scale and shift: stock options, and the U-Net is still called like
Stable Diffusion's). And the token embeddings start with a spread of 0.7 instead of CLIP's 0.02: with 0.02 the common
output of the layers drowns them, and an encoder that starts from nothing collapses onto the background's colour.

v-prediction with zero terminal SNR, since epsilon-prediction cannot reach plain white or black backgrounds.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from art import Sprite
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from scenes import Jitter, draw_scene, paint
from team import Team
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel
from words import draw_caption, standard_caption

from training import Group

TIMESTEPS = 1000
TOKEN_SPREAD, POSITION_SPREAD = 0.7, 0.1
MIN_SNR_GAMMA = 5.0
NOISY_POWER = 0.75  # below 1: more of the noisy timesteps, at which shapes are decided
ENCODED_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class DenoiserSizes:
    """What the U-Net and the text encoder are made of, and how they are trained."""

    channels: tuple[int, ...] = (64, 128, 256)
    heads: tuple[int, ...] = (1, 2, 4)
    text_width: int = 256
    text_layers: int = 3
    batch_size: int = 32  # of each member
    variants: int = 30  # pictures of each sprite, for each member
    learning_rate: float = 1.5e-3
    text_share: float = 0.25  # of the learning rate


def new_scheduler() -> DDIMScheduler:
    """Stable Diffusion's betas, rescaled to zero terminal SNR. Source: arXiv:2305.08891."""
    return DDIMScheduler(
        num_train_timesteps=TIMESTEPS,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )


def new_text_encoder(sizes: DenoiserSizes, tokenizer: Any) -> Any:
    """An untrained CLIP text encoder whose words can be told apart."""
    width = sizes.text_width
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=3 * width,
        projection_dim=width,
        num_hidden_layers=sizes.text_layers,
        num_attention_heads=4,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    encoder = CLIPTextModel(config)
    for name, weights in encoder.named_parameters():
        if "token_embedding" in name:
            nn.init.normal_(weights, std=TOKEN_SPREAD)
        elif "position_embedding" in name:
            nn.init.normal_(weights, std=POSITION_SPREAD)
    return encoder


def new_unet(sizes: DenoiserSizes, latent_channels: int) -> Any:
    """An untrained U-Net; no attention at the finest level, which is most of the pixels and needs it least."""
    levels = len(sizes.channels)
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=sizes.channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D", *("CrossAttnDownBlock2D",) * (levels - 1)),
        up_block_types=(*("CrossAttnUpBlock2D",) * (levels - 1), "UpBlock2D"),
        cross_attention_dim=sizes.text_width,
        attention_head_dim=sizes.heads,  # in this class the number of heads
        norm_num_groups=32,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        resnet_time_scale_shift="scale_shift",
    )


@dataclass(frozen=True, slots=True)
class Latents:
    """Pictures, encoded. Shapes: values (count, channels, h, w) in half precision."""

    values: Tensor
    labels: tuple[str, ...]
    backgrounds: tuple[str, ...]


@torch.no_grad()
def encode(vae: Any, sprites: list[Sprite], variants: int, chance: random.Random, device: torch.device) -> Latents:
    """Draw each sprite `variants` times and encode the pictures, scaled to unit spread."""
    pixels = torch.stack([sprite.pixels for sprite in sprites])
    scenes = [draw_scene(place, Jitter(), chance) for _ in range(variants) for place in range(len(sprites))]
    values = []
    for start in range(0, len(scenes), ENCODED_AT_ONCE):
        pictures = paint(pixels, scenes[start : start + ENCODED_AT_ONCE], device)
        with torch.autocast(device.type, torch.bfloat16):
            encoded = vae.encode(pictures.contiguous(memory_format=torch.channels_last)).latents
        values.append((encoded.float() * vae.config.scaling_factor).half())
    labels = tuple(sprites[scene.sprite].label for scene in scenes)
    return Latents(torch.cat(values), labels, tuple(scene.background for scene in scenes))


def token_ids(tokenizer: Any, captions: list[str], device: torch.device) -> Tensor:
    """Token ids, (batch, tokens)."""
    encoded = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
    ids: Tensor = encoded.input_ids.to(device)
    return ids


class DenoiserTask:
    """Trains the U-Net and the text encoder on random latents, captions, timesteps and noises."""

    def __init__(
        self, unet: Any, text_encoder: Any, tokenizer: Any, sizes: DenoiserSizes, latents: Latents, team: Team
    ) -> None:
        self.unet = unet.to(team.device)  # not channels_last: group norm on a CPU is half as fast there
        self.text_encoder, self._tokenizer = text_encoder.to(team.device), tokenizer
        self._sizes, self._latents, self._device = sizes, latents, team.device
        self._alphas = new_scheduler().alphas_cumprod.to(team.device)
        if team.device.type == "cpu":  # for heads this small plain products beat the CPU's fused kernel; not stored
            self.unet.set_attn_processor(AttnProcessor())
        self.folder: Path | None = None

    def groups(self) -> list[Group]:
        """The text encoder learns more slowly, and without decay, or its words run together."""
        rate = self._sizes.learning_rate
        return [
            Group(list(self.unet.parameters()), rate),
            Group(list(self.text_encoder.parameters()), rate * self._sizes.text_share, 0.0),
        ]

    def loss(self, chance: random.Random) -> Tensor:
        """The weighted error of v on a fresh batch; timesteps one from each part of the range, more of them noisy."""
        count = self._sizes.batch_size
        places = [chance.randrange(len(self._latents.labels)) for _ in range(count)]
        captions = [
            draw_caption(self._latents.labels[place], self._latents.backgrounds[place], chance) for place in places
        ]
        parts = (torch.arange(count) + torch.rand(count)) / count
        timesteps = (parts**NOISY_POWER * TIMESTEPS).long().clamp(max=TIMESTEPS - 1)
        clean = self._latents.values[places].float().to(self._device)
        losses = self.losses(clean, captions, timesteps.to(self._device), torch.randn(clean.shape).to(self._device))
        return losses.mean()

    def losses(self, clean: Tensor, captions: list[str], timesteps: Tensor, noise: Tensor) -> Tensor:
        """Each picture's mean squared error of v, with min-SNR weights that stay 1 where the SNR is 0.

        Shapes: clean, noise (batch, channels, h, w), timesteps (batch,), result (batch,). Source: arXiv:2303.09556.
        """
        alpha = self._alphas[timesteps][:, None, None, None]
        noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
        target = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
        with torch.autocast(self._device.type, torch.bfloat16):
            embeddings = self.text_encoder(token_ids(self._tokenizer, captions, self._device))[0]
            seen = self.unet(noisy, timesteps, embeddings).sample
        snr_plus_one = 1 / (1 - self._alphas[timesteps]).clamp_min(1e-6)
        weights = snr_plus_one.clamp(max=MIN_SNR_GAMMA + 1) / snr_plus_one
        losses: Tensor = (seen.float() - target).square().mean((1, 2, 3)) * weights
        return losses

    @torch.no_grad()
    def report(self) -> str:
        """How much worse a wrong name makes it than the right one: no difference means a collapsed text encoder."""
        places = list(range(0, len(self._latents.labels), max(1, len(self._latents.labels) // 48)))[:48]
        labels = [self._latents.labels[place] for place in places]
        colours = [self._latents.backgrounds[place] for place in places]
        clean = self._latents.values[places].float().to(self._device)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(3)).to(self._device)
        timesteps = torch.full((len(places),), 850, device=self._device)
        loss = {
            name: float(self.losses(clean, captions, timesteps, noise).mean())
            for name, captions in (
                ("right", list(map(standard_caption, labels, colours))),
                ("wrong name", list(map(standard_caption, labels[1:] + labels[:1], colours))),
                ("wrong colour", list(map(standard_caption, labels, colours[5:] + colours[:5]))),
            )
        }
        return "loss at 850: " + ", ".join(f"{name} {value:.4f}" for name, value in loss.items())

    def write(self) -> None:
        """Write the pipeline where `folder` says."""
        from pipeline import write_parts

        if self.folder is not None:
            write_parts(self.folder, self.unet, self.text_encoder)
