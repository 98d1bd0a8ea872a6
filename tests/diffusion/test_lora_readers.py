"""Two readers that share nothing draw the same from an export, on U-Nets with the true structure of SD 1 and 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor

from calotype.diffusion.lora_adapter import attach_trainable, remove_adapters, trained_layers
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_trial import add_to_weights
from calotype.diffusion.lora_verification import read_updates
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision

LAYERS = {LoraTargets.ATTENTION: 128, LoraTargets.ATTENTION_AND_MLP: 192, LoraTargets.ALL_LAYERS: 278}


def _narrow_unet(*, is_sd2: bool) -> Any:
    """Every block and layer of Stable Diffusion, a tenth as wide. SD 2 projects with linear layers."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return (
            UNet2DConditionModel(
                sample_size=8,
                block_out_channels=(32, 64, 128, 128),
                cross_attention_dim=48,
                attention_head_dim=8,
                use_linear_projection=is_sd2,
            )
            .requires_grad_(False)
            .eval()
        )


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(1, 4, 16, 16, generator=chance), torch.randn(1, 8, 48, generator=chance)
    prediction: Tensor = unet(latents, torch.tensor([500]), embeddings).sample
    return prediction


@pytest.mark.parametrize("layout", list(LoraLayout))
@pytest.mark.parametrize("targets", list(LoraTargets))
@pytest.mark.parametrize("is_sd2", [False, True])
def test_that_diffusers_and_plain_arithmetic_draw_what_the_live_adapter_draws(
    *, is_sd2: bool, targets: LoraTargets, layout: LoraLayout, tmp_path: Path
) -> None:
    unet, spec, chance = _narrow_unet(is_sd2=is_sd2), LoraSpec(4, 1.5, targets), torch.Generator().manual_seed(5)
    base = _predict(unet)
    for parameter in attach_trainable(unet, spec, seed=1):
        parameter.data = torch.randn(parameter.shape, generator=chance) * 0.1
    live = _predict(unet)
    learned, written = tmp_path / "learned.safetensors", tmp_path / "written.safetensors"
    learned.write_bytes(lora_file_bytes(trained_layers(unet, spec), {}, torch.float32))
    remove_adapters(unet)

    written.write_bytes(pack_lora(learned, ExportChoice(layout, LoraPrecision.FP32), None).data)
    tensors, alphas = StableDiffusionPipeline.lora_state_dict(written)
    StableDiffusionPipeline.load_lora_into_unet(tensors, alphas, unet)
    theirs = _predict(unet)
    unet.unload_lora()
    updates = read_updates(written)
    add_to_weights(unet, updates)
    ours = _predict(unet)

    assert len(updates) == LAYERS[targets]
    assert float((live - base).abs().max()) > 1e-2
    assert float((theirs - live).abs().max()) <= 1e-5
    assert float((ours - live).abs().max()) <= 1e-5
