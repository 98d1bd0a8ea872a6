"""Pictures reach the window as browsers, file managers and the clipboard hand them over."""

from __future__ import annotations

import base64
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.services.folder_weight import LARGE_BYTES
from calotype.ui.models.session import Session
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.windows.large_folder_dialog import LargeFolderDialog
from calotype.ui.windows.main_window import MainWindow

MakePictures = Callable[[int], Path]
ADDRESS = "https://example.org/gallery/red%20fox.jpg?size=large"


def _enter(window: MainWindow, data: QMimeData) -> bool:
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, data, button, keys)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def _drop(window: MainWindow, data: QMimeData) -> None:
    assert _enter(window, data)
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, data, button, keys)
    QApplication.sendEvent(window, event)


def _names(session: Session) -> list[str]:
    return [image.original_name for image in session.image_set.images] if session.image_set else []


def _png(tmp_path: Path, colour: str = "#3070c0") -> bytes:
    path = tmp_path / "made.png"
    Image.new("RGB", (90, 60), colour).save(path)
    return path.read_bytes()


def _painted() -> QImage:
    image = QImage(90, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#3070c0"))
    return image


def _as_firefox(tmp_path: Path) -> QMimeData:
    """An image dragged out of a page: the address, a piece of the page, and the painted pixels."""
    data = QMimeData()
    data.setUrls([QUrl(ADDRESS)])
    data.setHtml(f'<img src="{ADDRESS}" alt="a fox">')
    data.setImageData(_painted())
    return data


def _as_chrome_on_windows(tmp_path: Path) -> QMimeData:
    """A promise of a file: its bytes, and a list with its name."""
    data = QMimeData()
    data.setUrls([QUrl(ADDRESS)])
    names = struct.pack("<I", 1) + bytes(72) + "red fox.png".encode("utf-16-le").ljust(520, b"\0")
    data.setData('application/x-qt-windows-mime;value="FileGroupDescriptorW"', names)
    data.setData('application/x-qt-windows-mime;value="FileContents"', _png(tmp_path))
    return data


def _as_bytes_of_the_file(tmp_path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(ADDRESS)])
    data.setData("image/png", _png(tmp_path))
    return data


def _as_written_out_in_a_page(tmp_path: Path) -> QMimeData:
    data = QMimeData()
    body = base64.b64encode(_png(tmp_path)).decode()
    data.setHtml(f"<div><IMG class=x src='data:image/png;base64,{body}'></div>")
    return data


def _as_a_data_address(tmp_path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl("data:image/png;base64," + base64.b64encode(_png(tmp_path)).decode())])
    return data


def _as_text(tmp_path: Path) -> QMimeData:
    data = QMimeData()
    data.setText("data:image/png;base64," + base64.b64encode(_png(tmp_path)).decode())
    return data


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (_as_firefox, "red fox.png"),
        (_as_chrome_on_windows, "red fox.png"),
        (_as_bytes_of_the_file, "red fox.png"),
        (_as_written_out_in_a_page, "pasted.png"),
        (_as_a_data_address, "pasted.png"),
        (_as_text, "pasted.png"),
    ],
)
def test_that_a_picture_dragged_out_of_a_browser_comes_in(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot, make: Callable[[Path], QMimeData], name: str
) -> None:
    with qtbot.waitSignal(session.imports.finished):
        _drop(window, make(tmp_path))

    qtbot.waitUntil(lambda: _names(session) == [name])
    assert session.image_set is not None
    assert (session.image_set.images[0].width_px, session.image_set.images[0].height_px) == (90, 60)


def test_that_a_browser_that_hands_over_a_file_is_taken_at_its_word(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "fox.png").write_bytes(_png(tmp_path))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.png"))])
    data.setImageData(_painted())  # the file is the better picture

    with qtbot.waitSignal(session.imports.finished):
        _drop(window, data)

    qtbot.waitUntil(lambda: _names(session) == ["fox.png"])


def test_that_several_pictures_of_one_page_come_in_together(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    bodies = [base64.b64encode(_png(tmp_path, colour)).decode() for colour in ("red", "blue", "red")]
    data = QMimeData()
    data.setHtml("".join(f'<img src="data:image/png;base64,{body}">' for body in bodies))

    with qtbot.waitSignal(session.imports.finished):
        _drop(window, data)

    qtbot.waitUntil(lambda: _names(session) == ["pasted.png", "pasted-2.png"])


def test_that_an_address_alone_is_answered_and_nothing_is_downloaded(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: tried.append(address))
    data = QMimeData()
    data.setUrls([QUrl(ADDRESS)])
    data.setText(ADDRESS)

    _drop(window, data)

    assert "does not download from web pages (example.org)" in window.failure_banner.text
    assert not session.imports.is_running and session.project is None and not tried


@pytest.mark.parametrize("text", ["just some words", "", "javascript:alert(1)"])
def test_that_text_is_not_welcome(window: MainWindow, text: str) -> None:
    data = QMimeData()
    data.setText(text)

    assert not _enter(window, data)


@pytest.mark.parametrize("address", ["data:image/png;base64,no!", "data:image/png,", "data:text/html;base64,aGk="])
def test_that_a_broken_address_brings_nothing_in(window: MainWindow, session: Session, address: str) -> None:
    data = QMimeData()
    data.setText(address)

    if _enter(window, data):
        _drop(window, data)

    assert not session.imports.is_running and session.project is None


def test_that_copied_files_are_pasted(
    window: MainWindow, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in sorted(make_pictures(3).glob("*.png"))])
    QGuiApplication.clipboard().setMimeData(data)

    with qtbot.waitSignal(session.imports.finished):
        qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: len(_names(session)) == 3)
    QGuiApplication.clipboard().clear()  # PySide crashes at its end if it still owns what is on the clipboard


def test_that_several_folders_and_files_come_in_at_once_and_leave_as_one_step(
    window: MainWindow, session: Session, make_pictures: MakePictures, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "10_rusty fox").mkdir()
    Image.new("RGB", (64, 64), "#123456").save(tmp_path / "10_rusty fox" / "a.png")
    single = tmp_path / "single.png"
    Image.new("RGB", (64, 64), "#654321").save(single)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (tmp_path / "10_rusty fox", make_pictures(3), single)])

    with qtbot.waitSignal(session.imports.finished):
        _drop(window, data)
    qtbot.waitUntil(lambda: len(_names(session)) == 5)
    assert session.project is not None
    assert (session.project.name, session.project.trigger_word) == ("rusty fox", "rusty")
    assert window.undo_bar.text == "Added 5 pictures"

    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: _names(session) == [])
    assert list(session.project.images_folder.iterdir()) == []
    assert len(list(session.workspace.folder.trash.rglob("*.png"))) == 5

    session.undo.redo()

    qtbot.waitUntil(lambda: len(_names(session)) == 5)
    session.undo.undo()
    qtbot.waitUntil(lambda: _names(session) == [])


def test_that_prompts_and_names_are_offered_to_pictures_without_a_caption(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "fox"
    folder.mkdir()
    words = PngImagePlugin.PngInfo()
    words.add_text("parameters", "a fox in snow\nSteps: 20, Sampler: Euler, Seed: 1")
    Image.new("RGB", (64, 64), "#333366").save(folder / "IMG_0001.png", pnginfo=words)
    Image.new("RGB", (64, 64), "#663333").save(folder / "sleeping_on_a_sofa.png")
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([folder])
    page = window.page("images")
    assert isinstance(page, ImagesPage)
    offer = page.notice.captions
    qtbot.waitUntil(offer.isVisible)
    assert offer.prompts_button.text() == "Use the prompts inside (1)"

    offer.prompts_button.click()
    offer.names_button.click()

    def captions() -> list[str]:
        return sorted(image.caption for image in session.image_set.images) if session.image_set else []

    qtbot.waitUntil(lambda: captions() == ["a fox in snow", "fox, sleeping on a sofa"])
    assert not offer.isVisible()
    session.undo.undo()
    session.undo.undo()
    qtbot.waitUntil(lambda: captions() == ["fox", "fox"])


@pytest.mark.parametrize("is_linked", [True, False])
def test_that_a_large_folder_is_asked_about_before_it_is_copied(
    window: MainWindow,
    session: Session,
    make_pictures: MakePictures,
    qtbot: QtBot,
    is_linked: bool,
) -> None:
    folder = make_pictures(4)
    with (folder / "film.raw").open("wb") as file:
        file.truncate(LARGE_BYTES + 1)  # a hole, which takes no room
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])

    _drop(window, data)
    qtbot.waitUntil(lambda: window.findChild(LargeFolderDialog) is not None)
    dialog = window.findChild(LargeFolderDialog)
    assert dialog is not None and not session.imports.is_running
    with qtbot.waitSignal(session.imports.finished):
        (dialog.link_button if is_linked else dialog.copy_button).click()

    qtbot.waitUntil(lambda: len(_names(session)) == 4)
    assert session.image_set is not None
    assert all((image.linked_to is not None) is is_linked for image in session.image_set.images)
