"""The window owns one shelf, and lets go of the model that nobody uses."""

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import WantedModel
from calotype.domain.control import Control
from calotype.ui.models import shared_model
from calotype.ui.models.shared_model import SharedModel


def test_that_a_model_stays_until_nobody_used_it_for_a_while(
    qapp: QApplication, starter_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = QObject()
    shared = SharedModel(owner)
    card = read_model_card(starter_folder, "starter", "Starter")
    wanted = WantedModel(card, torch.device("cpu"), torch.float32, thread_count=1)

    def unet() -> object:
        with shared.shelf.lease() as lease:
            list(lease.take(wanted, Control()))
            assert lease.model is not None
            return lease.model.unet

    first = unet()
    shared.look()
    second = unet()
    monkeypatch.setattr(shared_model, "KEPT_S", 0.0)
    shared.look()
    third = unet()

    assert (second is first, third is first) == (True, False)
