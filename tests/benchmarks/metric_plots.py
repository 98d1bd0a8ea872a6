"""What the numbers of a long run cost the window: a redraw of all curves, pointing at one, opening a stored run."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from PIL import Image
from places import Place, sample_place
from pulse import Pulse
from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication, QWidget
from table import Row, report

from calotype.app import make_application, make_window
from calotype.domain.event_json import event_to_line
from calotype.domain.events import (
    BandRatios,
    BlockNorm,
    CheckpointSaved,
    ImageRatio,
    Interval,
    ModelLoaded,
    PreviewReady,
    PreviewsMeasured,
    RunStarted,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.runs import Run, RunState
from calotype.services.run_files import write_run_files
from calotype.storage import runs as run_rows
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.windows.train_page import TrainPage
from calotype.ui.workers.background_job import wait_for_all_jobs

SHORT, LONG, STORED = 100, 10_000, 5_000
MEASUREMENTS, IMAGES, PROMPTS, PREVIEW_PX = 100, 16, 2, 512
TICK_GOAL_MS, SLOWER_GOAL, OPEN_GOAL_S = 33, 1.5, 0.5
TURNS = 25


def main() -> None:
    """Measure and report."""
    app = make_application()
    with sample_place() as place:
        older, newer = _store(place, "older"), _store(place, "newer")
        session, window = make_window(app, place.workspace)
        training = session.findChild(TrainingRunModel)
        assert training is not None
        window.resize(1440, 900)
        window.show()
        opened = QEventLoop()
        session.project_changed.connect(opened.quit)
        session.open_project(place.project, "train")
        opened.exec()
        page = window.findChild(TrainPage)
        assert page is not None
        _open(app, page, newer)  # the page opens it by itself; what a first time costs is in `first_window`
        open_s, block_ms = _open(app, page, older)
        redraws = [_redraw(app, page, training, place, count) for count in (SHORT, LONG)]
        apply_us = _apply(training)
        point_ms = _point(app, page)
        window.close()
        app.processEvents()
        wait_for_all_jobs()
        window.deleteLater()
        session.deleteLater()
        app.processEvents()
    report(_rows(redraws, apply_us, point_ms, open_s, block_ms))


def _open(app: QApplication, page: TrainPage, run: Run) -> tuple[float, float]:
    """Seconds until the stored run is painted, and the longest time for which the window did not answer, in ms."""
    pulse = Pulse()
    started = time.perf_counter()
    page._choose_run(run.id)
    while page._past.run_id != run.id:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    page._run_view.pictures.plot.plot.redraw()
    page.repaint()
    seconds = time.perf_counter() - started
    pulse.stop()
    return seconds, max(pulse.late, default=seconds * 1000)  # no tick at all: it may have been blocked all the time


def _redraw(app: QApplication, page: TrainPage, training: TrainingRunModel, place: Place, count: int) -> float:
    """The median milliseconds that a new step and its painted curves take, in a run of `count` steps."""
    training._forget("", replace(place.plan, step_count=count + TURNS))
    for event in _events(place.scratch / "newer.png", count):
        training._take(event)
    training.phase = RunPhase.RUNNING
    page._show_newest()
    assert page._run_view.model is training
    _paint(app, page)
    return _median_ms(lambda turn: _tick(app, page, training, count + turn))


def _tick(app: QApplication, page: TrainPage, training: TrainingRunModel, step: int) -> None:
    training.apply(_step(step))
    page._run_view.refresh()
    page._run_view.pictures.plot.plot.redraw()
    _paint(app, page)


def _apply(training: TrainingRunModel) -> float:
    """Microseconds for one event of a step, without drawing."""
    first = training.step + 1
    started = time.perf_counter()
    for step in range(first, first + LONG):
        training.apply(_step(step))
    return 1e6 * (time.perf_counter() - started) / LONG


def _point(app: QApplication, page: TrainPage) -> float:
    """The median milliseconds that pointing at another step and its painted card take."""
    plot = page._run_view.pictures.plot.plot

    def point(turn: int) -> None:
        plot.step_pointed.emit(turn * LONG // MEASUREMENTS)
        _paint(app, page)

    return _median_ms(point)


class PaintWatch(QObject):
    """Knows whether a widget was painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.is_painted = False
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # Qt's name
        """Note it."""
        self.is_painted = self.is_painted or event.type() == QEvent.Type.Paint
        return False


def _paint(app: QApplication, page: TrainPage) -> None:
    """Let the window lay out and paint what has changed, a tile among it."""
    tile = page._run_view.panel.tile("loss")
    assert tile is not None
    watch = PaintWatch(tile)
    while not watch.is_painted:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    watch.deleteLater()


def _median_ms(work: Callable[[int], None]) -> float:
    """Of what the thread of the window computes: waiting for others on a busy machine does not count."""
    times = []
    for turn in range(1, TURNS + 1):
        started = time.thread_time()
        work(turn)
        times.append(1000 * (time.thread_time() - started))
    return median(times)


def _store(place: Place, run_id: str) -> Run:
    """A run of the project on disk, with its previews."""
    plan = replace(place.plan, step_count=STORED)
    folder = place.project.runs_folder / run_id
    run = Run(run_id, place.project.id, plan, folder, RunState.COMPLETED, 1_700_000_000.0, STORED, 0, None, "")
    picture = place.scratch / f"{run_id}.png"
    with Image.open(place.pictures.images[0].path) as image:
        image.convert("RGB").resize((PREVIEW_PX, PREVIEW_PX)).save(picture)
    write_run_files(run, place.pictures)
    lines = [event_to_line(event, folder) for event in (_first(run.id), *_events(picture, STORED))]
    run.metrics_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run_rows.add_run(place.workspace.database, run, place.workspace.folder.projects)
    return run


def _first(run_id: str) -> RunStarted:
    return RunStarted(run_id, STORED, 1, 14, 4)


def _events(picture: Path, count: int) -> Iterator[TrainingEvent]:
    """Steps with measurements, previews and checkpoints between them, as the engine reports them."""
    yield ModelLoaded("cuda", "bfloat16", 3_200_000, 862_000_000)
    hashes = [f"{number:064x}" for number in range(2 * IMAGES)]
    measured = {round(place * count / MEASUREMENTS) for place in range(MEASUREMENTS + 1)}
    for step in range(count + 1):
        if step:
            yield _step(step)
        if step not in measured:
            continue
        yield _validation(step, count, hashes)
        for index in range(PROMPTS):
            yield PreviewReady(step, index, f"zorbi, number {index}", 1, picture)
        yield PreviewsMeasured(step, 0.5, 0.8, 0, hashes[0], "one.png", 0.9, False, 0.1)
        yield CheckpointSaved(step, picture.with_name(f"{step}.safetensors"), False)


def _step(step: int) -> StepFinished:
    noise = random.Random(step).random()
    return StepFinished(step, 0.1 + 0.05 * noise, 1e-4, 0.3 + noise, 0.2, 5.0 + noise, 6_000_000_000, 61.0, 208.0)


def _validation(step: int, count: int, hashes: list[str]) -> ValidationFinished:
    ratio = 1 - 0.2 * (1 - math.exp(-4 * step / count))
    images = [ImageRatio(key, ratio + 0.001 * place) for place, key in enumerate(hashes)]
    blocks = ("down_blocks.0", "down_blocks.1", "mid_block", "up_blocks.0", "up_blocks.1")
    return ValidationFinished(
        step,
        ratio / 2,
        0.5,
        Interval(ratio, ratio - 0.05, ratio + 0.05),
        BandRatios(ratio - 0.05, ratio, ratio + 0.05),
        ratio - 0.1,
        False,
        1.0,
        tuple(images[:IMAGES]),
        tuple(images[IMAGES:]),
        0.02,
        tuple(BlockNorm(block, 0.01) for block in blocks),
    )


def _rows(redraws: list[float], apply_us: float, point_ms: float, open_s: float, block_ms: float) -> list[Row]:
    short, long = redraws
    slower = long / short
    return [
        Row(
            f"Redraw of all numbers of a run, {LONG:,} steps",
            f"{long:.1f} ms",
            f"goal {TICK_GOAL_MS} ms",
            long / TICK_GOAL_MS,
            long <= TICK_GOAL_MS,
        ),
        Row(f"… against {SHORT} steps", f"{long:.1f} ms", f"{short:.1f} ms", slower, slower <= SLOWER_GOAL),
        Row("… an event without redraw", f"{apply_us:.0f} µs", "goal 1,000 µs", apply_us / 1000, apply_us <= 1000),
        Row(
            "Pointing at another step of it",
            f"{point_ms:.1f} ms",
            f"goal {TICK_GOAL_MS} ms",
            point_ms / TICK_GOAL_MS,
            point_ms <= TICK_GOAL_MS,
        ),
        Row(
            f"Opening a stored run of {STORED:,} steps",
            f"{open_s:.2f} s",
            f"goal {OPEN_GOAL_S} s",
            open_s / OPEN_GOAL_S,
            open_s <= OPEN_GOAL_S,
        ),
        Row(
            "… the longest time without an answer",
            f"{block_ms:.0f} ms",
            "goal 250 ms",
            block_ms / 250,
            block_ms <= 250,
        ),
    ]


if __name__ == "__main__":
    main()
