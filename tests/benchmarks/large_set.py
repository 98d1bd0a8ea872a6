"""The Images page with 100,000 pictures: opening it, its small pictures, scrolling, filters, edits, and memory."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from PIL import Image
from pulse import Pulse
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from table import Row, quantile, report

from calotype.app import make_application, make_window
from calotype.domain.errors import ProjectNotFoundError
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.imagesets.project_folder import caption_path
from calotype.imagesets.thumbnails import thumbnail_bytes, thumbnail_path
from calotype.services import projects
from calotype.services.set_file import save_set
from calotype.services.workspace import Workspace, open_workspace
from calotype.storage import image_sets
from calotype.ui.models.session import Session
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.workers.garbage import GarbageOnThisThread

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
DISTINCT = 300
TURNS, TURN_MS, SETTLED_S, FILLED_S = 500, 16, 30, 60
WORDS = ("red", "blue", "green", "studio", "hat", "smiling", "side", "front", "back", "night", "soft", "light")
OPEN_GOAL_S, FILLED_GOAL_S, SCROLL_GOAL_MS, FILTER_GOAL_MS, HALF_GOAL_MS, MEMORY_GOAL_MB = 1.5, 2, 33, 100, 1000, 600


def main() -> None:
    """Measure and report. A folder that is named behind the count is filled once and used again."""
    app = make_application()
    with tempfile.TemporaryDirectory(prefix="calotype-bench-") as folder:
        workspace = open_workspace(Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder, "home"))
        small, large = _project(workspace, "Small", 12), _project(workspace, "Large", COUNT)
        garbage = GarbageOnThisThread()  # as in the program itself
        session, window = make_window(app, workspace)
        window.resize(1440, 900)
        window.show()
        _open(session, small)
        _settle(session)
        page = window.page("images")
        assert isinstance(page, ImagesPage)
        empty_bytes = psutil.Process().memory_info().rss
        opened = _open_and_fill(session, large, page)
        early = _scroll(page)
        _settle(session)
        late = _scroll(page)
        typed_ms = max(_type(page, text) for text in ("red hat", "rating>=3", "size<700 -night", "side or back"))
        edit_ms, half_ms = _edit(page, 1), _edit(page, COUNT // 2)
        _settle(session)
        used_mb = (psutil.Process().memory_info().rss - empty_bytes) / 1e6
        _tell(opened, early, late, typed_ms, (edit_ms, half_ms, used_mb))
        garbage.deleteLater()
    sys.stdout.flush()
    # Pictures are compared behind the window, which takes minutes and changes nothing here: nobody waits for it.
    os._exit(0)


def _project(workspace: Workspace, name: str, count: int) -> Project:
    try:
        return projects.find_project(workspace, name)
    except ProjectNotFoundError:
        return _fill(workspace, name, count)


def _tell(opened: Opened, early: Pulse, late: Pulse, typed_ms: float, others: tuple[float, float, float]) -> None:
    edit_ms, half_ms, used_mb = others
    of = f"{COUNT:,} pictures".replace(",", " ")
    parts = " / ".join(f"{quantile(late.late, share):.1f}" for share in (0.5, 0.95, 0.99))
    scrolled = f"Window lag while {of} are scrolled"
    report(
        [
            _row(f"Images page with {of} opens, warm", Measured(opened.drawn_s, OPEN_GOAL_S, "s")),
            _row("… until every cell in sight has its small picture", Measured(opened.filled_s, FILLED_GOAL_S, "s")),
            _lag(f"{scrolled}: p50 / p95 / p99 / max", f"{parts} / {late.worst}", late),
            _lag("… max while their folder is looked at and they are examined", early.worst, early),
            _row(f"Filter of {of}, the slowest letter until it is drawn", Measured(typed_ms, FILTER_GOAL_MS, "ms")),
            _row(f"One of {of} rated, until it is drawn", Measured(edit_ms, FILTER_GOAL_MS, "ms")),
            _row(f"Half of {of} rated at once, until it is drawn", Measured(half_ms, HALF_GOAL_MS, "ms")),
            _row(f"Memory for {of}, above 12 pictures", Measured(used_mb, MEMORY_GOAL_MB, "MB")),
        ]
    )


def _lag(name: str, text: str, pulse: Pulse) -> Row:
    highest = max(pulse.late)
    pulse.tell()
    return Row(name, text, f"goal max {SCROLL_GOAL_MS} ms", highest / SCROLL_GOAL_MS, highest <= SCROLL_GOAL_MS)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value beside its goal."""

    value: float
    goal: float
    unit: str


def _row(name: str, measured: Measured) -> Row:
    value, goal = measured.value, measured.goal
    text = f"{value:.2f} {measured.unit}" if measured.unit == "s" else f"{value:.0f} {measured.unit}"
    return Row(name, text, f"goal {goal:g} {measured.unit}", value / goal, value <= goal)


def _fill(workspace: Workspace, name: str, count: int) -> Project:
    """A project as an import would leave it; files of the same picture share their bytes on disk."""
    project = projects.create_project(workspace, name, SubjectKind.STYLE, name.lower())
    chance = random.Random(1)
    originals = [_draw(project.images_folder.parent, number) for number in range(min(DISTINCT, count))]
    images = [_image(project, number, chance) for number in range(count)]
    for number, image in enumerate(images):
        picture, thumbnail = originals[number % len(originals)]
        os.link(picture, image.path)
        caption_path(image.path).write_text(image.caption, encoding="utf-8")
        small = thumbnail_path(workspace.folder.thumbnails, image.content_hash)
        small.parent.mkdir(parents=True, exist_ok=True)
        os.link(thumbnail, small)
    with workspace.database.transaction():
        image_sets.add_images(workspace.database, project, images)
        save_set(project, images)
    return project


def _draw(folder: Path, number: int) -> tuple[Path, Path]:
    chance = random.Random(number)
    colours = bytes(chance.randrange(256) for _ in range(8 * 8 * 3))
    picture = Image.frombytes("RGB", (8, 8), colours).resize((256, 256), Image.Resampling.BICUBIC)
    original, thumbnail = folder / f"original-{number}.png", folder / f"original-{number}.jpg"
    picture.resize((64, 64)).save(original)
    thumbnail.write_bytes(thumbnail_bytes(picture))
    return original, thumbnail


def _image(project: Project, number: int, chance: random.Random) -> CaptionedImage:
    caption = f"{project.trigger_word}, " + ", ".join(chance.sample(WORDS, 5))
    return CaptionedImage(
        path=project.images_folder / f"picture-{number:06d}.png",
        width_px=chance.choice((512, 640, 768, 1024)),
        height_px=chance.choice((512, 640, 768, 1024)),
        caption=caption,
        content_hash=f"{project.trigger_word[0]}{chance.getrandbits(248):062x}",
        perceptual_hash=chance.getrandbits(64),
        split=Split.VALIDATION if number % 10 == 0 else Split.TRAINING,
        original_name=f"IMG_{number}.png",
        rating=chance.randrange(6),
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """Seconds since a project was asked for: until its page was drawn, and until each cell in sight had its picture."""

    drawn_s: float
    filled_s: float


def _open_and_fill(session: Session, project: Project, page: ImagesPage) -> Opened:
    """Open a project and do nothing until its small pictures are there, or until that has taken far too long."""
    came: set[str] = set()
    loop, grid, images = QEventLoop(), page.grid, page.browser.list

    def is_filled() -> bool:
        shown = grid.viewport().rect().translated(0, grid.verticalOffset())
        in_sight = {images.image_at(row).content_hash for row in grid.rows_in(shown)}
        return bool(in_sight) and in_sight <= came

    def note(key: str) -> None:
        came.add(key.partition("@")[0])
        if is_filled():
            loop.quit()

    grid.thumbnails.ready.connect(note)
    began = time.perf_counter()
    drawn_s = _open(session, project)
    if not is_filled():
        QTimer.singleShot(FILLED_S * 1000, loop, loop.quit)
        loop.exec()
    filled_s = time.perf_counter() - began
    grid.thumbnails.ready.disconnect(note)
    return Opened(drawn_s, filled_s)


def _open(session: Session, project: Project) -> float:
    """Seconds until the page with the pictures of this project is in front and drawn."""
    began = time.perf_counter()
    loop = QEventLoop()
    session.page_requested.connect(loop.quit)
    session.open_project(project, "images")
    loop.exec()
    session.page_requested.disconnect(loop.quit)
    QApplication.processEvents()
    return time.perf_counter() - began


def _settle(session: Session) -> None:
    """Let what goes on behind the page end, but on a slow disk not all of it."""
    # Not QTest.qWait, here or elsewhere: it keeps Python's interpreter while it waits, and the threads stand still.
    loop, clock = QEventLoop(), QTimer(interval=50)
    QTimer.singleShot(SETTLED_S * 1000, loop, loop.quit)
    clock.timeout.connect(lambda: None if session.open_images.is_looking or session.writes.is_running else loop.quit())
    clock.start()
    loop.exec()


def _scroll(page: ImagesPage) -> Pulse:
    """How late ticks come while one scrolls as with a wheel and now and then with the handle."""
    pulse, bar, loop = Pulse(is_watched=True), page.grid.verticalScrollBar(), QEventLoop()
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        jump = bar.maximum() // 7 if turns % 40 == 0 else 60
        bar.setValue((bar.value() + jump) % max(1, bar.maximum()))
        if turns == TURNS:
            loop.quit()

    timer = QTimer(interval=TURN_MS)
    timer.timeout.connect(turn)
    timer.start()
    loop.exec()
    timer.stop()
    pulse.stop()
    return pulse


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    QApplication.processEvents()
    return (time.perf_counter() - began) * 1000


def _type(page: ImagesPage, text: str) -> float:
    """The milliseconds that the slowest letter took."""
    slowest = max(_timed(partial(page.tools.search.setText, text[:end])) for end in range(1, len(text) + 1))
    page.tools.search.clear()
    return slowest


def _edit(page: ImagesPage, count: int) -> float:
    """The milliseconds until the first pictures have stars that most of them did not have."""
    page.browser.selection.choose_rows(range(count))
    images = page.grid.selected()
    return _timed(
        lambda: page.actions_of_selection.rate(5 if sum(image.rating == 5 for image in images) < count / 2 else 0)
    )


if __name__ == "__main__":
    main()
