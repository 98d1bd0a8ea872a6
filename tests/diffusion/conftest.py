"""The starter model, loaded once for all tests that leave it as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.lora_adapter import remove_adapters
from calotype.diffusion.model_folder import read_model_card


@pytest.fixture(scope="session")
def _starter(starter_folder: Path) -> BaseModel:
    card = read_model_card(starter_folder, "starter", "Starter")
    return load_base_model(card, torch.device("cpu"), torch.float32)


@pytest.fixture(scope="session")
def _sums(_starter: BaseModel) -> list[float]:
    return _sums_of(_starter)


@pytest.fixture
def starter(_starter: BaseModel, _sums: list[float]) -> Iterator[BaseModel]:
    """The starter without adapters; those that a test adds are taken off again, and its weights must stay the same."""
    yield _starter
    remove_adapters(_starter.unet)
    assert _sums_of(_starter) == _sums, "this test changed the weights that others use as well"


def _sums_of(model: BaseModel) -> list[float]:
    return [float(weight.detach().sum()) for weight in model.unet.parameters()]
