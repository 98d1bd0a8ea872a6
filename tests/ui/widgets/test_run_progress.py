"""The commands beside a run: a second press must not become another command."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.control import Command, MakePreview, Pause
from calotype.domain.events import RunPaused, StepFinished
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.run_progress import RunProgress
from calotype.ui.widgets.status_strip import StatusStrip
from calotype.ui.windows.status_news import StatusNews


class _AtWork(TrainingRunModel):
    """A run that takes commands and answers none of them."""

    @property
    def is_running(self) -> bool:
        return True


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """What the run was asked, in order."""
    commands: list[Command] = []
    send = TrainingRunModel.send
    monkeypatch.setattr(TrainingRunModel, "send", lambda self, command: (commands.append(command), send(self, command)))
    return commands


@pytest.mark.parametrize("button, command", [("_pause", Pause()), ("_preview", MakePreview())])
def test_that_two_presses_of_the_space_bar_never_reach_the_button_that_stops(
    session: Session, qtbot: QtBot, sent: list[Command], button: str, command: Command
) -> None:
    model = _AtWork(session)
    model.phase = RunPhase.RUNNING
    progress = RunProgress(model)
    qtbot.addWidget(progress)
    model.changed.connect(lambda: progress.show_run(model))
    progress.show_run(model)
    progress.show()
    pressed = getattr(progress, button)
    pressed.setFocus()

    qtbot.keyClick(pressed, Qt.Key.Key_Space)
    qtbot.keyClick(progress.focusWidget(), Qt.Key.Key_Space)

    assert sent == [command]
    assert progress.focusWidget() is pressed


def test_that_the_status_says_that_a_run_is_paused(session: Session, qtbot: QtBot) -> None:
    model, strip = _AtWork(session), StatusStrip()
    qtbot.addWidget(strip)
    news = StatusNews(session, model, GenerationModel(session, session), strip, strip)
    model._step_count, model.phase = 40, RunPhase.RUNNING

    model.apply(StepFinished(12, 0.5, 1e-4, 0.2, 0.2, 5.0, 1_000))
    model.apply(RunPaused(12))
    news.refresh()

    assert strip._job.text() == "Training is paused: step 12 of 40"
