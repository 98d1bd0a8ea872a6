"""Two readers that share nothing draw the same from an export, on U-Nets with the true structure of SD 1, 2 and XL."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from torch import Tensor

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.lora_adapter import attach_trainable, remove_adapters, trained_layers
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_trial import add_to_weights
from calotype.diffusion.lora_verification import read_updates
from calotype.diffusion.sgm_names import UnetNames
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision
from calotype.domain.models import ModelFamily

LAYERS = {LoraTargets.ATTENTION: 128, LoraTargets.ATTENTION_AND_MLP: 192, LoraTargets.ALL_LAYERS: 278}
LAYERS_OF_XL = {LoraTargets.ATTENTION: 560, LoraTargets.ATTENTION_AND_MLP: 722, LoraTargets.ALL_LAYERS: 788}
# Every block and layer, a tenth as wide. SD 2 projects with linear layers.
SD1 = {"block_out_channels": (32, 64, 128, 128), "attention_head_dim": 8}
STRUCTURES: dict[ModelFamily, dict[str, object]] = {
    ModelFamily.SD1: SD1,
    ModelFamily.SD2: {**SD1, "use_linear_projection": True},
    ModelFamily.SDXL: {
        "block_out_channels": (32, 64, 128),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "attention_head_dim": (2, 4, 8),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 72,
    },
}


def _narrow_unet(family: ModelFamily) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        unet = UNet2DConditionModel(sample_size=8, cross_attention_dim=48, **STRUCTURES[family])
    return unet.requires_grad_(False).eval()


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents = torch.randn(1, 4, 16, 16, generator=chance)
    told = Conditioning.filled(unet, 1, 8, partial(torch.randn, generator=chance)).unet_arguments(torch.float32)
    prediction: Tensor = unet(latents, torch.tensor([500]), **told).sample
    return prediction


@pytest.mark.parametrize("layout", list(LoraLayout))
@pytest.mark.parametrize("targets", list(LoraTargets))
@pytest.mark.parametrize("family", STRUCTURES)
def test_that_diffusers_and_plain_arithmetic_draw_what_the_live_adapter_draws(
    family: ModelFamily, targets: LoraTargets, layout: LoraLayout, tmp_path: Path
) -> None:
    unet, spec, chance = _narrow_unet(family), LoraSpec(4, 1.5, targets), torch.Generator().manual_seed(5)
    base = _predict(unet)
    for parameter in attach_trainable(unet, spec, seed=1):
        parameter.data = torch.randn(parameter.shape, generator=chance) * 0.1
    live = _predict(unet)
    learned, written = tmp_path / "learned.safetensors", tmp_path / "written.safetensors"
    names = UnetNames.of(family)
    learned.write_bytes(lora_file_bytes(trained_layers(unet, spec), {}, torch.float32, names))
    remove_adapters(unet)

    written.write_bytes(pack_lora(learned, ExportChoice(layout, LoraPrecision.FP32), None).data)
    loader = StableDiffusionXLPipeline if family is ModelFamily.SDXL else StableDiffusionPipeline
    tensors, alphas = loader.lora_state_dict(written, unet_config=unet.config)
    loader.load_lora_into_unet(tensors, alphas, unet)
    theirs = _predict(unet)
    unet.unload_lora()
    updates = read_updates(written)
    add_to_weights(unet, updates)
    ours = _predict(unet)

    assert len(updates) == (LAYERS_OF_XL if family is ModelFamily.SDXL else LAYERS)[targets]
    assert float((live - base).abs().max()) > 1e-2
    assert float((theirs - live).abs().max()) <= 1e-5
    assert float((ours - live).abs().max()) <= 1e-5


@pytest.mark.parametrize("family", STRUCTURES)
def test_that_plain_arithmetic_draws_what_a_live_dora_draws(family: ModelFamily, tmp_path: Path) -> None:
    """diffusers cannot be asked: it leaves `dora_scale` out, with a warning."""
    unet, chance = _narrow_unet(family), torch.Generator().manual_seed(5)
    spec, base = LoraSpec(4, 1.5, LoraTargets.ALL_LAYERS, LoraAdapter.DORA), _predict(unet)
    for parameter in attach_trainable(unet, spec, seed=1):
        moved = torch.randn(parameter.shape, generator=chance) * 0.1
        parameter.data = moved if parameter.ndim > 1 else parameter.data * (1 + moved)
    live = _predict(unet)
    learned, written = tmp_path / "learned.safetensors", tmp_path / "written.safetensors"
    learned.write_bytes(lora_file_bytes(trained_layers(unet, spec), {}, torch.float32, UnetNames.of(family)))
    remove_adapters(unet)

    written.write_bytes(pack_lora(learned, ExportChoice(precision=LoraPrecision.FP32), None).data)
    updates = read_updates(written)
    add_to_weights(unet, updates)
    ours = _predict(unet)

    assert len(updates) == (788 if family is ModelFamily.SDXL else 278)
    assert float((live - base).abs().max()) > 1e-2
    assert float((ours - live).abs().max()) <= 1e-5
