"""From noise to a picture: the denoising loop, one step at a time, so that it can be watched and stopped."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from PIL import Image
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.conditioning import Framing
from calotype.diffusion.latents import decode_latents, encode_prompts, picture_of


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How a picture is drawn; the seeds and prompts come beside it."""

    width_px: int
    height_px: int
    sampling_steps: int
    guidance: float


def make_scheduler(model: BaseModel) -> tuple[Any, str]:
    """The sampler for this model, and its name as other programs write it.

    A model with zero terminal SNR needs trailing timesteps and a first step from pure noise, which DDIM takes exactly.
    """
    if model.scheduler_config.get("rescale_betas_zero_snr"):
        exact = {"clip_sample": False, "thresholding": False, "timestep_spacing": "trailing"}
        return DDIMScheduler.from_config({**model.scheduler_config, **exact}), "DDIM"
    config = {**model.scheduler_config, "algorithm_type": "dpmsolver++", "use_karras_sigmas": True}
    known = {
        key: value for key, value in config.items() if key not in ("skip_prk_steps", "set_alpha_to_one", "clip_sample")
    }
    return DPMSolverMultistepScheduler.from_config(known), "DPM++ 2M Karras"


def starting_noise(model: BaseModel, settings: SamplingSettings, seeds: Sequence[int]) -> Tensor:
    """Noise that depends on each seed alone, drawn on the CPU so that every device starts alike.

    Shape: (seeds, channels, height / factor, width / factor).
    """
    shape = (
        1,
        model.unet.config.in_channels,
        settings.height_px // model.vae_factor,
        settings.width_px // model.vae_factor,
    )
    return torch.cat([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


def draw(
    model: BaseModel,
    settings: SamplingSettings,
    prompts: Sequence[str],
    negative_prompt: str,
    seeds: Sequence[int],
) -> Generator[int, None, list[Image.Image]]:
    """Draw one picture for each prompt and seed, together. Yields the number of each finished step; returns the
    pictures.

    Closing the generator between steps abandons the work at once and leaves the model as it was. Guidance:
    arXiv:2207.12598.
    """
    count, is_guided = len(prompts), settings.guidance > 1
    texts = [*([negative_prompt] * count if is_guided else []), *prompts]
    words = model.known_prompts.conditioning(
        model.text_encoders, texts, model.clip_skip, lambda: encode_prompts(model, texts)
    )
    told = words.framed(Framing.whole(settings.height_px, settings.width_px)).unet_arguments(model.dtype)
    scheduler, _ = make_scheduler(model)
    scheduler.set_timesteps(settings.sampling_steps, device=model.device)
    latents = starting_noise(model, settings, seeds).to(model.device) * scheduler.init_noise_sigma
    for number, timestep in enumerate(scheduler.timesteps, start=1):
        with torch.no_grad():
            doubled = torch.cat([latents, latents]) if is_guided else latents  # (2 * count, channels, h, w)
            scaled = scheduler.scale_model_input(doubled, timestep).to(model.dtype)
            predicted = model.unet(scaled, timestep, **told).sample.float()
            if is_guided:
                without, with_prompt = predicted.chunk(2)
                predicted = without + settings.guidance * (with_prompt - without)
            latents = scheduler.step(predicted, timestep, latents).prev_sample
        yield number
    # One by one: the VAE at 32 bits needs more memory for a picture than a training step does.
    return [picture_of(decode_latents(model, single[None])[0]) for single in latents]
