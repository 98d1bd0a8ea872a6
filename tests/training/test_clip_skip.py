"""Clip skip: another layer of the text encoder is read, by the training, the previews and every later picture alike."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_headers import read_lora_header
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.errors import InvalidPlanError
from calotype.domain.events import PictureReady, PreviewReady, RunFinished
from calotype.domain.generation import GenerationRequest
from calotype.domain.plan import PreviewPlan
from calotype.imagesets.picture_metadata import parse_parameters, read_parameters
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.parts import Parts

PROMPTS = ["a teal disc", ""]

Assemble = Callable[[TrainingJob], Parts]


@pytest.fixture(scope="module")
def starter(starter_folder: Path) -> BaseModel:
    """The starter, whose text encoder has three layers."""
    return load_base_model(read_model_card(starter_folder, "starter", "Starter"), torch.device("cpu"), torch.float32, 1)


@torch.no_grad()
def _without_last_layers(model: BaseModel, prompts: list[str], count: int) -> Tensor:
    """What an encoder says whose last layers were taken out, in front of its last norm."""
    encoder = copy.deepcopy(model.text_encoders[0].network)
    encoder.encoder.layers = encoder.encoder.layers[: len(encoder.encoder.layers) - count]
    tokens = model.text_encoders[0].tokenizer(prompts, padding="max_length", max_length=32, return_tensors="pt")
    embeddings: Tensor = encoder(tokens.input_ids)[0]
    return embeddings


@pytest.mark.parametrize("clip_skip", [1, 2, 3])
def test_that_layers_behind_the_chosen_one_are_not_there(clip_skip: int, starter: BaseModel) -> None:
    read = encode_prompts(starter.reading(clip_skip), PROMPTS).hidden_states

    expected = _without_last_layers(starter, PROMPTS, clip_skip - 1)
    assert torch.allclose(read, expected, atol=1e-6)
    assert torch.equal(read, encode_prompts(starter, PROMPTS).hidden_states) == (clip_skip == 1)


def test_that_a_layer_that_the_encoder_does_not_have_is_refused(
    starter: BaseModel, make_job: Callable[..., TrainingJob], tmp_path: Path
) -> None:
    words = "the text encoder of Starter has 3 layers, so use 1 to 3"

    with pytest.raises(InvalidPlanError, match=words):
        starter.reading(4)
    with pytest.raises(InvalidPlanError, match=words):
        list(train(make_job(clip_skip=4), Control()))
    with pytest.raises(InvalidPlanError, match=words):
        list(_drawn(starter, 4, tmp_path))


@pytest.mark.parametrize("clip_skip", [0, 13])
def test_that_values_that_no_program_has_are_refused(clip_skip: int, make_job: Callable[..., TrainingJob]) -> None:
    with pytest.raises(InvalidPlanError, match="clip_skip"):
        make_job(clip_skip=clip_skip)
    with pytest.raises(InvalidPlanError, match="clip_skip"):
        GenerationRequest("disc", clip_skip=clip_skip)


def test_that_a_run_learns_from_the_layer_and_says_so(
    starter: BaseModel, make_job: Callable[..., TrainingJob], assembled: Assemble
) -> None:
    job = make_job(clip_skip=2, step_count=1, preview=PreviewPlan(every=1, prompts=("disc",), sampling_steps=1))

    parts = assembled(job)
    events = list(train(job, Control()))

    captions = [job.image_set.training[0].caption, ""]
    read = torch.cat([told.hidden_states for told in (parts.training[0].conditioning, parts.empty)])
    assert torch.allclose(read, _without_last_layers(starter, captions, 1), atol=1e-6)
    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.lora_path is not None
    words = read_lora_header(finished.lora_path).metadata
    assert (words["ss_clip_skip"], words["modelspec.encoder_layer"]) == ("2", "2")
    (preview,) = [event for event in events if isinstance(event, PreviewReady) and event.step == 1]
    assert parse_parameters(read_parameters(preview.path))[2]["Clip skip"] == "2"


def test_that_a_picture_is_drawn_from_the_layer_and_says_so(starter: BaseModel, tmp_path: Path) -> None:
    plain, skipped = (next(_drawn(starter, clip_skip, tmp_path)) for clip_skip in (1, 2))

    assert parse_parameters(read_parameters(skipped))[2]["Clip skip"] == "2"
    assert "Clip skip" not in parse_parameters(read_parameters(plain))[2]
    assert _pixels(plain) != _pixels(skipped)


def _pixels(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.tobytes()


def _drawn(model: BaseModel, clip_skip: int, folder: Path) -> Iterator[Path]:
    request = GenerationRequest("red apple", width_px=128, height_px=128, sampling_steps=2, clip_skip=clip_skip)
    for event in generate(request, model.card, folder, ModelShelf(), Control()):
        if isinstance(event, PictureReady):
            yield event.path
