"""Past runs are read in a thread, and not twice at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pytestqt.qtbot import QtBot

from calotype.domain.events import StepFinished, TrainingEvent
from calotype.domain.runs import Run
from calotype.ui.models.session import Session
from calotype.ui.windows.run_opening import RunOpening
from calotype.ui.workers.background_job import wait_for_all_jobs

MakeRun = Callable[..., Run]


def test_that_a_run_that_is_being_read_is_not_read_again(session: Session, make_run: MakeRun, qtbot: QtBot) -> None:
    run = make_run("one", [1.0, 0.9])
    opening = RunOpening(session, session)
    opened: list[tuple[Run, list[TrainingEvent]]] = []
    opening.opened.connect(lambda found, events: opened.append((found, events)))

    for _ in range(3):
        opening.open(run)
    wait_for_all_jobs()
    qtbot.waitUntil(lambda: bool(opened) and not opening._jobs)
    opening.open(replace(run, last_step=5))  # it went on meanwhile
    wait_for_all_jobs()
    qtbot.waitUntil(lambda: not opening._jobs)

    assert [found.last_step for found, _events in opened] == [run.last_step, 5]
    assert [event.step for event in opened[0][1] if isinstance(event, StepFinished)][-1] == 10
