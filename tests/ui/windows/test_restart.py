"""A restart closes the window; while something works, only after the user agreed, and after it has saved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.events import FinishReason, RunFinished
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.services import library, model_catalog, training_runs
from calotype.services.projects import create_sample_project
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.windows.restart import Restart, RestartDialog

LONG_MS = 60_000  # torch is loaded


@pytest.fixture
def training(session: Session) -> TrainingRunModel:
    """What trains in the window."""
    return TrainingRunModel(session, session)


@pytest.fixture
def window(session: Session, training: TrainingRunModel, qtbot: QtBot) -> MainWindow:
    """The window, with somebody who answers the wish for a restart."""
    generation = GenerationModel(session, session)
    opened = MainWindow(session, training, generation)
    qtbot.addWidget(opened)
    Restart(session, training, generation, opened)
    opened.show()
    return opened


def _plan(session: Session) -> TrainingPlan:
    project = create_sample_project(session.workspace)
    session.open_images.begin(project)
    pictures = library.image_set(session.workspace, project)
    model = model_catalog.starter_card()
    plan = training_runs.default_plan(session.workspace, pictures, Quality.QUICK, model)
    return replace(plan, step_count=1000, validate_every=1000, preview=replace(plan.preview, prompts=()))


def test_that_an_idle_window_closes_for_a_restart_at_once(session: Session, window: MainWindow) -> None:
    session.restart_wanted.emit()

    assert session.is_restarting
    assert not window.isVisible()


def test_that_a_running_training_is_asked_about_and_saved_first(
    session: Session, window: MainWindow, training: TrainingRunModel, qtbot: QtBot
) -> None:
    training.start(_plan(session))
    session.restart_wanted.emit()
    first = window.findChild(RestartDialog)
    assert isinstance(first, RestartDialog)
    first.stay_button.click()
    assert training.is_running and window.isVisible() and not session.is_restarting
    qtbot.waitUntil(lambda: window.findChild(RestartDialog) is None)
    qtbot.waitUntil(lambda: training.step > 0, timeout=LONG_MS)

    session.restart_wanted.emit()
    second = window.findChild(RestartDialog)
    assert isinstance(second, RestartDialog)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        second.restart_button.click()

    ended = finished.args[0]
    assert isinstance(ended, RunFinished) and ended.reason is FinishReason.STOPPED
    assert session.is_restarting
    assert not window.isVisible()
