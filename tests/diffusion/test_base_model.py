"""A base model is recognised from its configs, and every way it can be broken is named."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.latents import decode_latents, encode_pixels, encode_prompts, picture_of, pixels_of
from calotype.diffusion.model_folder import read_model_card
from calotype.domain.errors import (
    BaseModelMissingError,
    BaseModelUnsupportedError,
    InpaintingModelError,
    WeightsCorruptError,
)
from calotype.domain.models import ModelFamily


@pytest.fixture
def model_copy(starter_folder: Path, tmp_path: Path) -> Path:
    """A copy of the starter to break."""
    return Path(shutil.copytree(starter_folder, tmp_path / "model"))


def _change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_that_the_starter_describes_itself(starter_folder: Path) -> None:
    card = read_model_card(starter_folder, "starter", "Starter")

    assert (card.family, card.resolution_px, card.prediction_type) == (ModelFamily.STARTER, 128, "v_prediction")


@pytest.mark.parametrize(
    "part",
    [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "scheduler/scheduler_config.json",
        "tokenizer/merges.txt",
    ],
)
def test_that_a_missing_part_is_named(part: str, model_copy: Path) -> None:
    (model_copy / part).unlink()

    with pytest.raises(BaseModelMissingError, match=part):
        read_model_card(model_copy, "m", "My model")


def test_that_pickle_files_are_named_and_never_opened(model_copy: Path) -> None:
    (model_copy / "unet/diffusion_pytorch_model.safetensors").rename(model_copy / "unet/diffusion_pytorch_model.bin")

    with pytest.raises(BaseModelUnsupportedError, match="pickle"):
        read_model_card(model_copy, "m", "My model")


def test_that_other_kinds_of_model_are_named(model_copy: Path) -> None:
    _change(model_copy / "model_index.json", _class_name="FluxPipeline")
    with pytest.raises(BaseModelUnsupportedError, match="FluxPipeline"):
        read_model_card(model_copy, "m", "My model")

    _change(model_copy / "model_index.json", _class_name="StableDiffusionPipeline")
    _change(model_copy / "unet" / "config.json", in_channels=8)
    with pytest.raises(BaseModelUnsupportedError, match="do not belong together"):
        read_model_card(model_copy, "m", "My model")


@pytest.mark.parametrize("pipeline", ["StableDiffusionPipeline", "StableDiffusionInpaintPipeline"])
def test_that_an_inpainting_model_is_told_by_its_unet_and_a_plain_one_is_taken(pipeline: str, model_copy: Path) -> None:
    _change(model_copy / "model_index.json", _class_name=pipeline)
    plain = read_model_card(model_copy, "m", "My model")

    _change(model_copy / "unet" / "config.json", in_channels=9)

    assert plain.name == "My model"
    with pytest.raises(InpaintingModelError, match=r"My model is an inpainting model: .* Choose the plain model"):
        read_model_card(model_copy, "m", "My model")


def test_that_a_truncated_file_says_how_much_is_there(model_copy: Path) -> None:
    weights = model_copy / "unet" / "diffusion_pytorch_model.safetensors"
    whole = weights.stat().st_size
    weights.write_bytes(weights.read_bytes()[: whole // 2])

    with pytest.raises(WeightsCorruptError, match=rf"{whole / 2e6:.1f} of {whole / 1e6:.1f} MB"):
        read_model_card(model_copy, "m", "My model")


def test_that_weights_of_another_shape_are_refused_on_loading(model_copy: Path) -> None:
    _change(model_copy / "unet" / "config.json", block_out_channels=[64, 128, 320])
    card = read_model_card(model_copy, "m", "My model")

    with pytest.raises(WeightsCorruptError, match="My model, unet"):
        load_base_model(card, torch.device("cpu"), torch.float32)


def test_that_a_damaged_config_is_refused(model_copy: Path) -> None:
    (model_copy / "unet" / "config.json").write_text("{")

    with pytest.raises(BaseModelUnsupportedError, match=r"unet/config\.json"):
        read_model_card(model_copy, "m", "My model")


def test_that_a_picture_survives_the_vae(starter: BaseModel) -> None:
    gradient = torch.linspace(-0.6, 0.6, 128).expand(3, 128, 128)

    latents = encode_pixels(starter, gradient[None])
    back = decode_latents(starter, latents)[0]

    assert latents.shape == (1, 4, 16, 16)
    assert float((back - gradient).abs().mean()) < 0.1
    assert float((pixels_of(picture_of(gradient)) - gradient).abs().max()) < 0.01


def test_that_the_size_of_trained_pictures_is_known_without_the_weights(starter: BaseModel) -> None:
    size = starter.card.training_size

    assert (size.resolution_px, size.quantum_px) == (128, starter.quantum_px)


def test_that_a_long_prompt_is_cut_and_not_an_error(starter: BaseModel) -> None:
    embeddings = encode_prompts(starter, ["a red apple, " * 50, ""]).hidden_states

    assert embeddings.shape == (2, 32, 256)
    assert not torch.equal(embeddings[0], embeddings[1])


def test_that_a_damaged_tokenizer_is_named(model_copy: Path) -> None:
    (model_copy / "tokenizer" / "tokenizer.json").unlink()
    (model_copy / "tokenizer" / "vocab.json").write_text("{")

    with pytest.raises(WeightsCorruptError, match="tokenizer"):
        load_base_model(read_model_card(model_copy, "m", "My model"), torch.device("cpu"), torch.float32, 1)


@pytest.mark.parametrize("width", [None, [768, 768], "wide"])
def test_that_a_strange_configuration_is_refused_and_no_crash(width: object, model_copy: Path) -> None:
    _change(model_copy / "unet" / "config.json", cross_attention_dim=width)

    with pytest.raises(BaseModelUnsupportedError, match="configuration"):
        read_model_card(model_copy, "m", "My model")


def test_that_a_pair_as_sample_size_is_understood(model_copy: Path) -> None:
    _change(model_copy / "unet" / "config.json", sample_size=[16, 24])

    assert read_model_card(model_copy, "m", "My model").resolution_px == 128


def test_that_two_threads_may_load_at_the_same_time(starter_folder: Path) -> None:
    card = read_model_card(starter_folder, "starter", "Starter")

    with ThreadPoolExecutor(4) as threads:
        loaded = list(threads.map(lambda _: load_base_model(card, torch.device("cpu"), torch.float32, 1), range(4)))

    assert all(not weights.is_meta for model in loaded for weights in model.text_encoders[0].network.parameters())
