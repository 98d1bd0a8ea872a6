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


@pytest.fixture
def starter(_starter: BaseModel) -> Iterator[BaseModel]:
    """The starter without adapters; those that a test adds are taken off again."""
    yield _starter
    remove_adapters(_starter.unet)
