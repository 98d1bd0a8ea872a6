"""The same code on a model of the Stable Diffusion 1 kind: AutoencoderKL, epsilon prediction, a PNDM scheduler config.

It is drawn at random and tiny: what is proved is that every part is read from its config, and not that it can draw.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from calotype.diffusion.latents import pixels_of
from calotype.diffusion.model_cards import read_card
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control, Stop
from calotype.domain.errors import CheckpointUnusableError
from calotype.domain.events import PictureReady, PreviewReady, RunFinished, StepFinished, ValidationFinished
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.models import BaseModelCard, ModelChoices, ModelFamily
from calotype.domain.plan import PreviewPlan
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.latent_cache import load_for_bucket
from calotype.training.parts import Parts

Assemble = Callable[[TrainingJob], Parts]


@pytest.fixture
def sd1(starter_folder: Path, tmp_path: Path) -> BaseModelCard:
    """A model folder as Stable Diffusion 1.5 has it, with a thousandth of its weights."""
    folder = tmp_path / "sd1"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        UNet2DConditionModel(
            sample_size=32,
            block_out_channels=(32, 64),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=768,
            attention_head_dim=8,
        ).save_pretrained(folder / "unet")
        AutoencoderKL(
            block_out_channels=(32, 32),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=4,
            scaling_factor=0.18215,
        ).save_pretrained(folder / "vae")
        words = json.loads((starter_folder / "text_encoder" / "config.json").read_text())
        config = CLIPTextConfig(
            hidden_size=768,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=8,
            vocab_size=words["vocab_size"],
            max_position_embeddings=32,
            bos_token_id=words["bos_token_id"],
            eos_token_id=words["eos_token_id"],
        )
        CLIPTextModel(config).save_pretrained(folder / "text_encoder")
    PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    ).save_pretrained(folder / "scheduler")
    shutil.copytree(starter_folder / "tokenizer", folder / "tokenizer")
    (folder / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    return read_model_card(folder, "sd1", "Tiny SD 1")


def test_that_it_trains_measures_and_draws_at_its_own_size(
    sd1: BaseModelCard, make_job: Callable[..., TrainingJob], tmp_path: Path
) -> None:
    assert (sd1.family, sd1.resolution_px, sd1.prediction_type) == (ModelFamily.SD1, 64, "epsilon")
    job = make_job(
        resolution_px=64,
        min_snr_gamma=5.0,
        lora=LoraSpec(rank=4, alpha=2.0, targets=LoraTargets.ATTENTION_AND_MLP),
        preview=PreviewPlan(every=6, prompts=("disc",), sampling_steps=3),
    )

    events = list(train(replace(job, model=sd1), Control()))

    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.lora_path is not None
    measured = [event for event in events if isinstance(event, ValidationFinished)]
    assert [event.step for event in measured] == [0, 3, 6]
    assert measured[-1].loss != measured[0].loss
    assert [event.step for event in events if isinstance(event, PreviewReady)] == [0, 6]

    request = GenerationRequest(
        "disc", width_px=64, height_px=96, sampling_steps=3, loras=(LoraUse(finished.lora_path, 0.8),)
    )
    made = [
        event
        for event in generate(request, sd1, tmp_path / "out", ModelShelf(), Control())
        if isinstance(event, PictureReady)
    ]
    assert len(made) == 1
    assert b"DPM++ 2M Karras" in made[0].path.read_bytes()


@pytest.fixture
def other_vae(tmp_path: Path) -> Path:
    """Another VAE for it, with a level of other width."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        AutoencoderKL(
            block_out_channels=(32, 64),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=4,
            scaling_factor=0.18215,
        ).save_pretrained(tmp_path / "vae")
    return tmp_path / "vae"


def test_that_another_vae_is_trained_and_drawn_with(
    sd1: BaseModelCard, other_vae: Path, make_job: Callable[..., TrainingJob], tmp_path: Path, assembled: Assemble
) -> None:
    card = read_card(sd1.folder, sd1.id, sd1.name, ModelChoices(vae=other_vae))
    vae = AutoencoderKL.from_pretrained(other_vae)
    job = replace(make_job(resolution_px=64, step_count=1), model=card)

    parts = assembled(job)
    events = list(train(job, Control()))

    with torch.no_grad():
        pixels = pixels_of(load_for_bucket(job.image_set.training[0].path, parts.training[0].bucket))[None]
        expected = vae.encode(pixels).latent_dist.mode()[0] * 0.18215
    assert torch.allclose(parts.training[0].latents, expected, atol=1e-5)
    lora = events[-1].lora_path if isinstance(events[-1], RunFinished) else None
    assert lora is not None and b'"ss_vae_name":"vae"' in lora.read_bytes()
    drawn = [_picture(card, tmp_path / "with"), _picture(sd1, tmp_path / "without")]
    assert b"VAE: vae" in drawn[0] and b"VAE" not in drawn[1]


def test_that_a_run_never_goes_on_with_another_vae(
    sd1: BaseModelCard, other_vae: Path, make_job: Callable[..., TrainingJob]
) -> None:
    card = replace(sd1, vae=other_vae)
    job = make_job(resolution_px=64, step_count=2, checkpoint_every=1, validate_every=1)
    control = Control()
    for event in train(replace(job, model=sd1), control):
        if isinstance(event, StepFinished):
            control.send(Stop())

    with pytest.raises(CheckpointUnusableError, match="its base model has another VAE now"):
        list(train(replace(job, model=card, continues=True), Control()))

    finished = list(train(replace(job, model=sd1, continues=True), Control()))[-1]
    assert isinstance(finished, RunFinished) and finished.step == 2


def _picture(card: BaseModelCard, folder: Path) -> bytes:
    request = GenerationRequest("disc", width_px=64, height_px=64, sampling_steps=1)
    events = list(generate(request, card, folder, ModelShelf(), Control()))
    (picture,) = [event for event in events if isinstance(event, PictureReady)]
    return picture.path.read_bytes()
