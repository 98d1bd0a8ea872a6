"""The large view of a picture shows what training makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from digital_negative import cameras_own, digital_negative
from PIL import Image
from pillow_heif import register_heif_opener
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from calotype.domain.buckets import TrainingSize
from calotype.domain.control import Control
from calotype.domain.imageset import SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.services.library import import_images
from calotype.services.projects import create_project
from calotype.ui.models.session import Session
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader
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


@pytest.mark.parametrize("name", ["phone.heic", "camera.dng"])
def test_that_a_picture_that_was_left_where_it_is_is_shown_small_and_then_whole(
    session: Session, tmp_path: Path, qtbot: QtBot, name: str
) -> None:
    if name.endswith("dng"):
        pytest.importorskip("rawpy")
        (tmp_path / name).write_bytes(digital_negative(960, 640, preview=cameras_own((48, 32)), is_jpeg=False))
    else:
        register_heif_opener(thumbnails=False)
        Image.new("RGB", (960, 640), (200, 40, 40)).save(tmp_path / name)
    project = create_project(session.workspace, "Cat", SubjectKind.CHARACTER, "tomcat")
    list(import_images(session.workspace, project, [tmp_path / name], Control(), ImportOptions(is_linked=True)))
    with qtbot.waitSignal(session.images_changed):
        session.open_project(project)
    shown = ImagesPage(session)
    qtbot.addWidget(shown)
    shown.show()
    shown.browser.selection.choose(0)
    look = QuickLook(session.workspace, shown.browser, shown)
    qtbot.addWidget(look)
    look.open()
    loaded: list[int] = []
    for loader in look.picture.findChildren(ThumbnailLoader):
        loader.ready.connect(lambda key, loader=loader: loaded.append(loader.kept(key).width()))

    qtbot.waitUntil(lambda: len(loaded) == 2, timeout=10_000)

    assert sorted(loaded)[0] <= 384 and sorted(loaded)[1] == 960
    look.close()
