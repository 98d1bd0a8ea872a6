"""A Stable Diffusion XL checkpoint in one file becomes the classes of diffusers, each weight in its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from calotype.diffusion import base_model
from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.checkpoint_layout import SDXL_TEXT_PREFIXES, checkpoint_parts
from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.conditioning import Framing
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_reading import fit_lora, read_lora_file
from calotype.diffusion.lora_targets import lora_parameter_count
from calotype.diffusion.lora_weights import networks_of, weights_with
from calotype.diffusion.model_cards import config_folder, read_card, unet_shapes
from calotype.diffusion.model_folder import TEXT_PARTS
from calotype.diffusion.open_clip import separated
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.single_file import load_checkpoint
from calotype.domain.errors import WeightsCorruptError
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]
SDXL = {key: shape for part in checkpoint_parts(ModelKind.SDXL).values() for key, shape in part.items()}
ENCODERS = TEXT_PARTS[ModelFamily.SDXL]
# What programs leave in files beside the tensors of the four parts.
EXTRAS = ("conditioner.embedders.1.model.logit_scale", "denoiser.sigmas", "model_ema.decay", "ztsnr")
WIDTH = 24  # of either text encoder
TEXT = {"hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_attention_heads": 2, "projection_dim": WIDTH}
NARROW: dict[str, Mapping[str, object]] = {
    "unet": {
        "block_out_channels": [32, 64, 128],
        "attention_head_dim": [2, 4, 8],
        "cross_attention_dim": 48,
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 24 + 6 * 8,
    },
    "vae": {"block_out_channels": [32, 64, 128, 128]},
    "text_encoder": TEXT,
    "text_encoder_2": TEXT,
}


def _networks(configs: Path) -> dict[str, Any]:
    def config(part: str) -> dict[str, Any]:
        return dict(json.loads((configs / part / "config.json").read_text()))

    return {
        "unet": UNet2DConditionModel.from_config(config("unet")).eval(),
        "vae": AutoencoderKL.from_config(config("vae")).eval(),
        "text_encoder": CLIPTextModel(CLIPTextConfig(**config("text_encoder"))).eval(),
        "text_encoder_2": CLIPTextModelWithProjection(CLIPTextConfig(**config("text_encoder_2"))).eval(),
    }


@pytest.fixture(scope="module")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configurations of Stable Diffusion XL with the same layers, a tenth as wide."""
    folder = tmp_path_factory.mktemp("sdxl") / "configs"
    shutil.copytree(config_folder(ModelFamily.SDXL), folder)
    for part, values in NARROW.items():
        file = folder / part / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **values}))
    return folder


@pytest.fixture(scope="module")
def networks(configs: Path) -> dict[str, Any]:
    """All four, with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return _networks(configs)


@pytest.fixture(scope="module")
def checkpoint(networks: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The networks in one file, with the names and the kind of shapes that the original program writes."""
    weights = {part: network.state_dict() for part, network in networks.items()}
    path = tmp_path_factory.mktemp("sdxl") / "narrow.safetensors"
    save_file({**{key: _as_written(key, weights) for key in SDXL}, **{key: torch.zeros(1) for key in EXTRAS}}, path)
    return path


def _as_written(key: str, weights: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    place = part_and_name(key)
    assert place is not None
    part, name = place
    if ".in_proj." in name:
        tensor = torch.cat([weights[part][name.replace("in_proj", f"{letter}_proj")] for letter in "qkv"])
    elif key.endswith(".text_projection"):
        tensor = weights[part][name].T
    else:
        tensor = weights[part][name]
    return tensor.reshape(*tensor.shape, *[1] * (len(SDXL[key]) - tensor.dim())).contiguous().clone()


def test_that_every_tensor_of_full_size_has_its_place_and_shape(write_tensors: WriteTensors) -> None:
    """Against the networks that the shipped configurations make; nothing is left over on either side."""
    header = read_header(write_tensors("m.safetensors", SDXL))
    with torch.device("meta"):
        networks = _networks(config_folder(ModelFamily.SDXL))

    ours: dict[str, dict[str, tuple[int, ...]]] = {part: {} for part in networks}
    for key, shape in header.shapes.items():
        place = part_and_name(key)
        assert place is not None, key
        empty = torch.empty(shape, device="meta")
        ours[place[0]] |= {name: tuple(part.shape) for name, part in separated(place[1], empty)}

    for part, network in networks.items():
        theirs = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
        assert {name: _squeezed(shape) for name, shape in ours[part].items()} == {
            name: _squeezed(shape) for name, shape in theirs.items()
        }


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def test_that_every_weight_is_where_diffusers_puts_it(
    checkpoint: Path, configs: Path, networks: dict[str, Any]
) -> None:
    tensors = load_file(checkpoint)
    converted = {
        "unet": convert_ldm_unet_checkpoint(dict(tensors), dict(networks["unet"].config)),
        "vae": convert_ldm_vae_checkpoint(dict(tensors), dict(networks["vae"].config)),
        "text_encoder": convert_ldm_clip_checkpoint(tensors),
        "text_encoder_2": convert_open_clip_checkpoint(networks["text_encoder_2"], tensors, SDXL_TEXT_PREFIXES[1]),
    }

    loaded = load_checkpoint(checkpoint, configs, ENCODERS, torch.float32)

    for part, tensors_there in converted.items():
        prefix = "text_model." if part == "text_encoder" else ""
        theirs = {name.removeprefix(prefix): tensor for name, tensor in tensors_there.items()}
        ours = loaded[part].state_dict()
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name].squeeze(), tensor.squeeze()) for name, tensor in theirs.items())


def test_that_it_predicts_from_a_prompt_what_the_networks_in_it_predict(
    checkpoint: Path, configs: Path, networks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_model, "config_folder", lambda _family: configs)
    card = BaseModelCard("n", "narrow", checkpoint.parent, ModelFamily.SDXL, 1024, "epsilon", 1, file=checkpoint)
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    cat = [49406, 2368, 49407]

    model = load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)
    told = encode_prompts(model, ["cat"]).framed(Framing.whole(64, 96))

    with torch.no_grad():
        # The first tokenizer fills up with the word that ends a prompt, the second with "!".
        first = networks["text_encoder"](torch.tensor([cat + [49407] * 74]), output_hidden_states=True)
        second = networks["text_encoder_2"](torch.tensor([cat + [0] * 74]), output_hidden_states=True)
        states = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], dim=-1)
        added = {"text_embeds": second.text_embeds, "time_ids": torch.tensor([[64.0, 96, 0, 0, 64, 96]])}
        theirs = networks["unet"](noise, 500, states, added_cond_kwargs=added).sample
        ours = model.unet(noise, 500, **told.unet_arguments(torch.float32)).sample
    # The loaded weights lie at other addresses, so sums are made in another order.
    assert float(theirs.abs().max()) > 0.01
    assert float((ours - theirs).abs().max()) < 1e-5


@pytest.mark.parametrize(("prefix", "first"), [("lora_te1_", 0), ("lora_te2_", WIDTH)])
def test_that_a_lora_reaches_the_text_encoder_that_it_names(
    prefix: str, first: int, checkpoint: Path, configs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_model, "config_folder", lambda _family: configs)
    card = BaseModelCard("n", "narrow", checkpoint.parent, ModelFamily.SDXL, 1024, "epsilon", 1, file=checkpoint)
    model = load_base_model(card, torch.device("cpu"), torch.float32, 1)
    key, before = f"{prefix}text_model_encoder_layers_3_mlp_fc1", encode_prompts(model, ["cat"]).hidden_states
    tensors = {f"{key}.lora_down.weight": torch.ones(2, WIDTH), f"{key}.lora_up.weight": torch.ones(4 * WIDTH, 2)}
    save_file(tensors, tmp_path / "words.safetensors")

    fitted = fit_lora(read_lora_file(tmp_path / "words.safetensors"), networks_of(model), "narrow")
    with weights_with(networks_of(model), [(fitted, 1.0)]):
        changed = encode_prompts(model, ["cat"]).hidden_states != before

    assert fitted.left_over == ()
    assert changed[..., first : first + WIDTH].any()
    assert int(changed.any(dim=(0, 1)).sum()) <= WIDTH
    assert torch.equal(encode_prompts(model, ["cat"]).hidden_states, before)


def test_that_no_prompt_is_zeros_as_the_published_pipeline_has_it(
    checkpoint: Path, configs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_model, "config_folder", lambda _family: configs)
    card = BaseModelCard("n", "narrow", checkpoint.parent, ModelFamily.SDXL, 1024, "epsilon", 1, file=checkpoint)

    told = encode_prompts(load_base_model(card, torch.device("cpu"), torch.float32, 1), ["", "cat"])

    assert told.pooled is not None
    assert [bool(row.any()) for row in told.hidden_states] == [False, True]
    assert [bool(row.any()) for row in told.pooled] == [False, True]


@pytest.mark.parametrize("part", NARROW)
def test_that_a_tensor_that_is_missing_at_the_last_moment_is_named(
    part: str, checkpoint: Path, configs: Path, tmp_path: Path
) -> None:
    tensors = load_file(checkpoint)
    del tensors[next(key for key in SDXL if (part_and_name(key) or ("",))[0] == part)]
    save_file(tensors, tmp_path / "torn.safetensors")

    with pytest.raises(WeightsCorruptError, match=rf"torn\.safetensors, {part} is damaged: Missing key"):
        load_checkpoint(tmp_path / "torn.safetensors", configs, ENCODERS, torch.float32)


def test_that_what_is_not_needed_has_no_place() -> None:
    assert [place for place in map(part_and_name, EXTRAS) if place is not None] == []


@pytest.mark.parametrize(("marks", "prediction"), [({}, "epsilon"), ({"v_pred": ()}, "v_prediction")])
def test_that_a_checkpoint_is_a_card(
    marks: dict[str, tuple[int, ...]], prediction: str, write_tensors: WriteTensors
) -> None:
    path = write_tensors("dream.safetensors", {**SDXL, **marks})

    card = read_card(path, "dream-1", "dream")

    assert (card.family, card.resolution_px, card.prediction_type) == (ModelFamily.SDXL, 1024, prediction)
    assert (card.file, card.folder, card.size_bytes) == (path, path.parent, path.stat().st_size)


def test_that_the_weights_of_a_lora_are_counted_from_the_header(write_tensors: WriteTensors) -> None:
    """As many as kohya's scripts make of Stable Diffusion XL at rank 16."""
    shapes = unet_shapes(read_card(write_tensors("dream.safetensors", SDXL), "dream-1", "dream"))

    assert lora_parameter_count(shapes, LoraSpec(rank=16, targets=LoraTargets.ATTENTION_AND_MLP)) == 42_557_440


@pytest.mark.slow
def test_that_a_checkpoint_of_full_size_fits_its_configuration(write_tensors: WriteTensors) -> None:
    card = read_card(write_tensors("dream.safetensors", SDXL), "dream-1", "dream")

    model = load_base_model(card, torch.device("cpu"), torch.float16, 1)
    told = encode_prompts(model, ["a photo of a cat"])

    assert (model.unet.dtype, model.vae.dtype) == (torch.float16, torch.float32)
    assert (model.vae_factor, model.quantum_px, model.card.training_size.quantum_px) == (8, 32, 32)
    assert told.pooled is not None
    assert (told.hidden_states.shape, told.pooled.shape) == ((1, 77, 2048), (1, 1280))
