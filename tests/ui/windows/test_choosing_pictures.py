"""Proof that pictures are found, rated, left out and captioned together, and that all of it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.image_parts import ImagePart
from calotype.domain.imageset import CaptionedImage, Split
from calotype.ui.models.session import Session
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.windows.quick_look import QuickLook

MakePictures = Callable[[int], Path]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(session: Session, make_pictures: MakePictures, qtbot: QtBot) -> ImagesPage:
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([make_pictures(12)])
    qtbot.waitUntil(lambda: session.image_set is not None and len(session.image_set.images) == 12)
    shown = ImagesPage(session)
    qtbot.addWidget(shown)
    shown.resize(1300, 780)
    shown.show()
    shown.activate()
    return shown


def _images(page: ImagesPage) -> list[CaptionedImage]:
    return list(page.browser.images)


def _click(
    page: ImagesPage, qtbot: QtBot, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    place = page.grid.tile_rect(row).center()
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, modifiers, place)


def test_that_clicks_choose_as_in_a_file_manager(page: ImagesPage, qtbot: QtBot) -> None:
    _click(page, qtbot, 1)
    assert page.browser.selection.rows() == [1]
    _click(page, qtbot, 3, SHIFT)
    assert page.browser.selection.rows() == [1, 2, 3]
    _click(page, qtbot, 2, CTRL)
    assert page.browser.selection.rows() == [1, 3]
    _click(page, qtbot, 3)

    assert page.browser.selection.rows() == [3]


def test_that_a_box_drawn_on_the_ground_selects_what_it_touches(page: ImagesPage, qtbot: QtBot) -> None:
    page.tools.search.setText("003 or 004 or 005")
    ground = page.grid.viewport()
    end = page.grid.tile_rect(1).center()
    start = page.grid.tile_rect(2).center()
    start.setY(page.grid.viewport().height() - 5)

    qtbot.mousePress(ground, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(ground, end)
    page.grid.mouseMoveEvent(_moved(end))
    qtbot.mouseRelease(ground, Qt.MouseButton.LeftButton, pos=end)

    assert page.browser.selection.rows() == [1, 2]


def _moved(place: object) -> object:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    left = Qt.MouseButton.LeftButton
    return QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(place), left, left, Qt.KeyboardModifier.NoModifier
    )


def test_that_keys_walk_and_reach_over_the_grid(page: ImagesPage, qtbot: QtBot) -> None:
    columns = page.grid.tiles.column_count
    _click(page, qtbot, 0)

    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    qtbot.keyClick(page.grid, Qt.Key.Key_Down)
    assert page.browser.selection.rows() == [1 + columns]
    qtbot.keyClick(page.grid, Qt.Key.Key_End, SHIFT)
    assert page.browser.selection.rows() == list(range(1 + columns, 12))
    qtbot.keyClick(page.grid, Qt.Key.Key_Home)
    assert page.browser.selection.rows() == [0]
    qtbot.keyClick(page.grid, Qt.Key.Key_A, CTRL)
    qtbot.keyClick(page.grid, Qt.Key.Key_I, CTRL)

    assert page.browser.selection.rows() == []


def test_that_digits_rate_and_are_kept(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    _click(page, qtbot, 2)
    _click(page, qtbot, 4, SHIFT)

    qtbot.keyClick(page.grid, Qt.Key.Key_4)

    assert [image.rating for image in _images(page)[1:6]] == [0, 4, 4, 4, 0]
    page.tools.stars.rate(4)
    assert page.grid.model().rowCount() == 3
    page.tools.stars.rate(0)
    session.undo.undo()
    assert {image.rating for image in _images(page)} == {0}
    session.undo.redo()
    assert sorted(image.rating for image in _images(page))[-3:] == [4, 4, 4]


def test_that_x_leaves_out_and_takes_in_again(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    assert session.project is not None
    _click(page, qtbot, 5)

    qtbot.keyClick(page.grid, Qt.Key.Key_X)
    assert page.tools.chips[ImagePart.LEFT_OUT].text() == "Left out 1"
    assert '"is_excluded": true' in (session.project.folder / "set.json").read_text(encoding="utf-8")
    qtbot.keyClick(page.grid, Qt.Key.Key_X)

    assert not any(image.is_excluded for image in _images(page))


def test_that_v_holds_out_and_learns_from_again(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    row = next(row for row, image in enumerate(_images(page)) if not image.is_held_out)
    _click(page, qtbot, row)

    qtbot.keyClick(page.grid, Qt.Key.Key_V)
    assert _images(page)[row].split is Split.VALIDATION
    qtbot.keyClick(page.grid, Qt.Key.Key_V)

    assert _images(page)[row].split is Split.TRAINING


def test_that_pictures_dropped_on_a_chip_change_sides(page: ImagesPage, session: Session) -> None:
    learned = [image for image in _images(page) if not image.is_held_out][:2]
    page.browser.reveal([image.content_hash for image in learned])

    page.tools.chips[ImagePart.VALIDATION].pictures_dropped.emit(ImagePart.VALIDATION)

    moved = {image.content_hash: image.split for image in _images(page)}
    assert {moved[image.content_hash] for image in learned} == {Split.VALIDATION}


def test_that_dropping_what_was_left_out_is_one_step(page: ImagesPage, session: Session) -> None:
    out = next(image for image in _images(page) if not image.is_held_out)
    page.browser.reveal([out.content_hash])
    page.actions_of_selection.exclude()
    before = _images(page)

    page.tools.chips[ImagePart.VALIDATION].pictures_dropped.emit(ImagePart.VALIDATION)
    placed = next(image for image in _images(page) if image.content_hash == out.content_hash)
    session.undo.undo()

    assert (placed.split, placed.is_excluded) == (Split.VALIDATION, False)
    assert _images(page) == before
    session.undo.redo()
    assert placed in _images(page)


def test_that_a_wrong_filter_is_said_and_changes_nothing(page: ImagesPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.tools.search, "003")
    assert page.grid.model().rowCount() == 1

    page.tools.search.setText("003 rating>=x")

    assert page.grid.model().rowCount() == 1
    assert page.tools.search.property("invalid")
    assert "number" in page.tools.search.accessibleDescription()
    qtbot.keyClick(page.tools.search, Qt.Key.Key_Escape)
    assert page.grid.model().rowCount() == 12


def test_that_keys_of_the_filter_are_completed(page: ImagesPage, qtbot: QtBot) -> None:
    page.activateWindow()
    page.tools.search.setFocus()

    qtbot.keyClicks(page.tools.search, "-is:ex")
    completer = page.tools.search._completer
    assert completer.currentCompletion() == "is:excluded"
    completer.activated.emit(completer.currentCompletion())

    assert page.tools.search.text() == "-is:excluded"
    completer.popup().hide()


def test_that_nothing_is_done_to_hidden_pictures_and_it_is_said(page: ImagesPage, session: Session) -> None:
    images = _images(page)
    page.browser.reveal([images[1].content_hash, images[2].content_hash])
    page.tools.search.setText(images[1].original_name)

    assert page.tools.count.text() == "1 of 12 · 1 selected · 1 more selected but hidden"
    page.actions_of_selection.remove()
    page.tools.search.clear()

    assert [image.content_hash for image in _images(page)] == [i.content_hash for i in images if i != images[1]]
    assert page.browser.selection.hashes() == {images[2].content_hash}


def test_that_words_are_added_to_and_taken_out_of_several_captions_at_once(
    page: ImagesPage, session: Session, qtbot: QtBot
) -> None:
    _click(page, qtbot, 0)
    _click(page, qtbot, 1, SHIFT)

    qtbot.keyClicks(page.caption_card.words.field, "studio light")
    qtbot.keyClick(page.caption_card.words.field, Qt.Key.Key_Return)
    first = _images(page)[0]
    assert first.path.with_suffix(".txt").read_text(encoding="utf-8") == f"{first.caption}"
    assert [image.caption.endswith(", studio light") for image in _images(page)[:3]] == [True, True, False]
    page.caption_card.words.field.setText("studio light")
    qtbot.mouseClick(page.caption_card.words.remove_button, Qt.MouseButton.LeftButton)
    assert not any("studio" in image.caption for image in _images(page))

    session.undo.undo()
    assert sum("studio" in image.caption for image in _images(page)) == 2


def test_that_one_goes_to_the_next_picture_without_a_caption(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    images = _images(page)
    page._edits.recaption([images[4], images[9]], lambda _caption: "")
    page.browser.selection.choose(4)

    qtbot.keyClick(page, Qt.Key.Key_J, CTRL)
    assert page.browser.selection.rows() == [9]
    qtbot.keyClick(page, Qt.Key.Key_J, CTRL)

    assert page.browser.selection.rows() == [4]


def test_that_everything_can_be_taken_back_and_done_again(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    def state() -> list[CaptionedImage]:
        assert session.image_set is not None
        return list(session.image_set.images)

    begun = state()
    page._edits.caption(begun[0], "rusty, asleep")
    page._edits.rate(begun[:3], 5)
    page._edits.exclude(begun[3:5], is_excluded=True)
    page._edits.move([image for image in begun if not image.is_held_out][:1], Split.VALIDATION)
    page._edits.remove(begun[6:8])
    ended = state()
    assert len(ended) == 10

    for _ in range(5):
        session.undo.undo()
    qtbot.waitUntil(lambda: state() == begun)
    for _ in range(5):
        session.undo.redo()

    qtbot.waitUntil(lambda: state() == ended)


def test_that_space_shows_a_picture_large_and_arrows_go_on(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    _click(page, qtbot, 0)

    qtbot.keyClick(page.grid, Qt.Key.Key_Space)
    [look] = page.findChildren(QuickLook)
    qtbot.waitUntil(look.isVisible)
    qtbot.keyClick(look, Qt.Key.Key_Right)
    qtbot.keyClick(look, Qt.Key.Key_5)

    second = _images(page)[1]
    assert page.browser.selection.images() == [second]
    assert second.rating == 5
    qtbot.waitUntil(lambda: look.picture.grab().toImage().pixelColor(look.picture.rect().center()).alpha() == 255)
    qtbot.keyClick(look, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.findChildren(QuickLook))


def test_that_a_double_click_shows_the_picture_large(page: ImagesPage, qtbot: QtBot) -> None:
    place = page.grid.tile_rect(3).center()

    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)

    [look] = page.findChildren(QuickLook)
    assert page.browser.selection.rows() == [3]
    qtbot.keyClick(look, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.findChildren(QuickLook))
