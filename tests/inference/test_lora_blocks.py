"""A LoRA whose blocks count differently draws what files that hold those blocks alone would draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from calotype.diffusion import base_model
from calotype.diffusion.lora_adapter import target_layers
from calotype.diffusion.lora_blocks import fitted_by_block
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_keys import LoraPart, block_of, kohya_stem, place_of
from calotype.diffusion.lora_reading import fit_lora, read_lora_file
from calotype.diffusion.lora_weights import networks_of
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.events import PictureReady
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora import LoraTargets
from calotype.domain.lora_blocks import BlockStrengths, blocks_in_note
from calotype.imagesets.picture_metadata import parse_parameters, read_parameters
from calotype.inference.generate import generate
from calotype.services.model_catalog import read_lora_card

BLOCKS = ("text1", "down1", "down2", "down3", "mid", "up1", "up2", "up3")
Draw = Callable[..., tuple[bytes, Path]]


@pytest.fixture(scope="module")
def lora(starter_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA of every layer of Starter's U-Net and of its text encoder."""
    card = read_model_card(starter_folder, "starter", "Starter")
    model = base_model.load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)
    chance, tensors = torch.Generator().manual_seed(8), dict[str, torch.Tensor]()
    layers = [(LoraPart.UNET, name) for name in target_layers(model.unet, LoraTargets.ALL_LAYERS)]
    layers += [(LoraPart.TEXT_ENCODER, f"encoder.layers.{number}.mlp.fc1") for number in range(2)]
    for part, name in layers:
        network: Any = networks_of(model)[part]
        weight = network.get_submodule(name).weight
        stem = kohya_stem(part, name, is_xl=False)
        ends = [1] * (weight.ndim - 2)
        tensors[f"{stem}.lora_down.weight"] = torch.randn(2, *weight.shape[1:], generator=chance) * 0.1
        tensors[f"{stem}.lora_up.weight"] = torch.randn(weight.shape[0], 2, *ends, generator=chance) * 0.1
        tensors[f"{stem}.alpha"] = torch.tensor(2.0)
    path = tmp_path_factory.mktemp("loras") / "whole.safetensors"
    save_file(tensors, path)
    return path


def _alone(lora: Path, blocks: set[str], path: Path) -> Path:
    """A file with the tensors of these blocks and no others."""
    places = {key: place_of(key) for key in load_file(lora)}
    kept = {key for key, place in places.items() if place and block_of(place.part, place.layer) in blocks}
    save_file({key: tensor for key, tensor in load_file(lora).items() if key in kept}, path)
    return path


@pytest.fixture
def draw(starter_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Draws a small picture with the LoRAs, all on one loaded model; returns its pixels and its file."""
    card, shelf, loads = read_model_card(starter_folder, "starter", "Starter"), ModelShelf(), list[object]()
    load = base_model.load_base_model

    def loaded(*arguments: Any) -> base_model.BaseModel:
        loads.append(arguments)
        assert len(loads) == 1, "the base model was loaded again"
        return load(*arguments)

    monkeypatch.setattr(base_model, "load_base_model", loaded)

    def drawn(*uses: LoraUse) -> tuple[bytes, Path]:
        request = GenerationRequest(
            "red apple, 3d render", loras=uses, width_px=64, height_px=64, sampling_steps=2, seed=4
        )
        events = generate(request, card, tmp_path / "out", shelf, Control())
        (path,) = [event.path for event in events if isinstance(event, PictureReady)]
        with Image.open(path) as picture:
            return picture.tobytes(), path

    return drawn


@pytest.mark.parametrize("group", ["text", "down", "mid", "up"])
def test_that_one_part_alone_draws_as_a_file_that_holds_it_alone(
    group: str, lora: Path, draw: Draw, tmp_path: Path
) -> None:
    others = BlockStrengths(tuple((name, 0.0) for name in ("text", "down", "mid", "up") if name != group))
    file = _alone(lora, {block for block in BLOCKS if block.startswith(group)}, tmp_path / "part.safetensors")

    by_factors, _ = draw(LoraUse(lora, 0.8, others))
    by_file, _ = draw(LoraUse(file, 0.8))

    assert by_factors == by_file
    assert by_factors not in (draw()[0], draw(LoraUse(lora, 0.8))[0])


def test_that_single_blocks_draw_as_files_with_strengths_of_their_own(lora: Path, draw: Draw, tmp_path: Path) -> None:
    up = _alone(lora, {"up2"}, tmp_path / "up.safetensors")
    rest = _alone(lora, set(BLOCKS) - {"up2", "down1", "text1"}, tmp_path / "rest.safetensors")

    by_factors, _ = draw(LoraUse(lora, 0.5, BlockStrengths.parse("up2=1.5 down1=0 text=0")))
    by_files, _ = draw(LoraUse(up, 0.75), LoraUse(rest, 0.5))

    assert by_factors == by_files


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_that_every_single_block_predicts_what_its_file_predicts(
    dtype: torch.dtype, lora: Path, starter_folder: Path, tmp_path: Path
) -> None:
    card = read_model_card(starter_folder, "starter", "Starter")
    model = base_model.load_base_model(card, torch.device("cpu"), dtype, thread_count=1)
    chance = torch.Generator().manual_seed(3)
    latents, words = (torch.randn(shape, generator=chance).to(dtype) for shape in ((1, 4, 16, 16), (1, 8, 256)))

    def predicted(use: LoraUse) -> torch.Tensor:
        fitted = fit_lora(read_lora_file(use.path), networks_of(model), "Starter")
        with drawing_with(model, fitted_by_block(fitted, use)):
            found: torch.Tensor = model.unet(latents, torch.tensor([500]), words).sample
            return found

    for block in BLOCKS[1:]:
        zeros = BlockStrengths(tuple((other, 0.0) for other in BLOCKS if other != block))
        file = _alone(lora, {block}, tmp_path / f"{block}.safetensors")

        assert torch.equal(predicted(LoraUse(lora, 0.7, zeros)), predicted(LoraUse(file, 0.7))), block


def test_that_a_picture_says_how_its_blocks_counted(lora: Path, draw: Draw) -> None:
    factors = BlockStrengths.parse("text=0 up2=0.5")

    _, path = draw(LoraUse(lora, 0.8, factors))
    prompt, _, settings = parse_parameters(read_parameters(path))

    assert prompt == "red apple, 3d render <lora:whole:0.8>"
    assert blocks_in_note(settings["Lora blocks"], "whole") == factors
    assert "Lora blocks" not in read_parameters(draw(LoraUse(lora, 0.8))[1])


def test_that_the_header_tells_which_blocks_a_file_changes(lora: Path, tmp_path: Path) -> None:
    part = _alone(lora, {"up2", "mid", "text1"}, tmp_path / "part.safetensors")

    assert read_lora_card(lora).blocks == BLOCKS
    assert read_lora_card(part).blocks == ("text1", "mid", "up2")
