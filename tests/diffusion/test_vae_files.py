"""A VAE of one's own: which files are one, which of them fit a model, and that each form is loaded as what it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import VAE, VAE_PREFIX, checkpoint_parts
from calotype.diffusion.checkpoint_names import vae_name
from calotype.diffusion.model_cards import config_folder
from calotype.diffusion.single_file import load_vae
from calotype.diffusion.vae_files import OwnVae, VaeFiles, fitting_vae
from calotype.domain.errors import (
    NotAVaeError,
    PickleFileError,
    VaeDoesNotFitError,
    VaeMissingError,
    WeightsCorruptError,
)
from calotype.domain.models import ModelFamily
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]
INSIDE = checkpoint_parts(ModelKind.SD1)[VAE]
ALONE = {key.removeprefix(VAE_PREFIX): shape for key, shape in INSIDE.items()}
RENAMED = {vae_name(key): shape for key, shape in ALONE.items()}
OLD = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}
CONFIG = json.loads((config_folder(ModelFamily.SD1) / "vae/config.json").read_text())
OWN = OwnVae(CONFIG, INSIDE)


def _with_old_names(name: str) -> str:
    return next((name.replace(new, old) for new, old in OLD.items() if new in name), name)


@pytest.mark.parametrize(
    "shapes",
    [ALONE, INSIDE, RENAMED, {_with_old_names(key): shape for key, shape in RENAMED.items()}],
    ids=["ldm", "from a checkpoint", "diffusers", "diffusers before 0.13"],
)
def test_that_a_vae_fits_under_all_the_names_that_programs_give(
    shapes: dict[str, tuple[int, ...]], write_tensors: WriteTensors
) -> None:
    path = write_tensors("mine.vae.safetensors", {**shapes, "loss.logvar": ()})

    assert fitting_vae(path, OWN, "Dream") == VaeFiles(CONFIG, path)


def test_that_other_latents_are_refused(write_tensors: WriteTensors) -> None:
    flux = {**ALONE, "decoder.conv_in.weight": (512, 16, 3, 3), "encoder.conv_out.weight": (32, 512, 3, 3)}
    xl = {"modelspec.architecture": "stable-diffusion-xl-v1-base/vae"}

    with pytest.raises(VaeDoesNotFitError, match="of “Dream”: its latents have 16 channels, and those of the model 4"):
        fitting_vae(write_tensors("flux.safetensors", flux), OWN, "Dream")
    with pytest.raises(
        VaeDoesNotFitError, match=r"its latents are scaled by 0\.13025, and those of the model by 0\.18"
    ):
        fitting_vae(write_tensors("xl.safetensors", ALONE, **xl), OWN, "Dream")


def test_that_a_file_that_is_built_otherwise_is_refused(write_tensors: WriteTensors) -> None:
    other = {**ALONE, "decoder.norm_out.weight": (64,)}

    with pytest.raises(VaeDoesNotFitError, match=r"as decoder\.conv_norm_out\.weight shows"):
        fitting_vae(write_tensors("other.safetensors", other), OWN, "Dream")


def test_that_what_is_no_vae_is_said(write_tensors: WriteTensors, tmp_path: Path) -> None:
    whole = {key: shape for part in checkpoint_parts(ModelKind.SD1).values() for key, shape in part.items()}
    lora = {"lora_unet_mid_block_attn2_to_k.lora_down.weight": (4, 768)}
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.pt").write_bytes(b"\x80\x02}q\x00.")

    with pytest.raises(NotAVaeError, match=r"whole\.safetensors is no VAE: it is a whole checkpoint"):
        fitting_vae(write_tensors("whole.safetensors", whole), OWN, "Dream")
    with pytest.raises(NotAVaeError, match="it is a LoRA"):
        fitting_vae(write_tensors("lora.safetensors", lora), OWN, "Dream")
    with pytest.raises(NotAVaeError, match=r"a folder without config\.json"):
        fitting_vae(tmp_path / "empty", OWN, "Dream")
    with pytest.raises(PickleFileError):
        fitting_vae(tmp_path / "old.pt", OWN, "Dream")
    with pytest.raises(VaeMissingError, match=r"“Dream” is missing: .*gone\.safetensors"):
        fitting_vae(tmp_path / "gone.safetensors", OWN, "Dream")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"scaling_factor": 0.13025}, r"scaled by 0\.13025"),
        ({"latent_channels": 16}, "16 channels"),
        ({"block_out_channels": [8, 8, 16]}, "4 times smaller than pictures, and those of the model 8 times"),
    ],
)
def test_that_a_folder_says_itself_that_it_does_not_fit(
    values: dict[str, object], words: str, write_tensors: WriteTensors, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, **values}))
    write_tensors("diffusion_pytorch_model.safetensors", {"encoder.conv_in.bias": (4,)})

    with pytest.raises(VaeDoesNotFitError, match=words):
        fitting_vae(tmp_path, OWN, "Dream")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"_class_name": "AutoencoderTiny"}, "a folder for AutoencoderTiny"),
        ({"block_out_channels": 4}, "does not say how it is built"),
        ({}, r"a folder without diffusion_pytorch_model\.safetensors"),
    ],
)
def test_that_a_folder_of_something_else_is_named(values: dict[str, object], words: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, **values}))

    with pytest.raises(NotAVaeError, match=words):
        fitting_vae(tmp_path, OWN, "Dream")


def test_that_a_folder_with_a_damaged_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")

    with pytest.raises(NotAVaeError, match=r"a folder whose config\.json cannot be read"):
        fitting_vae(tmp_path, OWN, "Dream")


@pytest.fixture
def narrow() -> AutoencoderKL:
    """A VAE with the layers of a whole one, a quarter as wide."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return AutoencoderKL.from_config({**CONFIG, "block_out_channels": [32, 64, 128, 128]}).eval()


@pytest.mark.parametrize("form", ["ldm", "checkpoint", "diffusers", "old", "folder", "model folder"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_that_every_form_is_loaded_as_the_same_network(
    form: str, dtype: torch.dtype, narrow: AutoencoderKL, tmp_path: Path
) -> None:
    narrow = narrow.to(dtype)
    weights = narrow.state_dict()
    own = OwnVae(dict(narrow.config), {name: tuple(tensor.shape) for name, tensor in weights.items()})
    path = tmp_path / "mine.safetensors"
    match form:
        case "folder" | "model folder":
            path = tmp_path / "folder"
            narrow.save_pretrained(path if form == "folder" else path / "vae")
        case "diffusers" | "old":
            save_file({_with_old_names(n) if form == "old" else n: tensor for n, tensor in weights.items()}, path)
        case _:
            prefix = VAE_PREFIX if form == "checkpoint" else ""
            # As those programs write it, the attention is a 1x1 convolution.
            shaped = {key: weights[vae_name(key)] for key in ALONE}
            dims = {
                key: tensor.reshape(*tensor.shape, *[1] * (len(ALONE[key]) - tensor.dim()))
                for key, tensor in shaped.items()
            }
            save_file({prefix + key: tensor for key, tensor in dims.items()} | {"loss.logvar": torch.zeros(1)}, path)

    loaded = load_vae(fitting_vae(path, own, "Dream"))

    there = loaded.state_dict()
    assert there.keys() == weights.keys()
    assert [name for name, tensor in weights.items() if not torch.equal(tensor.float(), there[name])] == []
    assert loaded.config.scaling_factor == 0.18215


def test_that_a_folder_that_lacks_a_tensor_is_named(narrow: AutoencoderKL, tmp_path: Path) -> None:
    narrow.save_pretrained(tmp_path)
    file = tmp_path / "diffusion_pytorch_model.safetensors"
    save_file({n: t for n, t in narrow.state_dict().items() if n != "decoder.conv_out.bias"}, file)
    own = OwnVae(dict(narrow.config), {})

    with pytest.raises(WeightsCorruptError, match="Missing key"):
        load_vae(fitting_vae(tmp_path, own, "Dream"))


def test_that_a_folder_with_a_strange_configuration_is_named(narrow: AutoencoderKL, tmp_path: Path) -> None:
    narrow.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "block_out_channels": [1, "x", None, 2]}))

    with pytest.raises(WeightsCorruptError, match=r"diffusion_pytorch_model\.safetensors"):
        load_vae(fitting_vae(tmp_path, OwnVae(dict(narrow.config), {}), "Dream"))
