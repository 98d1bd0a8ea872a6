"""Proof that what other programs do to captions is seen and never lost, and that a page is found as it was left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from calotype.domain.image_order import ImageOrder
from calotype.domain.imageset import CaptionedImage, Split
from calotype.services import image_view
from calotype.ui.models.session import Session
from calotype.ui.widgets.dragged_pictures import dragged_pictures
from calotype.ui.widgets.folder_notice import FolderNotice
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.windows.quick_look import QuickLook


@pytest.fixture
def page(full_session: Session, qtbot: QtBot) -> ImagesPage:
    shown = ImagesPage(full_session)
    qtbot.addWidget(shown)
    shown.resize(1300, 780)
    shown.show()
    shown.activate()
    qtbot.waitUntil(lambda: not full_session.open_images.is_looking)
    return shown


def _first(page: ImagesPage) -> CaptionedImage:
    return page.browser.images[0]


def _on_disk(image: CaptionedImage) -> str:
    return image.path.with_suffix(".txt").read_text(encoding="utf-8").strip()


def _write_outside(image: CaptionedImage, text: str) -> None:
    """As editors do: a new file in the place of the old one, some time later."""
    path = image.path.with_suffix(".txt")
    later = path.stat().st_mtime_ns + 10**9
    draft = Path(f"{path}~")
    draft.write_text(text, encoding="utf-8")
    os.utime(draft, ns=(later, later))
    draft.replace(path)


def test_that_a_caption_written_by_another_program_is_seen_soon(page: ImagesPage, qtbot: QtBot) -> None:
    page.grid.select([_first(page)])

    _write_outside(_first(page), "rusty, from outside")

    qtbot.waitUntil(lambda: page.caption_card.editor.toPlainText() == "rusty, from outside")


def test_that_a_picture_taken_away_by_hand_leaves_the_grid(page: ImagesPage, qtbot: QtBot) -> None:
    _first(page).path.unlink()

    qtbot.waitUntil(lambda: page.grid.model().rowCount() == 9)


def test_that_a_picture_that_another_program_writes_while_it_is_shown_large_stays_until_it_is_whole(
    page: ImagesPage, full_session: Session, qtbot: QtBot
) -> None:
    image, notice = _first(page), page.findChild(FolderNotice)
    assert notice is not None
    page.browser.selection.choose(0)
    look = QuickLook(full_session.workspace, page.browser, page)
    qtbot.addWidget(look)
    look.open()
    failures: list[object] = []
    full_session.failure.connect(failures.append)

    def drawn() -> str:
        return look.picture.grab().toImage().pixelColor(look.picture.rect().center()).name()

    before = drawn()
    qtbot.waitUntil(lambda: drawn() != before)  # it was read
    shown = drawn()
    whole = image.path.read_bytes()

    image.path.write_bytes(whole[: len(whole) // 2])
    _look_again(full_session, qtbot)
    assert (drawn(), notice.text, failures) == (shown, "Nothing has changed in the folders of this project.", [])
    Image.new("RGB", (160, 120), "#00ff00").save(image.path)
    _look_again(full_session, qtbot)

    assert notice.text == "1 picture edited by another program" and not failures
    notice.replace_button.click()
    qtbot.waitUntil(lambda: _first(page).content_hash != image.content_hash)
    assert _first(page).caption == image.caption
    look.close()


def _look_again(session: Session, qtbot: QtBot) -> None:
    news = session.intake.folders
    qtbot.waitUntil(lambda: not news.is_looking)
    with qtbot.waitSignal(news.changed):
        news.look(is_asked=True)


def test_that_a_caption_edited_here_and_outside_is_asked_about_and_both_are_shown(
    page: ImagesPage, qtbot: QtBot
) -> None:
    image = _first(page)
    page.grid.select([image])
    page.caption_card.editor.setPlainText("rusty, written here")

    _write_outside(image, "rusty, written outside")
    page.caption_card.save()

    assert image.original_name in page.conflict.text
    assert _on_disk(image) == "rusty, written outside"
    assert page.caption_card.editor.toPlainText() == "rusty, written outside"
    qtbot.mouseClick(page.conflict.keep_button, Qt.MouseButton.LeftButton)
    assert _on_disk(image) == "rusty, written here"
    assert not page.conflict.isVisible()


def test_that_the_other_caption_can_be_used(page: ImagesPage, qtbot: QtBot) -> None:
    image = _first(page)
    page.grid.select([image])
    page.caption_card.editor.setPlainText("rusty, written here")
    _write_outside(image, "rusty, written outside")
    qtbot.waitUntil(page.conflict.isVisible)

    qtbot.mouseClick(page.conflict.take_button, Qt.MouseButton.LeftButton)

    assert _on_disk(image) == "rusty, written outside"
    assert not page.conflict.isVisible()


def test_that_each_project_keeps_its_order(page: ImagesPage, full_session: Session, qtbot: QtBot) -> None:
    project = full_session.project
    assert project is not None

    page.tools.order.setCurrentIndex(page.tools.order.findData(ImageOrder.LONGEST_CAPTION.value))

    assert image_view.read_order(project) is ImageOrder.LONGEST_CAPTION
    again = ImagesPage(full_session)
    qtbot.addWidget(again)
    assert again.browser.list.order is ImageOrder.LONGEST_CAPTION


def test_that_a_damaged_view_is_as_if_there_was_none(full_session: Session) -> None:
    project = full_session.project
    assert project is not None
    for text in ("", "[]", '{"order": "sideways"}', "\0"):
        (project.folder / "view.json").write_text(text, encoding="utf-8")
        assert image_view.read_order(project) is ImageOrder.ADDED


def _drop(page: ImagesPage, x: float, data: QMimeData) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.readiness_card.split_bar.dropEvent(QDropEvent(QPointF(x, 5), Qt.DropAction.MoveAction, data, left, none))


def test_that_pictures_dropped_on_the_split_bar_change_sides(page: ImagesPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(page.readiness_card.split_bar.isVisible)
    image = next(image for image in page.browser.images if not image.is_held_out)
    page.grid.select([image])
    bar, data = page.readiness_card.split_bar, dragged_pictures()
    bar.show_counts(8, 2)

    _drop(page, bar.width() - 3, data)
    assert page.grid.selected()[0].split is Split.VALIDATION
    _drop(page, 3, data)

    assert page.grid.selected()[0].split is Split.TRAINING
