"""The grid of checkpoints, with a real run and the starter model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from trained_sample import OpenTrained

from calotype.domain.errors import ProjectBusyError
from calotype.domain.runs import Run
from calotype.services import model_catalog, training_runs
from calotype.services.projects import list_projects
from calotype.services.workspace import Workspace
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.result_card import ResultCard
from calotype.ui.windows.checkpoint_choice import CheckpointChoice
from calotype.ui.windows.checkpoint_dialog import CheckpointDialog
from calotype.ui.workers.background_job import wait_for_all_jobs

RUN_MS = 180_000
TINY = {
    "step_count": "4",
    "batch_size": "1",
    "targets": "attention",
    "rank": "4",
    "validate_every": "4",
    "checkpoint_every": "2",
    "preview_every": "4",
    "preview_steps": "6",  # so that a stop comes before the last picture
}
Open = Callable[[], CheckpointDialog]


@pytest.fixture
def workspace(open_trained: OpenTrained) -> Workspace:
    """With four steps of the sample, and checkpoints at 2 and 4."""
    return open_trained(TINY)


@pytest.fixture
def run(session: Session, qtbot: QtBot) -> Run:
    """That run, in a session where its project is open."""
    [summary] = list_projects(session.workspace)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(summary.project)
    return training_runs.list_runs(session.workspace, summary.project)[0]


@pytest.fixture
def open_dialog(session: Session, run: Run) -> Iterator[Open]:
    """Open the grid of the run, as often as one likes."""
    opened: list[CheckpointDialog] = []

    def open_it() -> CheckpointDialog:
        dialog = CheckpointDialog(session, run, {4: 0.97})
        opened.append(dialog)
        dialog.open()
        return dialog

    yield open_it
    for dialog in opened:
        dialog.drawing.stop()
        wait_for_all_jobs()
        dialog.close()
        dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_that_the_grid_is_drawn_stopped_gone_on_with_and_there_the_next_time(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    assert dialog.missing == 7  # two rows of three strengths, and one picture without the LoRA
    assert dialog.draw_button.text() == "Draw the rest"
    dialog.start()
    qtbot.waitUntil(lambda: len(dialog.drawing.pictures) >= 3, timeout=RUN_MS)
    with qtbot.waitSignal(dialog.drawing.finished, timeout=RUN_MS):
        qtbot.mouseClick(dialog.draw_button, Qt.MouseButton.LeftButton)
    left = dialog.missing
    assert 0 < left <= 5
    assert dialog.draw_button.text() == "Draw the rest"

    with qtbot.waitSignal(dialog.drawing.finished, timeout=RUN_MS):
        qtbot.mouseClick(dialog.draw_button, Qt.MouseButton.LeftButton)
    again = open_dialog()
    again.start()

    assert dialog.missing == again.missing == 0
    assert not again.drawing.is_running and not again.draw_button.isVisible()
    drawn = [dialog.cells.cell(number).grab().toImage() for number in range(8)]
    assert [again.cells.cell(number).grab().toImage() for number in range(8)] == drawn
    assert drawn[0] == drawn[4] != drawn[3]


def test_that_a_chosen_picture_keeps_its_checkpoint(open_dialog: Open, session: Session, qtbot: QtBot) -> None:
    dialog = open_dialog()
    assert not dialog.keep_button.isEnabled()

    qtbot.mouseClick(dialog.cells.cell(6), Qt.MouseButton.LeftButton)
    assert "0.97" in dialog.words.text()
    with qtbot.waitSignal(session.loras_changed, timeout=RUN_MS):
        qtbot.mouseClick(dialog.keep_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Kept in the Library"))

    assert [card.path.stem.endswith("-step-4") for card in model_catalog.list_loras(session.workspace)] == [True]


def test_that_closing_waits_for_the_thread(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    dialog.start()

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    is_open_while_it_ends = dialog.isVisible() and dialog.drawing.is_running
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=RUN_MS)

    assert is_open_while_it_ends
    assert not dialog.drawing.is_running


def test_that_the_cells_are_reached_and_named_for_the_keyboard(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog()
    first = dialog.cells.cell(0)

    dialog.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.keyClick(first, Qt.Key.Key_Space)
    qtbot.keyClick(first, Qt.Key.Key_Right)

    assert dialog.cells.chosen == 1
    assert dialog.keep_button.isEnabled()
    tabbed = [w for w in dialog.findChildren(QWidget) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    reached = [w for w in tabbed if w.focusProxy() is None]
    assert [w for w in reached if not (w.accessibleName() or (isinstance(w, QAbstractButton) and w.text()))] == []
    assert dialog.cells.cell(5).accessibleName() == "Step 4, strength 0.5"


def test_that_the_result_opens_the_grid_but_not_beside_a_training_run(
    session: Session, run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, model = ResultCard(), TrainingRunModel(session, session)
    qtbot.addWidget(card)
    model.show_history(run, training_runs.history(session.workspace, run))
    choice = CheckpointChoice(session, card, model, card)
    monkeypatch.setattr(TrainingRunModel, "is_running", True)
    with qtbot.waitSignal(session.failure) as refused:
        choice.open(lambda: run, model)
    assert isinstance(refused.args[0], ProjectBusyError) and not choice.is_open
    monkeypatch.setattr(TrainingRunModel, "is_running", False)

    with qtbot.waitSignal(choice.opened):
        choice.open(lambda: run, model)
    assert choice.dialog is not None
    with qtbot.waitSignal(choice.closed, timeout=RUN_MS):
        qtbot.mouseClick(choice.dialog.close_button, Qt.MouseButton.LeftButton)

    assert not choice.is_open
