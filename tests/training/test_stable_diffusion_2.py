"""A Stable Diffusion 2 checkpoint in one file is trained on, drawn with and exported, a tenth as wide as it is.

Its tensors have the names of a whole file and are drawn at random, with the last layer of the text encoder that the
model does without, averaged weights, and marks of a training.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from calotype.diffusion import base_model
from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_verification import has_places, read_updates, weight_difference
from calotype.diffusion.model_cards import config_folder, unet_shapes
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.events import PictureReady, PreviewReady, RunFinished, ValidationFinished
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import PreviewPlan
from calotype.domain.recognised import ModelKind
from calotype.inference.generate import generate
from calotype.training.engine import train
from calotype.training.job import TrainingJob

NARROW = {1024: 24, 3072: 72, 4096: 48, 128: 32, 256: 64, 512: 128}
KEPT = {4, 3, 8, 1, 77, 49408}
CONFIGS: dict[str, dict[str, object]] = {
    "unet": {"block_out_channels": [32, 64, 128, 128], "cross_attention_dim": 24, "attention_head_dim": [2, 4, 8, 8]},
    "vae": {"block_out_channels": [32, 64, 128, 128]},
    "text_encoder": {"hidden_size": 24, "intermediate_size": 48, "num_attention_heads": 2},
}


def _narrow(side: int) -> int:
    if side in KEPT:
        return side
    return NARROW[side] if side in NARROW else side // 10  # the U-Net's sides are multiples of 320


@pytest.fixture
def sd2_file(tmp_path: Path) -> Path:
    """The file, at 16 bits as most are."""
    chance, tensors = torch.Generator().manual_seed(4), {}
    for part in checkpoint_parts(ModelKind.SD2).values():
        for key, shape in part.items():
            sides = [_narrow(side) for side in shape]
            is_norm = len(sides) == 1 and key.endswith("weight")
            tensors[key] = (0.05 * torch.randn(sides, generator=chance) + is_norm).half()
    last = "cond_stage_model.model.transformer.resblocks.22."
    left_out = {key.replace(".22.", ".23."): tensor for key, tensor in tensors.items() if key.startswith(last)}
    marks = {"betas": torch.zeros(1000), "cond_stage_model.model.logit_scale": torch.zeros(())}
    averaged = {"model_ema.decay": torch.zeros(()), "model_ema.diffusion_modelout2bias": torch.ones(4)}
    path = tmp_path / "narrow-v2.safetensors"
    save_file({**tensors, **{key: tensor.clone() for key, tensor in left_out.items()}, **marks, **averaged}, path)
    return path


@pytest.fixture
def sd2(sd2_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaseModelCard:
    """Its card; the configurations that ship are as narrow as the file for as long as the test lasts."""
    configs = Path(shutil.copytree(config_folder(ModelFamily.SD2), tmp_path / "configs"))
    for part, values in CONFIGS.items():
        file = configs / part / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **values}))
    monkeypatch.setattr(base_model, "config_folder", lambda family: configs)
    size = sd2_file.stat().st_size
    return BaseModelCard("v2", "V2", tmp_path, ModelFamily.SD2, 64, "v_prediction", size, sd2_file)


def test_that_it_trains_draws_and_exports_what_it_learned(
    sd2: BaseModelCard, make_job: Callable[..., TrainingJob], tmp_path: Path
) -> None:
    job = make_job(
        resolution_px=64,
        step_count=2,
        validate_every=2,
        checkpoint_every=2,
        lora=LoraSpec(rank=4, alpha=2.0, targets=LoraTargets.ATTENTION_AND_MLP),
        preview=PreviewPlan(every=2, prompts=("a disc!",), sampling_steps=2),
    )

    events = list(train(replace(job, model=sd2), Control()))

    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.step == 2 and finished.lora_path is not None
    assert [event.step for event in events if isinstance(event, ValidationFinished)] == [0, 2]
    assert [event.step for event in events if isinstance(event, PreviewReady)] == [0, 2]
    learned = read_updates(finished.lora_path)
    assert len(learned) == 192  # as many as in Stable Diffusion 1
    assert has_places(learned, unet_shapes(sd2))
    for layout in LoraLayout:
        packed = pack_lora(finished.lora_path, ExportChoice(layout, LoraPrecision.FP32), None)
        written = tmp_path / f"{layout}.safetensors"
        written.write_bytes(packed.data)
        assert weight_difference(read_updates(written), learned) == 0.0
        assert b"stable-diffusion-v2-768-v/lora" in packed.data

    with_lora, without = (_draw(sd2, uses, tmp_path) for uses in ((LoraUse(finished.lora_path, 2.0),), ()))
    assert with_lora != without


def test_that_the_model_is_read_with_the_schedule_and_filler_of_its_kind(sd2: BaseModelCard) -> None:
    model = base_model.load_base_model(sd2, torch.device("cpu"), torch.float32, 1)

    filled = model.text_encoders[0].tokenizer("wow!", padding="max_length").input_ids
    assert filled == [49406, 2781, 256, 49407, *[0] * 73]
    assert model.scheduler_config["prediction_type"] == "v_prediction"
    assert model.text_encoders[0].network.config.num_hidden_layers == 23


def _draw(card: BaseModelCard, loras: tuple[LoraUse, ...], folder: Path) -> bytes:
    request = GenerationRequest("a disc!", width_px=64, height_px=64, sampling_steps=2, guidance=2.0, loras=loras)
    events = list(generate(request, card, folder / f"out{len(loras)}", ModelShelf(), Control()))
    (picture,) = [event for event in events if isinstance(event, PictureReady)]
    return picture.path.read_bytes()
