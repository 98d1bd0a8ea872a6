"""A Stable Diffusion 1 or 2 checkpoint in one file becomes the classes of diffusers, each weight in its place."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_targets import is_target, lora_parameter_count
from calotype.diffusion.model_cards import config_folder, read_card, tokenizer_folder, unet_shapes
from calotype.diffusion.model_folder import TEXT_PARTS
from calotype.diffusion.open_clip import separated
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.single_file import checkpoint_schedule, load_checkpoint
from calotype.domain.errors import BaseModelUnsupportedError, InpaintingModelError, WeightsCorruptError
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.models import ModelFamily
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]
FAMILIES = {ModelFamily.SD1: ModelKind.SD1, ModelFamily.SD2: ModelKind.SD2}
# What programs leave in files beside the tensors of the three parts.
EXTRAS = ("betas", "model_ema.decay", "model_ema.diffusion_modelout2bias", "cond_stage_model.logit_scale")
EXTRAS_OF_SD2 = (
    "cond_stage_model.model.logit_scale",
    "cond_stage_model.model.text_projection",
    "cond_stage_model.model.transformer.resblocks.23.ln_1.weight",
    "cond_stage_model.model.transformer.resblocks.23.attn.in_proj_weight",
)


def whole(family: ModelFamily, inputs: int = 4) -> dict[str, tuple[int, ...]]:
    return {key: shape for part in checkpoint_parts(FAMILIES[family], inputs).values() for key, shape in part.items()}


SD1 = whole(ModelFamily.SD1)


def test_that_the_tokenizer_is_the_published_one() -> None:
    """The sums are those of the published files, vocab.json written without spaces."""
    folder = tokenizer_folder()
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("merges.txt", "vocab.json")}

    assert (sums["merges.txt"][:8], sums["merges.txt"][-4:]) == ("9fd691f7", "051a")
    assert (sums["vocab.json"][:8], sums["vocab.json"][-4:]) == ("5047b556", "4363")


def test_that_the_tokenizer_gives_the_known_numbers() -> None:
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder(), local_files_only=True)

    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer("  A PHOTO\nof a Cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer.model_max_length == 77
    assert tokenizer("", padding="max_length").input_ids == [49406, *[49407] * 76]


def test_that_every_name_is_translated_as_diffusers_does() -> None:
    """Each tensor holds its number in the list, so that it is known again whatever it is called."""
    numbered = {key: torch.full((1,) * len(shape), number) for number, (key, shape) in enumerate(SD1.items())}
    config = {"layers_per_block": 2, "down_block_types": "1234", "up_block_types": "1234"}
    theirs = {
        "unet": convert_ldm_unet_checkpoint(numbered, config),
        "vae": convert_ldm_vae_checkpoint(numbered, config),
        "text_encoder": convert_ldm_clip_checkpoint(numbered),
    }

    ours: dict[str, dict[str, int]] = {part: {} for part in theirs}
    for number, key in enumerate(SD1):
        place = part_and_name(key)
        assert place is not None
        ours[place[0]][place[1]] = number

    assert ours == {
        part: {name.removeprefix("text_model."): int(tensor.max()) for name, tensor in tensors.items()}
        for part, tensors in theirs.items()
    }


def test_that_what_is_not_needed_has_no_place() -> None:
    others = (*EXTRAS, *EXTRAS_OF_SD2, "control_model.x")

    assert [place for place in map(part_and_name, others) if place is not None] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_that_every_tensor_of_full_size_has_its_place_and_shape(
    family: ModelFamily, write_tensors: WriteTensors
) -> None:
    """Against the networks that the shipped configurations make; nothing is left over on either side."""
    header = read_header(write_tensors("m.safetensors", whole(family)))

    ours: dict[str, dict[str, tuple[int, ...]]] = {"unet": {}, "vae": {}, "text_encoder": {}}
    for key, shape in header.shapes.items():
        place = part_and_name(key)
        assert place is not None, key
        ours[place[0]] |= {n: tuple(t.shape) for n, t in separated(place[1], torch.empty(shape, device="meta"))}

    with torch.device("meta"):
        networks = _networks(config_folder(family))
    for part, network in networks.items():
        theirs = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
        assert {name: _squeezed(shape) for name, shape in ours[part].items()} == theirs


def test_that_a_checkpoint_is_a_card(write_tensors: WriteTensors) -> None:
    path = write_tensors("dream.safetensors", SD1)

    card = read_card(path, "dream-1", "dream")

    assert (card.family, card.resolution_px, card.prediction_type) == (ModelFamily.SD1, 512, "epsilon")
    assert (card.file, card.folder, card.size_bytes) == (path, path.parent, path.stat().st_size)


def test_that_the_layers_of_a_lora_are_counted_from_the_header(write_tensors: WriteTensors) -> None:
    """192 layers and 6,782,976 weights at rank 16 are what kohya's scripts make of Stable Diffusion 1.5."""
    shapes = unet_shapes(read_card(write_tensors("dream.safetensors", SD1), "dream-1", "dream"))
    spec = LoraSpec(rank=16, alpha=16.0, targets=LoraTargets.ATTENTION_AND_MLP)

    layers = [name for name in shapes if name.endswith(".weight") and is_target(name[:-7], spec.targets)]

    assert len(layers) == 192
    assert lora_parameter_count(shapes, spec) == 6_782_976


@pytest.mark.parametrize(
    ("kind", "inputs", "error", "words"),
    [
        (ModelKind.SD1, 9, InpaintingModelError, r"m\.safetensors is an inpainting model: .* Choose the plain model"),
        (ModelKind.SD2, 9, InpaintingModelError, r"m\.safetensors is an inpainting model: .* Choose the plain model"),
        (ModelKind.SDXL, 9, InpaintingModelError, r"m\.safetensors is an inpainting model: .* Choose the plain model"),
        (ModelKind.SDXL_REFINER, 4, BaseModelUnsupportedError, "it is a Stable Diffusion XL Refiner model"),
    ],
)
def test_that_what_cannot_be_loaded_yet_is_said(
    kind: ModelKind, inputs: int, error: type[Exception], words: str, write_tensors: WriteTensors
) -> None:
    shapes = {key: shape for part in checkpoint_parts(kind, inputs).values() for key, shape in part.items()}

    with pytest.raises(error, match=words):
        read_card(write_tensors("m.safetensors", shapes), "m", "m")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_that_each_weight_of_a_checkpoint_is_in_its_place(
    family: ModelFamily, dtype: torch.dtype, tmp_path: Path
) -> None:
    configs = narrow_configs(family, tmp_path)
    networks = {part: network.to(dtype) for part, network in _narrow_networks(configs).items()}
    path = _as_checkpoint(networks, whole(family), tmp_path / "narrow.safetensors")

    loaded = load_checkpoint(path, configs, TEXT_PARTS[family], torch.float32)

    for part, network in networks.items():
        weights, there = network.state_dict(), loaded[part].state_dict()
        assert there.keys() == weights.keys()
        assert [name for name, tensor in weights.items() if not torch.equal(tensor.float(), there[name])] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_loaded_checkpoint_computes_what_the_networks_in_it_compute(family: ModelFamily, tmp_path: Path) -> None:
    configs = narrow_configs(family, tmp_path)
    networks = _narrow_networks(configs)
    path = _as_checkpoint(networks, whole(family), tmp_path / "narrow.safetensors")
    noise, words = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([[7, 3, 9]])

    parts = load_checkpoint(path, configs, TEXT_PARTS[family], torch.float32)
    unet, vae, text_encoder = (parts[part].eval() for part in ("unet", "vae", "text_encoder"))

    with torch.no_grad():
        text = networks["text_encoder"](words).last_hidden_state
        _require_close(text_encoder(words).last_hidden_state, text)
        _require_close(unet(noise, 500, text).sample, networks["unet"](noise, 500, text).sample)
        _require_close(vae.decode(noise).sample, networks["vae"].decode(noise).sample)
        _require_close(_encoded(vae), _encoded(networks["vae"]))


def test_that_marks_in_the_file_choose_the_schedule(tmp_path: Path) -> None:
    save_file({"ztsnr": torch.zeros(1)}, tmp_path / "zero.safetensors")
    save_file({"betas": torch.zeros(1)}, tmp_path / "plain.safetensors")

    zero = checkpoint_schedule(tmp_path / "zero.safetensors", config_folder(ModelFamily.SD1))
    plain = checkpoint_schedule(tmp_path / "plain.safetensors", config_folder(ModelFamily.SD1))

    assert (zero["rescale_betas_zero_snr"], plain["rescale_betas_zero_snr"]) == (True, False)
    assert zero["beta_end"] == plain["beta_end"] == 0.012


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_that_a_tensor_that_is_missing_at_the_last_moment_is_named(part: str, tmp_path: Path) -> None:
    configs = narrow_configs(ModelFamily.SD1, tmp_path)
    networks = _narrow_networks(configs)
    gone = next(iter(networks[part].state_dict()))
    path = _as_checkpoint(networks, SD1, tmp_path / "narrow.safetensors", leave_out=gone)

    with pytest.raises(WeightsCorruptError, match=f"narrow.safetensors, {part} is damaged: Missing key"):
        load_checkpoint(path, configs, TEXT_PARTS[ModelFamily.SD1], torch.float32)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "width"), [(ModelFamily.SD1, 768), (ModelFamily.SD2, 1024)])
def test_that_a_checkpoint_of_full_size_fits_its_configuration(
    family: ModelFamily, width: int, write_tensors: WriteTensors
) -> None:
    card = read_card(write_tensors("dream.safetensors", whole(family)), "dream-1", "dream")

    model = load_base_model(card, torch.device("cpu"), torch.float16, 1)

    assert (model.unet.dtype, model.vae.dtype) == (torch.float16, torch.float32)
    assert (model.vae_factor, model.quantum_px, model.card.training_size.quantum_px) == (8, 64, 64)
    assert encode_prompts(model, ["a photo of a cat"]).hidden_states.shape == (1, 77, width)


def narrow_configs(family: ModelFamily, folder: Path) -> Path:
    """The configurations of a family with the same layers, a tenth as wide."""
    copy = Path(shutil.copytree(config_folder(family), folder / "configs"))
    heads: dict[str, object] = {"attention_head_dim": [2, 4, 8, 8]} if family is ModelFamily.SD2 else {}
    words = {"vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    changes: dict[str, dict[str, object]] = {
        "unet": {"block_out_channels": [32, 64, 128, 128], "cross_attention_dim": 24, **heads},
        "vae": {"block_out_channels": [32, 64, 128, 128]},
        "text_encoder": {"hidden_size": 24, "intermediate_size": 48, "num_attention_heads": 2, **words},
    }
    for part, values in changes.items():
        file = copy / part / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **values}))
    return copy


def _networks(configs: Path) -> dict[str, Any]:
    def config(part: str) -> dict[str, Any]:
        return dict(json.loads((configs / part / "config.json").read_text()))

    return {
        "unet": UNet2DConditionModel.from_config(config("unet")).eval(),
        "vae": AutoencoderKL.from_config(config("vae")).eval(),
        "text_encoder": CLIPTextModel(CLIPTextConfig(**config("text_encoder"))).eval(),
    }


def _narrow_networks(configs: Path) -> dict[str, Any]:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return _networks(configs)


def _as_checkpoint(
    networks: dict[str, Any], layout: dict[str, tuple[int, ...]], path: Path, leave_out: str = ""
) -> Path:
    """Write networks under the names of a checkpoint, with 1x1 convolutions in the VAE as those files have them."""
    weights = {part: network.state_dict() for part, network in networks.items()}
    tensors = {}
    for key, shape in layout.items():
        place = part_and_name(key)
        assert place is not None
        part, name = place
        names = [name.replace("in_proj", f"{letter}_proj") for letter in "qkv"] if ".in_proj." in name else [name]
        tensor = torch.cat([weights[part][each] for each in names])
        if name != leave_out:
            tensors[key] = tensor.reshape(*tensor.shape, *[1] * (len(shape) - tensor.dim())).clone()
    extras = {key: torch.ones(2) for key in (*EXTRAS, *EXTRAS_OF_SD2)}
    save_file({**tensors, **extras}, path)
    return path


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The attention of the VAE has 1x1 convolutions in those files and linear layers in diffusers."""
    return shape[:2] if shape[:2] == (512, 512) and shape[2:] == (1, 1) else shape


def _require_close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    # The loaded weights lie at other addresses, so sums are made in another order.
    assert float(theirs.abs().max()) > 0.01
    assert float((ours - theirs).abs().max()) < 1e-5


def _encoded(vae: Any) -> torch.Tensor:
    mean: torch.Tensor = vae.encode(torch.zeros(1, 3, 16, 16)).latent_dist.mean
    return mean
