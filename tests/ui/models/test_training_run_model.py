"""The view model of a run, fed with events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.control import MakePreview, Stop
from calotype.domain.errors import TooFewImagesError
from calotype.domain.events import (
    BandRatios,
    FinishReason,
    Interval,
    ModelLoaded,
    PreviewReady,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    Stage,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.imageset import SubjectKind
from calotype.domain.plan import PreviewPlan, TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel

PLAN = TrainingPlan("starter", "p1", step_count=100, validate_every=50, preview=PreviewPlan(every=50, prompts=("a",)))


def step(number: int, *, loss: float = 0.5, seconds: float = 2.0) -> StepFinished:
    return StepFinished(number, loss, 1e-3, 0.1, seconds, 2.0, 1_000_000)


def checked(number: int, ratio: float, *, seconds: float = 4.0) -> ValidationFinished:
    interval = Interval(ratio, ratio - 0.1, ratio + 0.1)
    return ValidationFinished(number, 0.5, 0.5, interval, BandRatios(ratio, ratio, ratio), ratio, number > 0, seconds)


def run_of(state: RunState, failure: str = "") -> Run:
    return Run("r1", "p1", PLAN, Path("r1"), state, 0.0, 0, 0, None, failure)


def shown(session: Session, *events: TrainingEvent) -> TrainingRunModel:
    model = TrainingRunModel(session, session)
    model.show_history(run_of(RunState.STOPPED), events)
    return model


def test_that_steps_become_a_faint_and_a_smoothed_curve(session: Session) -> None:
    model = shown(session, step(1, loss=1.0), step(2, loss=0.0))

    assert list(model.series.steps) == [1, 2]
    assert list(model.series.losses) == [1.0, 0.0]
    assert list(model.series.smoothed) == pytest.approx([1.0, 0.94])


def test_that_the_base_model_itself_is_never_the_best_step(session: Session) -> None:
    assert shown(session, checked(0, 1.0)).best_step is None
    assert shown(session, checked(0, 1.0), checked(50, 0.9)).best_step == 50


def test_that_the_time_left_counts_steps_checks_and_drawings(session: Session) -> None:
    now = [0.0]
    model = TrainingRunModel(session, session, clock=lambda: now[0])
    drawing = StageChanged(Stage.DRAWING_PREVIEWS)
    model.show_history(run_of(RunState.STOPPED), [checked(0, 1.0, seconds=4.0), drawing])
    now[0] = 3.0

    model.apply(step(1, seconds=2.0))

    # 99 steps of 2 s, checks at 50 and 100 of 4 s, drawings at 50 and 100 of 3 s are 212 s
    assert model.seconds_left == 210


def test_that_a_continued_run_forgets_what_lay_beyond_its_checkpoint(session: Session) -> None:
    lost = PreviewReady(20, 0, "a", 1, Path("020.png"))
    model = shown(session, RunStarted("r1", 100, 1, 6, 2), *(step(n) for n in range(1, 31)), lost, checked(20, 0.9))

    model.apply(RunStarted("r1", 100, 11, 6, 2))

    assert model.step == 10
    assert model.series.previews == {}
    assert model.series.validations == []


def test_that_pausing_and_going_on_change_the_phase(session: Session) -> None:
    model = shown(session, step(1))

    phases = []
    for event in (RunPaused(1), RunResumed(1)):
        model.apply(event)
        phases.append(model.phase)

    assert phases == [RunPhase.PAUSED, RunPhase.RUNNING]


def test_that_every_event_is_told_to_the_views(session: Session, qtbot: QtBot) -> None:
    model = shown(session)
    picture = PreviewReady(0, 0, "a", 1, Path("000.png"))

    with qtbot.waitSignals([model.changed, model.preview_added]):
        model.apply(picture)

    assert model.series.previews[0][0] == picture


def test_that_facts_of_the_run_are_kept(session: Session) -> None:
    loaded = ModelLoaded("CPU", "fp32", 10, 100)
    result = RunFinished(FinishReason.STOPPED, 7, 5, 0.8, 0.5, 3.0, None)
    model = shown(session, RunStarted("r1", 100, 1, 6, 2), loaded, step(7), result)

    assert (model.model, model.result, model.images_trained) == (loaded, result, 6)
    assert model.phase is RunPhase.FINISHED


def test_that_a_failed_run_from_history_says_why(session: Session) -> None:
    model = TrainingRunModel(session, session)

    model.show_history(run_of(RunState.FAILED, "The loss is no longer a number."), [step(1)])

    assert model.phase is RunPhase.FAILED
    assert model.failure_text == "The loss is no longer a number."


def test_that_commands_without_a_run_change_nothing(session: Session) -> None:
    model = shown(session, step(1))

    model.send(Stop())
    model.send(MakePreview())

    assert model.phase is RunPhase.FINISHED
    assert model.pending is None


def test_that_a_run_on_too_few_pictures_fails_in_the_window_and_ends(session: Session, qtbot: QtBot) -> None:
    project = session.create_project("Tiny", SubjectKind.CHARACTER, "tiny")
    assert project is not None
    model = TrainingRunModel(session, session)

    with qtbot.waitSignal(session.failure) as failure, qtbot.waitSignal(model.finished) as finished:
        model.start(replace(PLAN, project_id=project.id))

    assert isinstance(failure.args[0], TooFewImagesError)
    assert finished.args == [None]
    assert not model.is_running
    assert model.phase is RunPhase.FAILED
