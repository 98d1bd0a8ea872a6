"""Proof that what a run learned is in the Library without being asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.presets import Quality
from calotype.services import model_catalog, projects, training_runs
from calotype.ui.models.kept_loras import KeptLoras
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel

RUN_MS = 120_000


@pytest.mark.slow
def test_that_a_run_that_learned_something_puts_its_lora_into_the_library(session: Session, qtbot: QtBot) -> None:
    project = projects.create_sample_project(session.workspace)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(project)
    assert session.image_set is not None
    starter = model_catalog.find_base_model(session.workspace, "starter")
    plan = training_runs.default_plan(session.workspace, session.image_set, Quality.QUICK, starter)
    preview = replace(plan.preview, every=100, prompts=plan.preview.prompts[:1], sampling_steps=2)
    short = replace(plan, step_count=16, batch_size=2, warmup_steps=2, validate_every=16, preview=preview)
    training = TrainingRunModel(session, session)
    KeptLoras(session, training, session)

    with qtbot.waitSignal(session.loras_changed, timeout=RUN_MS):
        training.start(short)

    [card] = model_catalog.list_loras(session.workspace)
    assert card.run_id == training.run_id
