"""LoRA on a live U-Net and in files: nothing changes the base model, and other programs draw the same."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from calotype.diffusion import lora_adapter
from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import (
    MERGED_WEIGHTS_LIMIT,
    attach_for_drawing,
    attach_trainable,
    merged,
    remove_adapters,
    target_layers,
    trained_layers,
)
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_headers import read_lora_header
from calotype.diffusion.lora_reading import FittedLora, read_lora
from calotype.diffusion.lora_targets import lora_parameter_count
from calotype.domain.errors import LoraDoesNotFitError, LoraUnreadableError
from calotype.domain.lora import LoraSpec, LoraTargets


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    chance = torch.Generator().manual_seed(3)
    embeddings = torch.randn(2, 32, 256, generator=chance)
    return torch.randn(2, 4, 16, 16, generator=chance), torch.tensor([20, 900]), embeddings


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    prediction: Tensor = unet(*_inputs()).sample
    return prediction


def _learned_lora(starter: BaseModel, spec: LoraSpec, path: Path) -> Tensor:
    """Write a LoRA whose weights are no longer zero, and return what the live adapter predicts."""
    chance = torch.Generator().manual_seed(5)
    for parameter in attach_trainable(starter.unet, spec, seed=1):
        parameter.data = torch.randn(parameter.shape, generator=chance) * 0.05
    path.write_bytes(lora_file_bytes(trained_layers(starter.unet, spec), {"ss_network_dim": "8"}, torch.float32))
    live = _predict(starter.unet)
    remove_adapters(starter.unet)
    return live


@pytest.mark.parametrize("targets", list(LoraTargets))
def test_that_diffusers_own_loader_draws_what_the_live_adapter_draws(
    targets: LoraTargets, starter: BaseModel, starter_folder: Path, tmp_path: Path
) -> None:
    base = _predict(starter.unet)
    live = _learned_lora(starter, LoraSpec(rank=8, alpha=3.0, targets=targets), tmp_path / "lora.safetensors")

    pipeline = StableDiffusionPipeline.from_pretrained(starter_folder, safety_checker=None, local_files_only=True)
    pipeline.load_lora_weights(tmp_path / "lora.safetensors")

    assert float((live - base).abs().max()) > 1e-2
    assert float((_predict(pipeline.unet) - live).abs().max()) <= 1e-5


@pytest.mark.parametrize("summed", [0, MERGED_WEIGHTS_LIMIT], ids=["layer by layer", "summed"])
def test_that_a_file_read_back_draws_the_same_and_leaves_the_base_model_untouched(
    summed: int, starter: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora_adapter, "MERGED_WEIGHTS_LIMIT", summed)
    base = _predict(starter.unet)
    spec = LoraSpec(rank=4, alpha=8.0, targets=LoraTargets.ALL_LAYERS)
    live = _learned_lora(starter, spec, tmp_path / "lora.safetensors")

    lora = FittedLora(read_lora(tmp_path / "lora.safetensors", starter.unet, "Starter"), {}, ())
    with drawing_with(starter, [(lora, 1.0)]):
        full = _predict(starter.unet)
    with drawing_with(starter, [(lora, 0.25), (lora, 0.25)]):
        half = _predict(starter.unet)
    with drawing_with(starter, [(lora, 0.0)]):
        without = _predict(starter.unet)

    assert float((full - live).abs().max()) <= 1e-5
    assert 0 < float((half - base).abs().mean()) < float((full - base).abs().mean())
    assert torch.equal(without, base)
    assert torch.equal(_predict(starter.unet), base)


def test_that_a_new_lora_changes_nothing_and_its_start_depends_on_the_seed_alone(starter: BaseModel) -> None:
    base, random_state = _predict(starter.unet), torch.get_rng_state()

    first = [p.detach().clone() for p in attach_trainable(starter.unet, LoraSpec(), seed=7)]
    untouched = _predict(starter.unet)
    remove_adapters(starter.unet)
    second = attach_trainable(starter.unet, LoraSpec(), seed=7)

    assert torch.equal(untouched, base)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert torch.equal(torch.get_rng_state(), random_state)


def test_that_the_true_alpha_is_written_under_kohya_names(starter: BaseModel, tmp_path: Path) -> None:
    _learned_lora(starter, LoraSpec(rank=8, alpha=3.0, targets=LoraTargets.ATTENTION), tmp_path / "lora.safetensors")

    tensors = load_file(tmp_path / "lora.safetensors")

    width = starter.unet.config.block_out_channels[-1]
    key = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0"
    assert float(tensors[f"{key}.alpha"]) == 3.0
    assert tensors[f"{key}.lora_down.weight"].shape == (8, width)
    assert tensors[f"{key}.lora_up.weight"].shape == (width, 8)
    assert len(tensors) == 3 * 56
    assert all(name.startswith("lora_unet_") for name in tensors)


@pytest.mark.parametrize(
    ("targets", "layers", "parameters"),
    [(LoraTargets.ATTENTION_AND_MLP, 192, 6_782_976), (LoraTargets.ALL_LAYERS, 278, None)],
)
def test_that_stable_diffusion_1_has_the_published_layers(
    targets: LoraTargets, layers: int, parameters: int | None
) -> None:
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8, sample_size=64)

    assert len(target_layers(unet, targets)) == layers
    shapes = {name: tuple(tensor.shape) for name, tensor in unet.state_dict().items()}
    if parameters is not None:
        assert lora_parameter_count(shapes, LoraSpec(rank=16, targets=targets)) == parameters


def test_that_a_lora_of_another_model_is_refused_by_name(starter: BaseModel, tmp_path: Path) -> None:
    key = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    path = tmp_path / "sd15.safetensors"
    save_file({f"{key}.lora_down.weight": torch.zeros(4, 640), f"{key}.lora_up.weight": torch.zeros(640, 4)}, path)

    with pytest.raises(LoraDoesNotFitError, match=r"640x640, the model has 128x128"):
        read_lora(path, starter.unet, "Starter")


def test_that_a_key_without_a_place_is_never_dropped_silently(starter: BaseModel, tmp_path: Path) -> None:
    spec = LoraSpec(rank=2, alpha=2.0, targets=LoraTargets.ATTENTION)
    _learned_lora(starter, spec, tmp_path / "lora.safetensors")
    tensors = load_file(tmp_path / "lora.safetensors")
    tensors["lora_unet_nowhere.lora_down.weight"] = torch.zeros(2, 8)
    save_file(tensors, tmp_path / "lora.safetensors")

    with pytest.raises(LoraDoesNotFitError, match="lora_unet_nowhere"):
        read_lora(tmp_path / "lora.safetensors", starter.unet, "Starter")


@pytest.mark.parametrize("size", [0, 5, 100, 2000])
def test_that_a_truncated_lora_is_refused_with_its_name(size: int, starter: BaseModel, tmp_path: Path) -> None:
    _learned_lora(starter, LoraSpec(rank=2, targets=LoraTargets.ATTENTION), tmp_path / "lora.safetensors")
    whole = (tmp_path / "lora.safetensors").read_bytes()
    (tmp_path / "torn.safetensors").write_bytes(whole[:size] if size < 2000 else whole[:-1])

    with pytest.raises(LoraUnreadableError, match="torn"):
        read_lora_header(tmp_path / "torn.safetensors")


def test_that_a_base_model_file_is_not_taken_for_a_lora(starter_folder: Path) -> None:
    with pytest.raises(LoraUnreadableError, match="holds no LoRA"):
        read_lora_header(starter_folder / "vae" / "diffusion_pytorch_model.safetensors")


def test_that_metadata_is_readable_without_loading_tensors(starter: BaseModel, tmp_path: Path) -> None:
    _learned_lora(starter, LoraSpec(rank=2, targets=LoraTargets.ATTENTION), tmp_path / "lora.safetensors")

    header = read_lora_header(tmp_path / "lora.safetensors")

    assert json.dumps(header.metadata) == '{"ss_network_dim": "8"}'
    assert set(header.dtypes.values()) == {"F32"}


@pytest.mark.parametrize("ndim", [2, 4])
def test_that_a_linear_layer_and_a_1x1_convolution_are_the_same_map(
    ndim: int, starter: BaseModel, tmp_path: Path
) -> None:
    layer = "down_blocks.1.attentions.0.proj_in"
    key, path = "lora_unet_" + layer.replace(".", "_"), tmp_path / "lora.safetensors"
    shape = [1] * (ndim - 2)
    down, up = torch.ones(4, 128, *shape), torch.ones(128, 4, *shape)
    save_file({f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up}, path)

    layers = read_lora(path, starter.unet, "Starter")

    assert layers[layer].down.shape == (4, 128, 1, 1)
    assert layers[layer].alpha == 4.0
    attach_for_drawing(starter.unet, layers, "one")


def test_that_what_was_learned_here_holds_nothing_but_low_rank_changes(starter: BaseModel, tmp_path: Path) -> None:
    key, path = "lora_unet_down_blocks_1_attentions_0_proj_in", tmp_path / "lora.safetensors"
    save_file({f"{key}.diff": torch.zeros(128, 128)}, path)

    with pytest.raises(LoraDoesNotFitError, match=r"no place for down_blocks\.1\.attentions\.0\.proj_in"):
        read_lora(path, starter.unet, "Starter")


def test_that_a_model_at_16_bits_is_not_merged(starter: BaseModel) -> None:
    half = copy.deepcopy(starter.unet).to(torch.bfloat16)  # the starter itself would stay rounded for other tests
    attach_trainable(half, LoraSpec(rank=2, alpha=2.0, targets=LoraTargets.ATTENTION), seed=1)

    with merged(half):
        assert not any(module.merged for module in half.modules() if hasattr(module, "lora_A"))
