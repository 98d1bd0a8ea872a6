"""The same code on a model of the SDXL kind: two text encoders, a pooled prompt, and a U-Net told of sizes and cuts.

It is drawn at random and tiny: what is proved is that every part is read from its config and that the U-Net is told
what diffusers tells it, and not that it can draw.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_trial import output_difference
from calotype.diffusion.lora_verification import has_places, read_updates, weight_difference
from calotype.diffusion.model_cards import unet_shapes
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.sampling import SamplingSettings, draw, make_scheduler, starting_noise
from calotype.domain.control import Control
from calotype.domain.errors import BaseModelError, BaseModelMissingError
from calotype.domain.events import LoraChecked, PictureReady, PreviewReady, RunFinished, ValidationFinished
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.imageset import ImageSet
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import PreviewPlan
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob
from calotype.training.latent_cache import cache_images, no_caption
from calotype.training.objective import draw_batch

WIDTHS, PROJECTION, FRAMING_WIDTH = (48, 32), 24, 8
PROMPTS = ["a teal disc", "an orange disc on sand"]


@pytest.fixture(scope="module")
def folder(starter_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as SDXL has it, with every part and one or two transformer blocks; tests break copies of it."""
    made = tmp_path_factory.mktemp("sdxl") / "tiny-sdxl"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        _unet().save_pretrained(made / "unet")
        AutoencoderKL(
            block_out_channels=(32, 32),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=4,
            scaling_factor=0.13025,
            force_upcast=True,
        ).save_pretrained(made / "vae")
        _save_text_encoders(made, starter_folder)
    EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    ).save_pretrained(made / "scheduler")
    _write_index(made)
    return made


def _unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=32,
        block_out_channels=(32, 64, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        attention_head_dim=(2, 4, 4),
        cross_attention_dim=sum(WIDTHS),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=FRAMING_WIDTH,
        projection_class_embeddings_input_dim=PROJECTION + 6 * FRAMING_WIDTH,
    )


def _save_text_encoders(made: Path, starter_folder: Path) -> None:
    for name in ("tokenizer", "tokenizer_2"):
        shutil.copytree(starter_folder / "tokenizer", made / name)
    config = made / "tokenizer_2/tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "pad_token": "!"}))
    tokenizer = CLIPTokenizer.from_pretrained(made / "tokenizer", local_files_only=True)
    for width, network, name in zip(
        WIDTHS, (CLIPTextModel, CLIPTextModelWithProjection), ("text_encoder", "text_encoder_2"), strict=True
    ):
        config = CLIPTextConfig(
            hidden_size=width,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=4,
            projection_dim=PROJECTION,
            vocab_size=len(tokenizer),
            max_position_embeddings=32,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        network(config).save_pretrained(made / name)


def _write_index(made: Path, **more: object) -> None:
    parts = {
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
    }
    index = {"_class_name": "StableDiffusionXLPipeline", "_diffusers_version": "0.42.1", **parts, **more}
    (made / "model_index.json").write_text(json.dumps(index))


@pytest.fixture
def card(folder: Path) -> BaseModelCard:
    """What is known of the model before it is loaded."""
    return read_model_card(folder, "sdxl", "Tiny SDXL")


@pytest.fixture
def model(card: BaseModelCard) -> BaseModel:
    """The model, loaded."""
    return load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)


def _pipeline(folder: Path) -> Any:
    pipeline = StableDiffusionXLPipeline.from_pretrained(folder, local_files_only=True, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def test_that_it_is_described_by_its_configs(card: BaseModelCard, model: BaseModel) -> None:
    assert (card.family, card.resolution_px, card.prediction_type) == (ModelFamily.SDXL, 64, "epsilon")
    assert (model.vae_factor, model.quantum_px, model.takes_no_prompt_as_zeros) == (2, 8, True)
    assert model.vae.dtype == torch.float32


def test_that_prompts_are_read_as_diffusers_reads_them(folder: Path, model: BaseModel) -> None:
    hidden_states, _, pooled, _ = _pipeline(folder).encode_prompt(PROMPTS, do_classifier_free_guidance=False)

    ours = encode_prompts(model, PROMPTS)

    assert ours.pooled is not None
    assert ours.hidden_states.shape == (2, 32, sum(WIDTHS))
    assert torch.equal(ours.hidden_states, hidden_states)
    assert torch.equal(ours.pooled, pooled)


@pytest.mark.parametrize("negative_prompt", ["", "sand"])
@pytest.mark.parametrize("zeros", [True, False])
def test_that_diffusers_draws_the_same_picture(
    negative_prompt: str, *, zeros: bool, folder: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    _write_index(copy, force_zeros_for_empty_prompt=zeros)
    model = load_base_model(read_model_card(copy, "m", "m"), torch.device("cpu"), torch.float32, thread_count=1)
    settings, pipeline = SamplingSettings(64, 96, sampling_steps=3, guidance=5.0), _pipeline(copy)
    pipeline.scheduler = make_scheduler(model)[0]
    theirs = pipeline(
        PROMPTS,
        negative_prompt=[negative_prompt] * 2 if negative_prompt or not zeros else None,
        latents=starting_noise(model, settings, [4, 5]),
        width=64,
        height=96,
        num_inference_steps=3,
        guidance_scale=5.0,
    ).images

    steps = draw(model, settings, PROMPTS, negative_prompt, [4, 5])
    with pytest.raises(StopIteration) as finished:
        while True:
            next(steps)

    for our_picture, their_picture in zip(finished.value.value, theirs, strict=True):
        assert our_picture.size == (64, 96)
        difference = [abs(a - b) for a, b in zip(our_picture.tobytes(), their_picture.tobytes(), strict=True)]
        assert max(difference) <= 1  # of 255: rounded


def test_that_a_picture_is_told_how_it_was_framed(model: BaseModel, image_set: ImageSet) -> None:
    """The second picture is 256 x 128: scaled to cover 88 x 48 it is 96 x 48, and 4 are cut off on either side."""
    cached = list(cache_images(model, image_set.training[:2], 64, with_mirrored=False))

    framings = [image.conditioning.framing for image in cached]

    assert [(image.bucket.width_px, image.bucket.height_px) for image in cached] == [(64, 64), (88, 48)]
    assert framings[0] is not None and framings[0].tolist() == [[128, 128, 0, 0, 64, 64]]
    assert framings[1] is not None and framings[1].tolist() == [[128, 256, 0, 4, 48, 88]]


def test_that_a_dropped_caption_is_zeros_about_a_picture_framed_as_before(
    model: BaseModel, image_set: ImageSet, make_job: Callable[..., TrainingJob]
) -> None:
    plan = make_job(caption_dropout=0.99, resolution_px=64).plan
    [image] = cache_images(model, image_set.training[:1], 64, with_mirrored=False)

    told = draw_batch(plan, 1, [image], no_caption(model), 1000).conditioning

    assert told.pooled is not None and told.framing is not None and image.conditioning.framing is not None
    assert not told.hidden_states.any() and not told.pooled.any()
    assert torch.equal(told.framing, image.conditioning.framing)


@pytest.mark.parametrize(
    "part", ["text_encoder_2/model.safetensors", "text_encoder_2/config.json", "tokenizer_2/merges.txt"]
)
def test_that_a_part_that_only_this_kind_has_is_missed_by_name(part: str, folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / part).unlink()

    with pytest.raises(BaseModelMissingError, match=part):
        read_model_card(copy, "m", "My model")


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("unet", {"addition_embed_type": "image"}, "reads more than words"),
        ("unet", {"in_channels": 9}, "is an inpainting model"),
        ("vae", {"latents_mean": [0.1, 0.2, 0.3, 0.4]}, r"as those of Playground 2\.5 do"),
        ("text_encoder_2", {"hidden_size": 40}, "text encoders do not belong together"),
        ("text_encoder_2", {"projection_dim": 40}, "text encoders do not belong together"),
        ("unet", {"projection_class_embeddings_input_dim": 2817}, "text encoders do not belong together"),
        ("unet", {"addition_time_embed_dim": None}, "text encoders do not belong together"),
    ],
)
def test_that_what_only_looks_like_it_is_refused_with_the_reason(
    part: str, change: dict[str, object], words: str, folder: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    config = copy / part / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **change}))

    with pytest.raises(BaseModelError, match=words):
        read_model_card(copy, "m", "My model")


def _require_verified_exports(card: BaseModelCard, learned: Path, folder: Path) -> None:
    for layout, key in (
        (LoraLayout.KOHYA, "lora_unet_middle_block_1_proj_in.lora_up.weight"),
        (LoraLayout.DIFFUSERS, "unet.mid_block.attentions.0.proj_in.lora_B.weight"),
    ):
        written = folder / f"{layout}.safetensors"
        written.write_bytes(pack_lora(learned, ExportChoice(layout, LoraPrecision.FP32), None).data)

        header, updates = read_header(written), read_updates(written)

        assert header.metadata["ss_base_model_version"] == "sdxl_base_v1-0"
        assert header.metadata["modelspec.architecture"] == "stable-diffusion-xl-v1-base/lora"
        assert key in header.shapes
        assert has_places(updates, unet_shapes(card))
        assert weight_difference(updates, read_updates(learned)) < 1e-6
        assert output_difference(card, learned, updates) <= 1e-5


def test_that_it_trains_measures_and_draws_at_its_own_size(
    card: BaseModelCard, make_job: Callable[..., TrainingJob], tmp_path: Path
) -> None:
    job = make_job(
        resolution_px=64,
        step_count=12,
        validate_every=6,
        checkpoint_every=6,
        lora=LoraSpec(rank=4, alpha=2.0, targets=LoraTargets.ALL_LAYERS),
        preview=PreviewPlan(every=12, prompts=("disc",), sampling_steps=3),
    )

    events = list(train(replace(job, model=card), Control()))

    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.lora_path is not None
    measured = [event for event in events if isinstance(event, ValidationFinished)]
    assert [event.step for event in measured] == [0, 6, 12]
    assert measured[-1].loss != measured[0].loss
    assert [event.step for event in events if isinstance(event, PreviewReady)] == [0, 12]
    assert [event for event in events if isinstance(event, LoraChecked)] != []
    _require_verified_exports(card, finished.lora_path, tmp_path)

    request = GenerationRequest(
        "disc", width_px=64, height_px=96, sampling_steps=3, loras=(LoraUse(finished.lora_path, 0.8),)
    )
    drawn = generate(request, card, tmp_path / "out", ModelShelf(), Control())
    made = [event for event in drawn if isinstance(event, PictureReady)]
    assert len(made) == 1
    assert b"DPM++ 2M Karras" in made[0].path.read_bytes()
