"""One run on the Train page: what is seen without scrolling, what a curve says, and what stands out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from calotype.domain.control import Stop
from calotype.domain.events import (
    BandRatios,
    ImageRatio,
    Interval,
    PreviewReady,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.plan import TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.windows.train_page import TrainPage
from calotype.ui.windows.train_run_view import TrainRunView
from calotype.ui.workers.background_job import wait_for_all_jobs

RAIL_PX, HEADER_PX, STATUS_PX = 84, 60, 34  # of the window around the page
POINT = ValidationFinished(0, 0.4, 0.5, Interval(1, 0.95, 1.05), BandRatios(1, 1, 1), 1, False, 1.0, drift=0.0)


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[TrainPage]:
    """The page, shown, with nothing open."""
    training = TrainingRunModel(session, session)
    made = TrainPage(session, training, GenerationModel(session, session))
    made.show()
    yield made
    training.send(Stop())
    wait_for_all_jobs()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def events_of(folder: Path, held_out: dict[str, float] | None = None) -> Iterator[TrainingEvent]:
    """A run of 40 steps, measured at every 20th, with a preview at each measurement."""
    picture = QImage(64, 64, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    for step in range(41):
        if step:
            yield StepFinished(step, 0.5, 1e-4, 0.2, 0.2, 5.0, 1_000)
        if step % 20 == 0:
            ratio = 1 - step / 200
            images = tuple(ImageRatio(key, value) for key, value in (held_out or {}).items())
            yield replace(POINT, step=step, ratio=Interval(ratio, ratio - 0.05, ratio + 0.05), held_out_images=images)
            path = folder / f"{step}.png"
            picture.save(str(path))
            yield PreviewReady(step, 0, "rusty on a table", 1, path)


def show(page: TrainPage, folder: Path, *, is_over: bool, held_out: dict[str, float] | None = None) -> TrainRunView:
    """The view with that run, still going on or ended."""
    plan = TrainingPlan("starter", "p1", step_count=40)
    run = Run("", "p1", plan, folder, RunState.STOPPED, 0.0, 40, 0, None, "")
    page._past.show_history(run, events_of(folder, held_out))
    if not is_over:
        page._past.phase = RunPhase.RUNNING
    page._run_view.show_run(page._past, "Starter")
    page._stack.setCurrentWidget(page._run_scroll)
    return page._run_view


def lay_out(view: TrainRunView, page: TrainPage, qtbot: QtBot) -> None:
    """Give the page a size at which all of a running run is seen, and let it draw its curve."""
    page.resize(1200, 860)
    view.pictures.plot.plot.redraw()
    qtbot.waitUntil(lambda: view.panel.width() > 1100 and view.panel.tile("loss").width() > 150)  # type: ignore[union-attr]


def bottom_of(widget: QWidget, page: TrainPage) -> int:
    return widget.mapTo(page, QPoint(0, widget.height())).y()


def test_that_curve_previews_and_first_numbers_need_no_scrolling_in_a_small_window(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)

    page.resize(1280 - RAIL_PX, 720 - HEADER_PX - STATUS_PX)
    qtbot.waitUntil(lambda: view.width() > 1100)

    for part in (view.pictures.plot, view.pictures.strip, view.side.progress, view.panel.tile("loss")):
        assert part is not None and part.isVisible()
        assert 0 < bottom_of(part, page) <= page.height()
    assert page._run_scroll.horizontalScrollBar().maximum() == 0


def test_that_a_higher_window_has_a_higher_curve_before_it_has_more_numbers(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)
    heights: list[int] = []

    for window_px in (720, 800, 900):
        page.resize(1440 - RAIL_PX, window_px - HEADER_PX - STATUS_PX)
        qtbot.waitUntil(lambda: view.pictures._beside.height() == view.pictures._beside.minimumHeight())
        heights.append(view.pictures.plot.height())

    assert heights == sorted(set(heights))
    tile = view.panel.tile("loss")
    assert tile is not None and bottom_of(tile, page) <= page.height()


def test_that_nothing_above_the_curve_is_cut_in_the_narrowest_window(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)

    page.resize(1024 - RAIL_PX, 640 - HEADER_PX - STATUS_PX)
    qtbot.waitUntil(lambda: view.width() < 900)
    plot = view.pictures.plot

    assert plot.sizeHint().width() <= plot.width()
    shown = [child for child in plot.findChildren(QWidget) if child.isVisible() and child.parent() is plot]
    assert [child for child in shown if child.geometry().right() >= plot.width()] == []
    buttons = (view.side.progress._pause, view.side.progress._preview, view.side.progress._stop)
    assert [button.text() for button in buttons if button.width() < button.sizeHint().width()] == []
    assert page._run_scroll.horizontalScrollBar().maximum() == 0


def test_that_the_numbers_above_the_curve_of_an_ended_run_are_those_of_the_preview_that_is_shown(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    pictures = show(page, tmp_path, is_over=True).pictures

    pictures.strip.choose(20)

    assert pictures.plot._readout.text().startswith("step 20: 0.90")


def test_that_the_numbers_above_the_curve_of_a_run_that_goes_on_are_the_newest(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    pictures = show(page, tmp_path, is_over=False).pictures

    pictures.strip.choose(20)

    assert pictures.plot._readout.text().startswith("step 40: 0.80")


def test_that_pointing_at_the_curve_shows_that_step_until_the_pointer_leaves(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)
    lay_out(view, page, qtbot)
    popover = view.pointer.popover

    view.pictures.plot.plot.step_pointed.emit(20)

    assert popover.isVisible() and view.rect().contains(popover.geometry())
    assert popover.reading is not None
    assert (popover.reading.title, popover.reading.previews) == ("Step 20", (tmp_path / "20.png",))
    view.refresh()  # as ten times a second while the run goes on
    assert view.panel.tile("loss")._marked == 20  # type: ignore[union-attr]
    view.pictures.plot.plot.step_pointed.emit(-1)
    assert not popover.isVisible()
    assert view.panel.tile("loss")._marked is None  # type: ignore[union-attr]


def test_that_a_moving_pointer_over_the_plot_is_enough(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    view = show(page, tmp_path, is_over=False)
    lay_out(view, page, qtbot)
    plot = view.pictures.plot.plot
    canvas = plot._plot.viewport()
    place = canvas.mapFrom(plot, plot.place_of(20)) + QPoint(3, 20)

    qtbot.mouseMove(canvas, place - QPoint(40, 0))
    qtbot.mouseMove(canvas, place)
    qtbot.waitUntil(lambda: view.pointer.popover.isVisible())

    assert view.pointer.popover.reading is not None
    assert view.pointer.popover.reading.step == 20


def test_that_pointing_at_a_tile_shows_the_step_above_it_and_in_the_plot(
    page: TrainPage, qtbot: QtBot, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)
    lay_out(view, page, qtbot)
    tile = view.panel.tile("rate")
    assert tile is not None
    area = tile._line_area()

    qtbot.mouseMove(tile, area.center().toPoint())

    popover = view.pointer.popover
    assert popover.reading is not None and popover.reading.step in (20, 21)
    assert popover.geometry().bottom() < tile.mapTo(view, QPoint(0, 0)).y()
    assert view.pictures.plot.plot._pointed.isVisible()


def test_that_another_run_takes_the_card_of_the_step_away(page: TrainPage, tmp_path: Path) -> None:
    view = show(page, tmp_path, is_over=False)
    view.pictures.plot.plot.step_pointed.emit(20)

    show(page, tmp_path, is_over=True)

    assert view.pointer.popover.reading is None


def test_that_a_run_that_ended_gives_the_curve_the_whole_width(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.resize(1200, 640)
    view = show(page, tmp_path, is_over=True)

    assert not view.side.isVisible()
    assert view.result.isVisible() and view.notes.isVisible()
    qtbot.waitUntil(lambda: view.pictures.width() == view.width())


def test_that_the_numbers_of_a_run_that_ended_are_those_of_the_chosen_step(page: TrainPage, tmp_path: Path) -> None:
    view = show(page, tmp_path, is_over=True)
    ratio = view.panel.tile("ratio")
    assert ratio is not None
    at_best = ratio.shown.value

    view.pictures.scrubber.step_chosen.emit(20)

    assert (at_best, ratio.shown.value) == ("0.80", "0.90")
    assert list(ratio.shown.lines[0].steps) == [0, 20, 40]  # the line is still whole
    view.pictures.scrubber.step_chosen.emit(0)
    assert view.panel.tile("loss").shown.value == "–"  # type: ignore[union-attr]
    assert ratio.shown.value == "1.00"


def test_that_the_numbers_of_a_running_run_are_the_newest_whatever_preview_is_looked_at(
    page: TrainPage, tmp_path: Path
) -> None:
    view = show(page, tmp_path, is_over=False)

    view.pictures.strip.choose(0)

    assert view.panel.tile("ratio").shown.value == "0.80"  # type: ignore[union-attr]


def test_that_a_picture_that_stands_out_is_asked_for_on_the_images_page(
    page: TrainPage, session: Session, full_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    image_set = full_session.image_set
    assert image_set is not None
    odd, *others = [image.content_hash for image in image_set.images[:4]]
    view = show(page, tmp_path, is_over=True, held_out={odd: 1.05, **dict.fromkeys(others, 0.8)})

    [row] = view.insights.rows
    with qtbot.waitSignal(session.open_images.wanted) as request:
        row.click()

    assert request.args == [odd]


@pytest.mark.parametrize("width_px", [1024, 1440, 1920])
def test_that_the_prompt_begins_where_the_large_preview_does(
    page: TrainPage, qtbot: QtBot, tmp_path: Path, width_px: int
) -> None:
    pictures = show(page, tmp_path, is_over=True).pictures

    page.resize(width_px - RAIL_PX, 900 - HEADER_PX - STATUS_PX)

    def distance() -> int:
        lefts = [part.mapTo(page, QPoint(0, 0)).x() for part in (pictures._prompt, pictures._large)]
        return abs(lefts[0] - lefts[1])

    qtbot.waitUntil(lambda: pictures.width() > 0.6 * width_px and distance() <= 1)
