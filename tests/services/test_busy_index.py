"""A run outlives an index that another program holds: its own files are the truth."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from calotype.domain.control import Control, Stop
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.events import RunFinished, StepFinished, TrainingEvent
from calotype.domain.imageset import Project
from calotype.domain.plan import TrainingPlan, override
from calotype.domain.runs import RunState
from calotype.services import training_runs
from calotype.services.workspace import Workspace
from calotype.storage.database import Database

PLAN = {
    "step_count": "2",
    "batch_size": "1",
    "targets": "attention",
    "rank": "4",
    "resolution_px": "64",
    "preview_steps": "1",
}


@contextmanager
def _index_held(workspace: Workspace) -> Iterator[None]:
    """Another program writes, and does not come to an end."""
    workspace.database.connection().execute("PRAGMA busy_timeout = 10")
    other = Database(workspace.database.path)
    with other.transaction():
        yield
    other.close()


@pytest.fixture
def plan(sample: Project) -> TrainingPlan:
    return override(TrainingPlan("starter", sample.id), PLAN)


def test_that_a_run_ends_well_while_the_index_is_held(
    workspace: Workspace, sample: Project, plan: TrainingPlan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    control = Control()
    told: list[TrainingEvent] = []

    for event in (events := training_runs.start(workspace, sample, plan, control)):
        told.append(event)
        if isinstance(event, StepFinished):
            control.send(Stop())
            break
    with _index_held(workspace):
        told += events

    (run,) = training_runs.list_runs(workspace, sample)
    assert isinstance(told[-1], RunFinished)
    assert run.state is RunState.STOPPED and run.last_step == 1
    assert training_runs.interrupted_runs(workspace) == []
    assert "the index misses the end" in caplog.text


def test_that_a_held_index_does_not_hide_why_a_run_failed(
    workspace: Workspace,
    sample: Project,
    plan: TrainingPlan,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from calotype.training import engine

    def broken(*_: object) -> StepFinished:
        raise LossNotFiniteError(1, 0)

    monkeypatch.setattr(engine, "_take_step", broken)
    events = training_runs.start(workspace, sample, plan, Control())
    next(events)

    with _index_held(workspace), pytest.raises(LossNotFiniteError):
        list(events)

    assert "the index misses the end" in caplog.text
