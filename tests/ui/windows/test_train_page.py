"""The Train page, from the plan to a result, with the real engine and the starter model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from calotype.domain.control import Pause, Resume, Stop
from calotype.domain.events import FinishReason, PreviewReady, PreviewsMeasured
from calotype.domain.imageset import SubjectKind
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.domain.rate_range import RateRange
from calotype.domain.runs import Run, RunState
from calotype.services import model_catalog, projects, rate_ranges, training_runs
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.segments import Segments
from calotype.ui.windows.rate_range_dialog import RateRangeDialog
from calotype.ui.windows.train_page import TrainPage
from calotype.ui.workers.background_job import wait_for_all_jobs

RUN_MS = 120_000


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[TrainPage]:
    """The page, shown."""
    training, generation = TrainingRunModel(session, session), GenerationModel(session, session)
    made = TrainPage(session, training, generation)
    made.resize(1100, 700)
    made.show()
    yield made
    training.send(Stop())
    made._result.comparison.stop()
    wait_for_all_jobs()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def button(page: TrainPage, text: str) -> QPushButton:
    return next(found for found in page.findChildren(QPushButton) if found.text() == text)


def short(plan: TrainingPlan | None, steps: int) -> TrainingPlan:
    assert plan is not None
    preview = replace(plan.preview, every=100, prompts=plan.preview.prompts[:1], sampling_steps=2)
    small = replace(plan, lora=LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ATTENTION), batch_size=1)
    return replace(small, step_count=steps, validate_every=2, checkpoint_every=2, preview=preview)


def test_that_without_a_project_the_page_says_where_to_go(page: TrainPage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.page_requested) as request:
        qtbot.mouseClick(button(page, "Choose a project"), Qt.MouseButton.LeftButton)

    assert request.args == ["home"]


def test_that_too_few_pictures_keep_start_closed_and_say_how_many_are_missing(
    page: TrainPage, session: Session
) -> None:
    session.create_project("Empty", SubjectKind.CHARACTER, "empty")

    assert not button(page, "Start training").isEnabled()
    assert button(page, "Add pictures").isVisible()
    assert "Add 4 more" in page._plan_view._problem.text()


def test_that_quality_changes_the_steps_and_the_time_before_the_start(
    page: TrainPage, session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    form = page._plan_view.form
    qtbot.waitUntil(lambda: page._plan_view._time.text().startswith("about"))
    before = form.plan

    choice = form.findChildren(Segments)[1]
    choice.choose(Quality.QUICK)
    choice.chosen.emit(Quality.QUICK)

    assert before is not None
    assert form.plan is not None
    assert form.plan.step_count < before.step_count
    assert button(page, "Start training").isEnabled()


def test_that_a_change_in_the_drawer_survives_a_visit_to_another_page(
    page: TrainPage, session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    form = page._plan_view.form
    row = next(row for row in form._drawer._rows if row.text.name == "step_count")
    row._write("77")
    form._drawer._apply()

    page.activate()

    assert form.plan is not None
    assert form.plan.step_count == 77


def test_that_a_repeated_training_picture_is_announced_and_can_be_asked_for(
    page: TrainPage, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    plan = TrainingPlan("starter", "p1", step_count=40)
    run = Run("r1", "p1", plan, tmp_path, RunState.STOPPED, 0.0, 40, 0, None, "")
    copy = PreviewsMeasured(40, 0.9, 0.8, 0, "abc", "one.png", 0.2, True, 0.1)
    page._past.show_history(run, [PreviewReady(40, 0, "a", 1, tmp_path / "040.png"), copy])
    view = page._run_view

    view.show_run(page._past, "Starter")

    assert "one.png" in view.notice.text
    assert view.panel.tile("similarity") is not None
    with qtbot.waitSignal(session.open_images.wanted) as request:
        view.notice.image_requested.emit("abc")
    assert request.args == ["abc"]


def test_that_a_rate_that_was_found_becomes_the_plans(page: TrainPage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    form = page._plan_view.form

    form.use_rate(5e-4)

    assert form.plan is not None
    assert form.plan.learning_rate == 5e-4


def test_that_a_rate_is_looked_for_only_when_a_run_could_start(page: TrainPage, session: Session, qtbot: QtBot) -> None:
    session.create_project("Empty", SubjectKind.CHARACTER, "empty")
    is_open_without_pictures = page._plan_view.form._drawer.find_rate_button.isEnabled()
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))

    page._plan_view.show_busy("Another project is training.")
    is_open_beside_a_run = page._plan_view.form._drawer.find_rate_button.isEnabled()
    page._plan_view.show_busy("")

    assert not is_open_without_pictures
    assert not is_open_beside_a_run
    assert page._plan_view.form._drawer.find_rate_button.isEnabled()


def test_that_the_button_beside_the_rate_opens_a_test_of_the_plan(
    page: TrainPage, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_ranges, "RateRange", lambda: RateRange(1e-5, 1e-4, 2))
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    page._plan_view.form.open_drawer()
    find = page._plan_view.form._drawer.find_rate_button
    qtbot.waitUntil(lambda: find.isVisible() and find.isEnabled())

    find.setFocus()
    qtbot.keyClick(find, Qt.Key.Key_Space)
    dialog = page.findChildren(RateRangeDialog)[0]
    qtbot.waitUntil(lambda: dialog.model.result is not None and not dialog.model.is_running, timeout=RUN_MS)

    assert dialog.isModal()
    assert len(dialog.model.points) == 2
    qtbot.mouseClick(dialog.keep_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.findChildren(RateRangeDialog) == [])


@pytest.mark.slow
def test_that_a_run_is_watched_paused_stopped_and_shown_again(page: TrainPage, session: Session, qtbot: QtBot) -> None:
    project = projects.create_sample_project(session.workspace)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(project)
    live, view = page._live, page._run_view

    page._start(short(page._plan_view.form.plan, 400))
    assert live.phase is RunPhase.GETTING_READY
    assert view.side.progress._hero.text() == "Getting ready"
    qtbot.waitUntil(lambda: live.step >= 2, timeout=RUN_MS)
    live.send(Pause())
    qtbot.waitUntil(lambda: live.phase is RunPhase.PAUSED, timeout=RUN_MS)
    qtbot.waitUntil(lambda: view.side.progress._hero.text() == "Paused")
    live.send(Resume())
    qtbot.waitUntil(lambda: live.phase is RunPhase.RUNNING, timeout=RUN_MS)
    with qtbot.waitSignal(live.finished, timeout=RUN_MS) as finished:
        qtbot.mouseClick(button(page, "Stop and save"), Qt.MouseButton.LeftButton)

    assert finished.args[0].reason is FinishReason.STOPPED
    assert view.result.isVisible()
    assert button(page, "Export LoRA…").isEnabled()
    measured = [point.step for point in live.series.validations]
    live._forget("", None)
    page.refresh()
    qtbot.waitUntil(lambda: page._past.run_id != "")
    assert [point.step for point in page._past.series.validations] == measured
    assert page.header_facts() == ["Run 1"]
    assert len(training_runs.list_runs(session.workspace, project)) == 1
    qtbot.mouseClick(view.result.grid_button, Qt.MouseButton.LeftButton)
    choice = page._result.choice
    assert choice.dialog is not None and choice.dialog.isModal()
    with qtbot.waitSignal(choice.closed, timeout=RUN_MS):
        choice.dialog.reject()


@pytest.mark.slow
def test_that_a_stopped_run_is_continued_from_its_result(page: TrainPage, session: Session, qtbot: QtBot) -> None:
    project = projects.create_sample_project(session.workspace)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(project)
    live = page._live
    page._start(short(page._plan_view.form.plan, 8))
    qtbot.waitUntil(lambda: live.step >= 2, timeout=RUN_MS)
    with qtbot.waitSignal(live.finished, timeout=RUN_MS):
        live.send(Stop())
    stopped_at, run_id = live.step, live.run_id
    [run] = training_runs.list_runs(session.workspace, project)
    assert training_runs.can_continue(session.workspace, run)
    assert button(page, "Use in Create").property("kind") == "quiet"
    scrolled = page._run_scroll.verticalScrollBar()
    scrolled.setRange(0, 500)
    scrolled.setValue(300)

    with qtbot.waitSignal(live.finished, timeout=RUN_MS):
        qtbot.mouseClick(button(page, "Continue training"), Qt.MouseButton.LeftButton)

    [run] = training_runs.list_runs(session.workspace, project)
    assert stopped_at < 8
    assert scrolled.value() == 0  # where the time left is
    assert (live.run_id, list(live.series.steps)) == (run_id, list(range(1, 9)))
    assert not training_runs.can_continue(session.workspace, run)
    assert not button(page, "Continue training").isVisible()
    assert button(page, "Use in Create").property("kind") == "primary"


@pytest.mark.slow
def test_that_a_finished_run_is_compared_exported_and_used(
    page: TrainPage, session: Session, qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    with qtbot.waitSignal(page._live.finished, timeout=RUN_MS):
        page._start(short(page._plan_view.form.plan, 2))
    qtbot.waitUntil(lambda: len(page._result.comparison.pictures) == 5, timeout=RUN_MS)
    destination = tmp_path_factory.mktemp("out") / "mine.safetensors"

    page._result.export_to(destination)
    meanwhile, is_row_shown = page._run_view.result._progress.text(), not page._run_view.result._row.isHidden()
    qtbot.waitUntil(destination.is_file, timeout=RUN_MS)
    qtbot.waitUntil(lambda: not page._result._jobs)
    told = page._run_view.result._progress.text()
    with qtbot.waitSignal(session.page_requested, timeout=RUN_MS) as request:
        qtbot.mouseClick(button(page, "Use in Create"), Qt.MouseButton.LeftButton)

    assert request.args == ["create"]
    assert meanwhile.startswith("Saving the LoRA")
    assert is_row_shown  # the page does not jump
    assert "and verified" in told
    assert len(page._result.comparison.pictures) == 5
    assert page._create.wanted_lora is not None
    assert page._create.wanted_lora.path.parent == session.workspace.folder.loras


@pytest.mark.slow
def test_that_a_large_model_draws_the_comparison_only_while_it_is_looked_at(
    page: TrainPage, session: Session, starter_folder: Path, qtbot: QtBot
) -> None:
    own = model_catalog.add_base_model(session.workspace, starter_folder)
    with qtbot.waitSignal(session.project_changed):
        session.open_project(projects.create_sample_project(session.workspace))
    page._start(replace(short(page._plan_view.form.plan, 2), base_model=own.id))
    with qtbot.waitSignal(page._live.finished, timeout=RUN_MS):
        pass
    comparison = page._result.comparison
    assert comparison.is_running

    with qtbot.waitSignal(comparison.finished, timeout=RUN_MS) as finished:
        page.hide()
    assert finished.args[0] is None or finished.args[0].was_stopped
    assert not comparison.is_running
    page.show()

    qtbot.waitUntil(lambda: len(comparison.pictures) == 5, timeout=RUN_MS)
