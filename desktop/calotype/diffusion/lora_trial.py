"""Let a small U-Net predict with a LoRA file in two ways that share nothing: as adapter, and added to plain weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from calotype.diffusion.base_model import load_unet
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.lora_adapter import attach_for_drawing, remove_adapters
from calotype.diffusion.lora_reading import read_lora
from calotype.diffusion.lora_verification import Update, VerificationError
from calotype.domain.models import BaseModelCard

TOKENS = 8
# 32 bits: the prediction itself is rounded, differently when the LoRA is added to the weights beforehand.
LEAST_ALLOWED = 1e-5
# 16 bits: the weights are rounded too, which moves a prediction by a share of the largest change that the LoRA makes.
# Measured on Starter with trained and with random LoRAs: at most 0.00046 and 0.0044.
ALLOWED_SHARE = {torch.float32: 0.0, torch.float16: 0.005, torch.bfloat16: 0.05}


def output_difference(card: BaseModelCard, learned: Path, written: Mapping[str, Update]) -> float:
    """How differently the U-Net predicts with the run's own file as adapter and with the written one in its weights.

    Both predictions are made at 32 bits from fixed noise, by one copy of the U-Net; the answer is their largest
    difference, where a prediction is noise of about 1. Raises VerificationError if it is more than rounding explains,
    BaseModelError or LoraError.
    """
    unet = load_unet(card, torch.float32)
    without = _predict(unet)
    attach_for_drawing(unet, read_lora(learned, unet, card.name), "learned")
    live = _predict(unet)
    remove_adapters(unet)
    add_to_weights(unet, written)
    difference, effect = _largest(_predict(unet) - live), _largest(live - without)
    share = max(ALLOWED_SHARE[update.down.dtype] for update in written.values())
    if not difference <= LEAST_ALLOWED * max(1.0, _largest(live)) + share * effect:
        raise VerificationError(f"the U-Net predicts otherwise, by {difference:.2g} where it changes by {effect:.2g}")
    return difference


@torch.no_grad()
def add_to_weights(unet: Any, updates: Mapping[str, Update]) -> None:
    """Put what the file makes of the weights in their place. Raises VerificationError if there is no such layer."""
    weights = dict(unet.named_parameters())
    for name, update in updates.items():
        weight = weights.get(f"{name}.weight")
        if weight is None:
            raise VerificationError(f"the base model has no layer {name}")
        weight.copy_(update.changed(weight))


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    """What the U-Net says of fixed noise at an early and a late timestep, shape (2, channels, side, side)."""
    chance = torch.Generator().manual_seed(1)
    side = unet.config.sample_size
    latents = torch.randn(2, unet.config.in_channels, side, side, generator=chance)
    told = Conditioning.filled(unet, 2, TOKENS, partial(torch.randn, generator=chance)).unet_arguments(latents.dtype)
    prediction: Tensor = unet(latents, torch.tensor([100, 800]), **told).sample
    return prediction


def _largest(numbers: Tensor) -> float:
    return float(numbers.abs().max())
