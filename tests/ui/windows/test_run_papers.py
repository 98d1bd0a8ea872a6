"""Notes on a run and reports of it, on the page that shows its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from calotype.domain.runs import Run
from calotype.services.projects import find_project
from calotype.services.run_notes import read_notes, write_notes
from calotype.services.training_runs import find_run
from calotype.services.workspace import Workspace
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.train_page import TrainPage
from calotype.ui.workers.background_job import wait_for_all_jobs

MakeRun = Callable[..., Run]


@pytest.fixture
def page(session: Session, qtbot: QtBot, make_run: MakeRun) -> Iterator[TrainPage]:
    """The result of the newer one of two runs, “two”."""
    make_run("one", [1.0, 0.9], prompts=["zorbi"])
    run = make_run("two", [1.0, 0.8, 0.6, 0.7], prompts=["zorbi"], started_at=1_700_000_100.0)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(find_project(session.workspace, run.project_id))
    made = TrainPage(session, TrainingRunModel(session, session), GenerationModel(session, session))
    made.resize(1180, 700)
    made.show()
    qtbot.waitUntil(lambda: made._past.run_id == "two")
    yield made
    made._result.comparison.stop()
    wait_for_all_jobs()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def run_of(page: TrainPage, run_id: str) -> Run:
    return find_run(page._session.workspace, run_id)


def said(page: TrainPage) -> str:
    """What the result says of a file; a path there may break at each folder."""
    return page._run_view.result._progress.text().replace("\u200b", "")


def test_that_notes_are_kept_soon_after_typing(page: TrainPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page._run_view.notes.editor, "a rank of 4 is enough")

    qtbot.waitUntil(lambda: read_notes(run_of(page, "two")) == "a rank of 4 is enough")


def test_that_each_run_has_its_own_notes_and_none_are_lost_in_passing(page: TrainPage, qtbot: QtBot) -> None:
    notes = page._run_view.notes
    notes.editor.setPlainText("about two")
    page._choose_run("one")
    qtbot.waitUntil(lambda: notes.run_id == "one")
    assert notes.editor.toPlainText() == ""
    notes.editor.setPlainText("about one")
    page._choose_run("two")
    qtbot.waitUntil(lambda: notes.run_id == "two")

    assert notes.editor.toPlainText() == "about two"
    assert read_notes(run_of(page, "one")) == "about one"


def test_that_what_was_just_typed_survives_closing(page: TrainPage) -> None:
    page._run_view.notes.editor.setPlainText("in a hurry")

    page.hide()

    assert read_notes(run_of(page, "two")) == "in a hurry"


def test_that_a_report_is_saved_with_the_notes_in_it(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    page._run_view.notes.editor.setPlainText("the second try")
    page._run_view.notes.save()

    page._papers.write_report(tmp_path / "told.html")

    qtbot.waitUntil((tmp_path / "told.html").is_file)
    qtbot.waitUntil(lambda: str(tmp_path / "told.html") in said(page))
    text = (tmp_path / "told.html").read_text(encoding="utf-8")
    assert "the second try" in text
    assert "run 2" in text


def test_that_measurements_are_saved_for_tensorboard(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    page._papers.export_events(tmp_path / "logs")

    qtbot.waitUntil(lambda: f"--logdir {tmp_path / 'logs'}" in said(page))
    assert len(list((tmp_path / "logs" / "two").glob("events.out.tfevents.*"))) == 1


def test_that_a_report_that_cannot_be_written_is_said(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "told.html").mkdir()

    with qtbot.waitSignal(page._session.failure) as failure:
        page._papers.write_report(tmp_path / "told.html")

    assert "cannot be written" in str(failure.args[0])


def test_that_empty_notes_leave_no_file(workspace: Workspace, make_run: MakeRun) -> None:
    run = make_run("one")
    write_notes(run, "something")

    write_notes(run, " \n")

    assert [path.name for path in run.folder.glob("notes*")] == []
    assert read_notes(run) == ""


def test_that_notes_in_a_foreign_encoding_are_still_shown(workspace: Workspace, make_run: MakeRun) -> None:
    run = make_run("one")
    (run.folder / "notes.txt").write_bytes("schön".encode("latin-1"))

    assert read_notes(run) == "sch\N{REPLACEMENT CHARACTER}n"


def told_by(page: TrainPage) -> list[str]:
    return [known.text() for known in page._run_view.comparison.findChildren(QLabel) if known.isVisibleTo(page)]


def test_that_another_run_is_compared_and_the_comparison_closed(page: TrainPage, qtbot: QtBot) -> None:
    card = page._run_view.comparison
    assert not card.isVisible()
    offered = [action.data() for action in page._comparisons._menu.actions()]

    page._comparisons.compare_with("one")
    qtbot.waitUntil(card.isVisible)

    words = told_by(page)
    top = card.mapTo(page._run_scroll.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < 20
    assert offered == ["one"]
    assert "Run 2 and Run 1" in words
    assert {"0.600", "0.900", "Run 2 · step 20", "Run 1 · step 10", "“zorbi”"} <= set(words)
    assert words[words.index("Steps") : words.index("Steps") + 3] == ["Steps", "30", "10"]
    page._run_view.comparison.closed.emit()
    assert not card.isVisible()


def test_that_another_run_on_the_page_ends_the_comparison(page: TrainPage, qtbot: QtBot) -> None:
    page._comparisons.compare_with("one")
    qtbot.waitUntil(page._run_view.comparison.isVisible)

    page._choose_run("one")
    qtbot.waitUntil(lambda: page._past.run_id == "one")

    assert not page._run_view.comparison.isVisible()
    assert [action.data() for action in page._comparisons._menu.actions()] == ["two"]


def test_that_the_plan_of_a_new_run_offers_no_comparison(page: TrainPage) -> None:
    assert page._comparisons.button.isVisibleTo(page._actions)

    page.plan_new_run()

    assert not page._comparisons.button.isVisibleTo(page._actions)


def test_that_scrubbing_shows_the_numbers_of_each_step(page: TrainPage, qtbot: QtBot) -> None:
    view = page._run_view
    scrubber = view.pictures.scrubber
    at_best = scrubber.numbers

    qtbot.keyClick(scrubber.slider, Qt.Key.Key_Left)

    assert at_best.startswith("Step 20  ·  the best  ·  held-out 0.600 (0.550 to 0.650), training 0.580")
    assert view.pictures.strip.chosen_step == 10
    assert scrubber.numbers.startswith("Step 10  ·  held-out 0.800 (0.750 to 0.850)")
    assert "training loss" in scrubber.numbers
    qtbot.keyClick(scrubber.slider, Qt.Key.Key_Home)
    assert scrubber.numbers.startswith("Base model  ·  held-out 1.000")
    assert "loss" not in scrubber.numbers


def test_that_everything_that_tab_reaches_on_a_result_has_a_name(page: TrainPage, qtbot: QtBot) -> None:
    page._comparisons.compare_with("one")
    qtbot.waitUntil(page._run_view.comparison.isVisible)

    reached = [
        widget
        for widget in page.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    ]
    named = [w.accessibleName() or (w.text() if isinstance(w, QAbstractButton) else "") for w in reached]

    assert {"Notes on this run", "Go through the steps of the run", "Close the comparison", "Save report"} <= set(named)
    assert [type(widget).__name__ for widget, name in zip(reached, named, strict=True) if not name] == []
