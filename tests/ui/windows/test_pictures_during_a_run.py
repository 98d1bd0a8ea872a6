"""Create while a run is training: the run takes a break for pictures of its base model, and only for those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from calotype.domain.control import Pause, Resume, Stop
from calotype.domain.events import FinishReason, GenerationFinished, RunPaused
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.services import model_catalog, projects
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.windows.create_page import CreatePage
from calotype.ui.workers.background_job import wait_for_all_jobs

RUN_MS = 120_000


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[CreatePage]:
    """Create, shown, in a session with the sample open."""
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    made = CreatePage(session, TrainingRunModel(session, session), GenerationModel(session, session))
    made.show()
    yield made
    made._generation.stop()
    made._training.send(Stop())
    wait_for_all_jobs()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def sent(page: CreatePage, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the run is asked for; it is said to be running, though nothing is."""
    found: list[object] = []
    monkeypatch.setattr(TrainingRunModel, "is_running", property(lambda _model: True))
    monkeypatch.setattr(page._training, "send", lambda command: found.append(command))
    page._training.plan = TrainingPlan("starter", "p")
    return found


@pytest.mark.slow
def test_that_a_run_pauses_for_pictures_and_then_goes_on_to_its_end(
    page: CreatePage, session: Session, qtbot: QtBot
) -> None:
    phases: list[RunPhase] = []
    training, project = page._training, session.project
    assert project is not None
    preview = PreviewPlan(every=100, prompts=("a fox",), sampling_steps=2)
    lora = LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ATTENTION)
    plan = TrainingPlan("starter", project.id, lora, step_count=40, batch_size=1, resolution_px=64, validate_every=40)
    training.changed.connect(lambda: phases.append(training.phase))
    training.start(replace(plan, checkpoint_every=40, preview=preview))
    page._form._count.setValue(1)
    page._form._steps.setValue(2)
    page._form.prompt.setPlainText("a robot")
    qtbot.waitUntil(lambda: training.step > 0, timeout=RUN_MS)

    with qtbot.waitSignal(training.finished, timeout=RUN_MS) as run:
        with qtbot.waitSignal(page._generation.finished, timeout=RUN_MS) as drawn:
            page.make_pictures()
        phase_then, steps_then = training.phase, training.step

    assert drawn.args[0].made == 1
    assert (phase_then, steps_then < 40) == (RunPhase.PAUSED, True)
    assert RunPhase.RUNNING in phases[phases.index(RunPhase.PAUSED) :]
    assert run.args[0].reason is FinishReason.COMPLETED


def test_that_the_page_says_what_becomes_of_the_run(page: CreatePage, sent: list[object]) -> None:
    page._training.phase = RunPhase.RUNNING
    page._show_state()
    while_training = page._hint.text()
    page._training.phase = RunPhase.PAUSED
    page._training.changed.emit()

    assert while_training == "A run is training. It pauses while pictures are made, and then goes on."
    assert page._hint.text() == "A run is paused, and stays so. Its base model makes the pictures meanwhile."
    assert page._make.isEnabled() and page._hint.isVisible()


def test_that_another_base_model_waits_for_the_end_of_the_run(page: CreatePage, sent: list[object]) -> None:
    starter = model_catalog.starter_card()
    page._form.show_models([starter, replace(starter, id="dream", name="Dream")])

    page._form._model.setCurrentIndex(1)

    assert not page._make.isEnabled()
    assert page._hint.text() == (
        "A run with Starter is training, and most cards have no memory for a second base model. Choose Starter here, "
        "or wait until the run has ended."
    )


@pytest.mark.parametrize("phase", list(RunPhase))
def test_that_only_a_pause_of_its_own_is_ended(phase: RunPhase, page: CreatePage, sent: list[object]) -> None:
    training, is_at_work = page._training, phase in (RunPhase.GETTING_READY, RunPhase.RUNNING)
    training.phase = phase
    page._break.begin()
    training._take(RunPaused(3))
    page._generation.finished.emit(GenerationFinished(1, was_stopped=False))

    assert sent == ([Pause(), Resume()] if is_at_work else [])


def test_that_a_pause_that_the_user_asked_for_is_left_alone(page: CreatePage, sent: list[object]) -> None:
    page._training.phase, page._training.pending = RunPhase.RUNNING, Pause()

    page._break.begin()
    page._generation.finished.emit(None)

    assert sent == []
