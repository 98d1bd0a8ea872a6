"""The window owns one shelf, and lets go of the model that nobody uses."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.diffusion import base_model
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.model_shelf import WantedModel
from calotype.domain.control import Control
from calotype.domain.events import Stage
from calotype.domain.generation import GenerationRequest
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.ui.models import shared_model
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.shared_model import SharedModel
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel


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


def test_that_pictures_and_a_run_that_begin_together_take_turns(
    full_session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    loads, load = [0], base_model.load_base_model

    def counted(*arguments: Any) -> base_model.BaseModel:
        loads[0] += 1
        return load(*arguments)

    monkeypatch.setattr(base_model, "load_base_model", counted)
    create, training = GenerationModel(full_session, full_session), TrainingRunModel(full_session, full_session)
    stages: list[Stage] = []
    training.changed.connect(lambda: stages.append(training.stage.stage) if training.stage else None)
    request = GenerationRequest("red apple", width_px=128, height_px=128, sampling_steps=12, count=6)
    project = full_session.project
    assert project is not None
    plan = TrainingPlan(
        "starter", project.id, step_count=2, batch_size=1, warmup_steps=0, resolution_px=128, preview=PreviewPlan()
    )
    with qtbot.waitSignals([create.finished, training.finished], timeout=120_000):
        create.picture_added.connect(lambda _: training.start(plan))  # does nothing the second time
        create.start(request)

    assert len(create.pictures) == 6
    assert training.phase is RunPhase.FINISHED and training.step == 2
    assert stages[0] is Stage.WAITING_FOR_MODEL
    assert loads == [1]
