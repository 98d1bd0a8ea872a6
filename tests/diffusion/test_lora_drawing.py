"""A LoRA on a model in 16 bits, where sums would round it away, and files that were read before."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.known_loras import KnownLoras
from calotype.diffusion.lora_adapter import LoraLayer, target_layers
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_reading import FittedLora
from calotype.diffusion.model_folder import read_model_card
from calotype.domain.lora import LoraTargets


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(1, 4, 16, 16, generator=chance), torch.randn(1, 8, 256, generator=chance)
    prediction: Tensor = unet(latents.to(unet.dtype), torch.tensor([500]), embeddings.to(unet.dtype)).sample
    return prediction.float()


def _lora(unet: Any) -> FittedLora:
    """A LoRA of every layer."""
    chance, layers = torch.Generator().manual_seed(4), {}
    for name in target_layers(unet, LoraTargets.ALL_LAYERS):
        weight = unet.get_submodule(name).weight
        down = torch.randn(4, *weight.shape[1:], generator=chance) / weight[0].numel() ** 0.5
        up = torch.randn(len(weight), 4, *[1] * (weight.ndim - 2), generator=chance) * 0.1
        layers[name] = LoraLayer(down, up, alpha=4.0)
    return FittedLora(layers, {}, ())


def test_that_a_lora_draws_at_16_bits_what_it_draws_at_32(starter_folder: Path) -> None:
    card, changes = read_model_card(starter_folder, "starter", "Starter"), {}
    for dtype in (torch.float32, torch.bfloat16):
        model = load_base_model(card, torch.device("cpu"), dtype, thread_count=1)
        base = _predict(model.unet)
        with drawing_with(model, [(_lora(model.unet), 0.8)]):
            changes[dtype] = _predict(model.unet) - base
        assert torch.equal(_predict(model.unet), base)

    full, half = changes[torch.float32], changes[torch.bfloat16]
    assert float(full.norm()) > 0.05 * float(base.norm())
    # A prediction at 16 bits differs from one at 32 by about 1 % of itself, with a LoRA or without.
    assert float((half - full).norm() / full.norm()) < 0.1


@pytest.mark.parametrize("beside", ["", "lora.adapter_config.json"])
def test_that_a_lora_is_read_again_only_if_its_files_are_others(beside: str, tmp_path: Path) -> None:
    known, asked = KnownLoras(), list[str]()
    first, second = tmp_path / "lora.safetensors", tmp_path / "other.safetensors"
    for path in (first, second):
        path.write_bytes(b"1")

    def fit(path: Path) -> FittedLora:
        asked.append(path.stem)
        return FittedLora({}, {}, ())

    known.fitted([first, second, first], fit)
    known.fitted([second, first], fit)
    second.replace(tmp_path / "kept")
    second.write_bytes(b"2")
    if beside:
        (tmp_path / beside).write_text("{}")
    known.fitted([first], fit)
    known.fitted([second], fit)

    assert asked == ["lora", "other", *(["lora"] if beside else []), "other"]
