"""The same prompt is read once, as long as nothing changes how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.known_prompts import MOST_KEPT, KnownPrompts
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf, WantedModel
from calotype.domain.control import Control
from calotype.domain.events import PictureReady
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.models import BaseModelCard
from calotype.inference.generate import generate

REQUEST = GenerationRequest("red apple", width_px=128, height_px=128, sampling_steps=1, seed=9)
UNET = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
TEXT = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
Drawn = Callable[..., bytes]


@pytest.fixture
def card(starter_folder: Path) -> BaseModelCard:
    """The starter."""
    return read_model_card(starter_folder, "starter", "Starter")


@pytest.fixture
def shelf(card: BaseModelCard) -> ModelShelf:
    """A shelf with the starter on it."""
    shelf = ModelShelf()
    with shelf.lease() as lease:
        list(lease.take(WantedModel(card, torch.device("cpu"), torch.float32, 1), Control()))
    return shelf


@pytest.fixture
def readings(card: BaseModelCard, shelf: ModelShelf) -> Iterator[Callable[[], int]]:
    """How often the text encoder ran so far."""
    count = [0]

    def add(*_: object) -> None:
        count[0] += 1

    with shelf.lease() as lease:
        list(lease.take(WantedModel(card, torch.device("cpu"), torch.float32, 1), Control()))
        assert lease.model is not None
        hook = lease.model.text_encoders[0].network.register_forward_hook(add)
    yield lambda: count[0]
    hook.remove()


@pytest.fixture
def loras(tmp_path: Path) -> dict[str, Path]:
    """A LoRA of the U-Net, and one of the text encoder."""
    chance = torch.Generator().manual_seed(2)
    paths = {}
    for name, layer in {"unet": UNET, "text": TEXT}.items():
        down, up = torch.randn(2, 256, generator=chance), torch.randn(256, 2, generator=chance)
        paths[name] = tmp_path / f"{name}.safetensors"
        save_file({f"{layer}.lora_down.weight": down, f"{layer}.lora_up.weight": up}, paths[name])
    return paths


@pytest.fixture
def drawn(card: BaseModelCard, shelf: ModelShelf, tmp_path: Path) -> Drawn:
    """Draws one picture, with the model that is on the shelf or with one from another shelf."""

    def draw(request: GenerationRequest, other: ModelShelf | None = None) -> bytes:
        events = generate(request, card, tmp_path / "out", shelf if other is None else other, Control())
        return next(event.path for event in events if isinstance(event, PictureReady)).read_bytes()

    return draw


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ({}, {"seed": 10, "width_px": 160, "sampling_steps": 2}, 1),
        ({"lora": "unet"}, {"lora": "unet", "strength": 0.5}, 1),
        ({}, {"prompt": "red apples"}, 2),
        ({}, {"negative_prompt": "blue"}, 2),
        ({}, {"clip_skip": 2}, 2),
        ({}, {"lora": "text"}, 2),
        ({"lora": "text"}, {"lora": "text", "strength": 0.5}, 2),
    ],
    ids=["size", "U-Net", "prompt", "negative", "clip skip", "text encoder", "its strength"],
)
def test_that_words_are_read_again_only_if_they_would_be_read_otherwise(
    first: dict[str, object],
    second: dict[str, object],
    count: int,
    drawn: Drawn,
    readings: Callable[[], int],
    loras: dict[str, Path],
) -> None:
    requests = []
    for changes in (dict(first), dict(second)):
        strength, name = float(str(changes.pop("strength", 1.0))), changes.pop("lora", None)
        uses = (LoraUse(loras[str(name)], strength),) if name else ()
        requests.append(replace(REQUEST, loras=uses, **changes))  # type: ignore[arg-type]

    pictures = [drawn(request) for request in (*requests, requests[0])]

    assert readings() == count
    assert pictures[0] == pictures[2]
    fresh = [drawn(request, ModelShelf()) for request in requests]
    assert pictures[:2] == fresh


def test_that_only_the_last_readings_are_kept() -> None:
    known, read = KnownPrompts(), list[str]()

    def ask(text: str) -> None:
        def reading() -> Conditioning:
            read.append(text)
            return Conditioning(torch.zeros(1))

        known.conditioning((), [text], 1, reading)

    for text in ("first", *map(str, range(MOST_KEPT - 1)), "first", "one more", "first", "0"):
        ask(text)

    assert read == ["first", *map(str, range(MOST_KEPT - 1)), "one more", "0"]
