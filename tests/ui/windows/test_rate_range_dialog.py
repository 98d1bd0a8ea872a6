"""The dialog that tries learning rates, with the real engine on a short range, and with a curve that has an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from calotype.domain.imageset import SubjectKind
from calotype.domain.plan import TrainingPlan
from calotype.domain.rate_range import (
    RateAnswerKind,
    RateMeasured,
    RateRange,
    RateTestEnd,
    RateTestFinished,
    RateTestStarted,
    read_curve,
)
from calotype.services import rate_ranges
from calotype.ui.models.session import Session
from calotype.ui.widgets.rate_plot import RatePlot
from calotype.ui.windows.rate_range_dialog import RateRangeDialog
from calotype.ui.workers.background_job import wait_for_all_jobs

RUN_MS = 120_000
Open = Callable[..., RateRangeDialog]


@pytest.fixture
def open_dialog(full_session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Iterator[Open]:
    """Open the dialog on a project of ten pictures, with so many steps at rates that change little."""
    opened: list[RateRangeDialog] = []

    def open_it(steps: int = 3, **settings: object) -> RateRangeDialog:
        monkeypatch.setattr(rate_ranges, "RateRange", lambda: RateRange(1e-5, 1e-4, steps))
        project = full_session.project
        assert project is not None
        plan = TrainingPlan("starter", project.id, batch_size=1, learning_rate=2e-3, resolution_px=128)
        dialog = RateRangeDialog(full_session, replace(plan, **settings))  # type: ignore[arg-type]
        opened.append(dialog)
        dialog.open()
        return dialog

    yield open_it
    for dialog in opened:
        dialog.model.stop()
        wait_for_all_jobs()
        dialog.close()
        dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def answered(dialog: RateRangeDialog, break_step: int) -> RateTestFinished:
    """Give the dialog a curve that falls to 0.6 and breaks at a step of the full range."""
    rates = RateRange()
    ratios = [1 - 0.4 / (1 + (1e-3 / rates.rate_at(step)) ** 2) for step in range(1, break_step)] + [2.0, 2.0, 2.0]
    points = [RateMeasured(step, rates.rate_at(step), ratio, 0.2) for step, ratio in enumerate(ratios, start=1)]
    finished = RateTestFinished(RateTestEnd.BROKE, read_curve(points, RateTestEnd.BROKE), 12.0)
    for event in (RateTestStarted(100), *points, finished):
        dialog.model.apply(event)
    return finished


def test_that_a_test_runs_to_its_end_and_says_honestly_that_it_knows_nothing(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()

    with qtbot.waitSignal(dialog.model.finished, timeout=RUN_MS):
        dialog.start()
        assert dialog.headline.text() == "Getting ready"
        assert dialog.stop_button.text() == "Stop"

    assert dialog.model.result is not None
    assert dialog.model.result.answer.kind is RateAnswerKind.NEVER_FELL
    assert len(dialog.model.points) == 3
    assert dialog.headline.text() == "No clear answer: keep 0.002"
    assert not dialog.use_button.isVisible() and not dialog.bar.isVisible()
    assert dialog.keep_button.property("kind") == "primary"
    assert dialog.stop_button.text() == "Try again"


def test_that_stop_ends_it_after_the_step_and_the_dialog_stays(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog(steps=5000)
    dialog.start()
    qtbot.waitUntil(lambda: len(dialog.model.points) >= 3, timeout=RUN_MS)
    qtbot.waitUntil(lambda: dialog.headline.text().startswith("At most"))

    with qtbot.waitSignal(dialog.model.finished, timeout=RUN_MS):
        qtbot.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
        assert dialog.headline.text() == "Stopping"
        assert not dialog.stop_button.isEnabled()

    assert dialog.isVisible()
    assert dialog.model.result is not None
    assert dialog.model.result.answer.kind is RateAnswerKind.STOPPED_EARLY
    assert dialog.stop_button.isEnabled()


@pytest.mark.parametrize("steps_before", [0, 2])
def test_that_closing_waits_for_the_thread_whenever_it_comes(
    open_dialog: Open, qtbot: QtBot, steps_before: int
) -> None:
    dialog = open_dialog(steps=5000)
    dialog.start()
    qtbot.waitUntil(lambda: len(dialog.model.points) >= steps_before, timeout=RUN_MS)

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    is_open_while_it_ends = dialog.isVisible() and dialog.model.is_running
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=RUN_MS)

    assert is_open_while_it_ends
    assert not dialog.model.is_running


def test_that_it_can_be_made_again(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.model.finished, timeout=RUN_MS):
        dialog.start()

    with qtbot.waitSignal(dialog.model.finished, timeout=RUN_MS):
        qtbot.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
        assert dialog.model.points == []

    assert len(dialog.model.points) == 3


def test_that_the_rate_that_was_found_is_handed_on(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog(learning_rate=1e-4)
    finished = answered(dialog, 67)

    with qtbot.waitSignal(dialog.rate_chosen) as chosen:
        qtbot.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)

    assert chosen.args == [finished.answer.suggested_rate] == [2e-3]
    assert dialog.use_button.property("kind") == "primary"
    assert not dialog.isVisible()


def test_that_a_plan_that_is_as_good_stays_the_first_choice(open_dialog: Open) -> None:
    dialog = open_dialog(learning_rate=2e-3)

    answered(dialog, 67)

    assert dialog.headline.text() == "0.002 is a good rate"
    assert (dialog.keep_button.property("kind"), dialog.use_button.property("kind")) == ("primary", "quiet")


def test_that_what_went_wrong_is_said_in_the_dialog(open_dialog: Open, full_session: Session, qtbot: QtBot) -> None:
    dialog = open_dialog()
    full_session.create_project("Empty", SubjectKind.CHARACTER, "empty")

    with qtbot.waitSignal(dialog.model.finished, timeout=RUN_MS):
        dialog.start()

    assert dialog.banner.isVisible() and dialog.banner.text.endswith(".")
    assert dialog.headline.text() == "The test could not be made"
    assert not dialog.use_button.isVisible()


def test_that_everything_in_it_is_reached_by_keyboard_and_has_a_name(open_dialog: Open) -> None:
    dialog = open_dialog(learning_rate=1e-4)
    answered(dialog, 67)

    tabbed = [w for w in dialog.findChildren(QWidget) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    reached = [w for w in tabbed if w.focusProxy() is None]

    assert {dialog.stop_button, dialog.keep_button, dialog.use_button} <= set(reached)
    assert [w for w in reached if not (w.accessibleName() or (isinstance(w, QAbstractButton) and w.text()))] == []
    assert dialog.plot.accessibleName() and dialog.bar.accessibleName()


def test_that_many_points_cost_one_redraw_and_are_told_to_a_screen_reader(session: Session, qtbot: QtBot) -> None:
    plot = RatePlot(2e-3)
    qtbot.addWidget(plot)
    redraws: list[int] = []
    plot._timer.timeout.connect(lambda: redraws.append(1))

    for _ in range(50):
        plot.show_points([RateMeasured(1, 1e-5, 1.0, 0.1), RateMeasured(2, 1e-4, 0.9, 0.1)], None)
    qtbot.waitUntil(lambda: bool(redraws))

    assert redraws == [1]
    assert "0.90" in plot.accessibleDescription()
