"""What tests of the window share: a session on an empty data folder, and pictures to drop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.settings import Theme
from calotype.services.workspace import Workspace
from calotype.ui.look.theme import apply_theme
from calotype.ui.look.translations import load_language
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import wait_for_all_jobs

MakePictures = Callable[[int], Path]


@pytest.fixture
def session(workspace: Workspace, qapp: QApplication, qtbot: QtBot) -> Iterator[Session]:
    """A session with nothing in it."""
    load_language(qapp)
    apply_theme(qapp, Theme.DARK)
    opened = Session(workspace)
    yield opened
    opened.imports.stop()
    wait_for_all_jobs()
    opened.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def make_pictures(tmp_path: Path) -> MakePictures:
    """Draws a folder of different pictures, each with a caption beside it."""

    def make(count: int) -> Path:
        folder = tmp_path / "rusty"
        folder.mkdir(exist_ok=True)
        for number in range(count):
            picture = Image.new("RGB", (160, 120), ((37 * number) % 256, (91 * number + 60) % 256, 120))
            pen = ImageDraw.Draw(picture)
            pen.ellipse((5 * number, 10, 5 * number + 40, 70 + 3 * number), fill=(250, (53 * number) % 256, 20))
            pen.rectangle((120 - 7 * number, 60, 140, 110 - number), fill=(10, 20, (80 * number) % 256))
            picture.save(folder / f"{number:03}.png")
            (folder / f"{number:03}.txt").write_text(f"rusty, pose {number}", encoding="utf-8")
        return folder

    return make


@pytest.fixture
def full_session(session: Session, make_pictures: MakePictures, qtbot: QtBot) -> Session:
    """A session with a project of ten pictures open."""
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([make_pictures(10)])
    qtbot.waitUntil(lambda: session.image_set is not None and len(session.image_set.images) == 10)
    return session
