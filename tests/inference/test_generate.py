"""Pictures on request: on disk with their settings as they finish, stopped at once, and never with half a LoRA."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from calotype.diffusion.lora_adapter import LoraLayer, target_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import ModelShelf, WantedModel
from calotype.domain.control import Control, Stop
from calotype.domain.errors import DiskFullError, InvalidPlanError, LoraUnreadableError
from calotype.domain.events import (
    GenerationEvent,
    GenerationFinished,
    PictureReady,
    SamplingProgress,
)
from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora import LoraTargets
from calotype.domain.models import BaseModelCard
from calotype.imagesets.picture_metadata import parse_parameters, read_parameters
from calotype.inference.generate import generate

REQUEST = GenerationRequest("red apple, 3d render", width_px=128, height_px=128, sampling_steps=2, count=2, seed=9)


@pytest.fixture
def card(starter_folder: Path) -> BaseModelCard:
    """The starter."""
    return read_model_card(starter_folder, "starter", "Starter")


@pytest.fixture(scope="module")
def shelf() -> ModelShelf:
    """One shelf for all, so that each test finds the model as the one before left it."""
    return ModelShelf()


def _paths(events: list[GenerationEvent]) -> list[Path]:
    return [event.path for event in events if isinstance(event, PictureReady)]


@pytest.fixture
def lora(card: BaseModelCard, shelf: ModelShelf, tmp_path: Path) -> Path:
    """A LoRA that changes every attention."""
    chance = torch.Generator().manual_seed(1)
    with shelf.lease() as lease:
        list(lease.take(WantedModel(card, torch.device("cpu"), torch.float32), Control()))
        model = lease.model
        assert model is not None
        layers = {}
        for name in target_layers(model.unet, LoraTargets.ATTENTION):
            rows, columns = model.unet.get_submodule(name).weight.shape
            down, up = torch.randn(2, columns, generator=chance), torch.randn(rows, 2, generator=chance)
            layers[name] = LoraLayer(down, up * 0.1, alpha=2.0)
    path = tmp_path / "strong.safetensors"
    path.write_bytes(lora_file_bytes(layers, {}, torch.float32))
    return path


def test_that_each_picture_carries_its_own_settings(card: BaseModelCard, shelf: ModelShelf, tmp_path: Path) -> None:
    paths = _paths(list(generate(REQUEST, card, tmp_path, shelf, Control())))

    assert [path.name for path in paths] == ["00001-9.png", "00002-10.png"]
    prompt, negative, settings = parse_parameters(read_parameters(paths[1]))
    assert (prompt, negative) == ("red apple, 3d render", "")
    assert (settings["Seed"], settings["Size"], settings["Model"]) == ("10", "128x128", "Starter")


def test_that_a_full_disk_leaves_no_empty_picture(
    card: BaseModelCard, shelf: ModelShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _data: bytes) -> None:
        raise DiskFullError(path.name)

    monkeypatch.setattr("calotype.storage.files.write_atomically", full)

    with pytest.raises(DiskFullError):
        list(generate(REQUEST, card, tmp_path / "out", shelf, Control()))

    assert not list(tmp_path.glob("out/*"))


def test_that_the_same_seed_draws_the_same_picture_and_another_seed_another(
    card: BaseModelCard, shelf: ModelShelf, tmp_path: Path
) -> None:
    first = _paths(list(generate(REQUEST, card, tmp_path / "a", shelf, Control())))
    second = _paths(list(generate(REQUEST, card, tmp_path / "b", shelf, Control())))

    assert first[0].read_bytes() == second[0].read_bytes()
    assert not np.array_equal(np.asarray(Image.open(first[0])), np.asarray(Image.open(first[1])))


def test_that_a_lora_counts_by_its_strength_and_is_gone_afterwards(
    card: BaseModelCard, shelf: ModelShelf, lora: Path, tmp_path: Path
) -> None:
    def picture(folder: str, *uses: LoraUse) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        request = GenerationRequest("cat face", width_px=128, height_px=128, sampling_steps=2, loras=uses)
        path = _paths(list(generate(request, card, tmp_path / folder, shelf, Control())))[0]
        return np.asarray(Image.open(path), dtype=np.int64)

    without = picture("without")
    weak, strong = picture("weak", LoraUse(lora, 0.2)), picture("strong", LoraUse(lora, 1.0))
    after = picture("after")

    assert np.abs(strong - without).mean() > np.abs(weak - without).mean() > 0
    assert np.array_equal(after, without)


def test_that_a_stop_ends_the_picture_that_is_being_drawn(
    card: BaseModelCard, shelf: ModelShelf, tmp_path: Path
) -> None:
    control, events = Control(), []
    for event in generate(REQUEST, card, tmp_path, shelf, control):
        events.append(event)
        if isinstance(event, SamplingProgress) and (event.index, event.step) == (1, 1):
            control.send(Stop())

    assert len(_paths(events)) == 1
    assert events[-1] == GenerationFinished(made=1, was_stopped=True)


def test_that_a_size_the_network_cannot_draw_is_refused(card: BaseModelCard, shelf: ModelShelf, tmp_path: Path) -> None:
    request = GenerationRequest("cat face", width_px=136, height_px=128)

    with pytest.raises(InvalidPlanError, match="multiple of 32"):
        list(generate(request, card, tmp_path, shelf, Control()))


def test_that_a_damaged_lora_draws_nothing(card: BaseModelCard, shelf: ModelShelf, lora: Path, tmp_path: Path) -> None:
    lora.write_bytes(lora.read_bytes()[:-5])
    request = GenerationRequest("cat face", width_px=128, height_px=128, loras=(LoraUse(lora),))

    with pytest.raises(LoraUnreadableError, match="strong"):
        list(generate(request, card, tmp_path / "out", shelf, Control()))

    assert not list(tmp_path.glob("out/*"))
