"""The large view of a picture shows what training makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from calotype.domain.buckets import TrainingSize
from calotype.ui.models.session import Session
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.windows.quick_look import QuickLook


@pytest.fixture
def page(session: Session, tmp_path: Path, qtbot: QtBot) -> ImagesPage:
    folder = tmp_path / "fox"
    folder.mkdir()
    Image.new("RGB", (1200, 300), (200, 40, 40)).save(folder / "1-wide.png")
    Image.new("RGB", (512, 512), (40, 40, 200)).save(folder / "2-square.png")
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([folder])
    shown = ImagesPage(session)
    qtbot.addWidget(shown)
    shown.resize(1300, 780)
    shown.show()
    qtbot.waitUntil(lambda: len(shown.browser.images) == 2)
    return shown


def _texts(look: QuickLook) -> str:
    return " ".join(label.text() for label in look.findChildren(QLabel))


def test_that_what_training_cuts_off_is_told_and_paled(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    page.browser.selection.choose(0)
    look = QuickLook(session.workspace, page.browser, page, TrainingSize(512))
    qtbot.addWidget(look)
    look.open()
    picture = look.picture
    middle, edge = picture.rect().center(), picture.rect().center()
    edge.setX(20)

    qtbot.waitUntil(lambda: QColor(picture.grab().toImage().pixel(middle)).red() > 180)

    assert "trained at 768 × 320, 40 % cut off" in _texts(look)
    assert QColor(picture.grab().toImage().pixel(edge)).red() < 120
    page.browser.selection.choose(1)
    assert "trained at 512 × 512" in _texts(look) and "cut off" not in _texts(look)
    look.close()


def test_that_nothing_is_told_before_the_set_was_judged(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    page.browser.selection.choose(0)
    look = QuickLook(session.workspace, page.browser, page)
    qtbot.addWidget(look)
    look.open()

    assert "trained" not in _texts(look)
    look.close()
