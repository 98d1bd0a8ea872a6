"""Proof that the window takes pictures in from everywhere, shows each page, and closes cleanly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.errors import DiskFullError
from calotype.services import projects
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import PAGES, Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.home_page import HomePage
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.windows.main_window import MainWindow

MakePictures = Callable[[int], Path]


def _drop(window: MainWindow, data: QMimeData) -> None:
    place = QPoint(400, 300)
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, button, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, button, keys))


def _files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def _image_count(session: Session) -> int:
    return len(session.image_set.images) if session.image_set else 0


def test_that_files_dropped_on_the_icon_begin_a_project(
    window: MainWindow, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    pictures = sorted(make_pictures(4).glob("*.png"))

    with qtbot.waitSignal(session.imports.finished):
        window.incoming.take_paths(pictures, into_new=True)

    qtbot.waitUntil(lambda: _image_count(session) == 4)
    assert session.project is not None and session.project.name == "rusty"


def test_that_a_folder_dropped_on_home_opens_its_pictures(
    window: MainWindow, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.imports.finished):
        _drop(window, _files(make_pictures(6)))

    assert window.current_page == "images"
    assert window.header.title == "rusty"
    images = window.page("images")
    assert isinstance(images, ImagesPage)
    assert images.add_button.isVisible()
    qtbot.waitUntil(lambda: _image_count(session) == 6)


def test_that_a_picture_that_is_wanted_is_shown_among_the_others(
    window: MainWindow, full_session: Session, qtbot: QtBot
) -> None:
    assert full_session.image_set is not None
    wanted = full_session.image_set.images[7]

    full_session.open_images.wanted.emit(wanted.content_hash)

    images = window.page("images")
    assert isinstance(images, ImagesPage)
    assert window.current_page == "images"
    assert images.grid.selected() == [wanted]


def test_that_a_pasted_picture_is_taken_in(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    image = QImage(90, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#3070c0"))
    QGuiApplication.clipboard().setImage(image)

    with qtbot.waitSignal(session.imports.finished):
        qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: _image_count(session) == 1)


def test_that_every_page_is_a_key_away(window: MainWindow, qtbot: QtBot) -> None:
    for number, name in enumerate(PAGES, start=1):
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)

        assert window.current_page == name
        assert window.header.title
        assert window.rail.button(name).isChecked()


def test_that_a_failure_is_said_in_the_window(window: MainWindow, session: Session) -> None:
    session.failure.emit(DiskFullError("cover.png"))

    assert window.failure_banner.isVisible()
    assert "cover.png" in window.failure_banner.text


def test_that_a_removed_project_can_be_undone_with_the_keyboard(
    window: MainWindow, full_session: Session, qtbot: QtBot
) -> None:
    home = window.page("home")
    assert isinstance(home, HomePage)
    window.show_page("home")

    before = home.geometry()

    home.cards[0].removal_wanted.emit()
    QApplication.processEvents()
    assert home.cards == []
    assert window.undo_bar.isVisible()
    assert home.geometry() == before  # nothing moves under the pointer
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert len(home.cards) == 1
    assert not window.undo_bar.isVisible()


def test_that_the_window_opens_where_it_was_closed(session: Session, qtbot: QtBot) -> None:
    first = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    qtbot.addWidget(first)
    first.show()
    first.resize(1024, 666)
    first.close()

    second = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    qtbot.addWidget(second)

    assert (second.width(), second.height()) == (1024, 666)


def test_that_closing_during_an_import_waits_for_its_end(
    window: MainWindow, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([make_pictures(40)])
        window.close()
        assert window.isVisible()

    qtbot.waitUntil(lambda: not window.isVisible())
    assert session.imports.result is not None


def test_that_the_sample_is_one_press_away(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    home = window.page("home")
    assert isinstance(home, HomePage)

    with qtbot.waitSignal(session.page_requested):
        qtbot.mouseClick(home.sample_button, Qt.MouseButton.LeftButton)

    images = window.page("images")
    assert isinstance(images, ImagesPage)
    qtbot.waitUntil(images.continue_button.isEnabled)
    assert [summary.project for summary in projects.list_projects(session.workspace)] == [session.project]
