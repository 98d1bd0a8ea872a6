"""Proof that pictures can be looked at, captioned, divided and removed, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.image_parts import ImagePart
from calotype.domain.imageset import Split
from calotype.ui.models.session import Session
from calotype.ui.windows.images_page import ImagesPage

MakePictures = Callable[[int], Path]


@pytest.fixture
def page(full_session: Session, qtbot: QtBot) -> ImagesPage:
    shown = ImagesPage(full_session)
    qtbot.addWidget(shown)
    shown.resize(1300, 780)
    shown.show()
    shown.activate()
    return shown


def test_that_a_caption_is_saved_as_it_is_typed(page: ImagesPage, full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    image = full_session.image_set.images[0]
    page.grid.select([image])

    qtbot.keyClick(page, Qt.Key.Key_F2)
    page.caption_card.editor.selectAll()
    qtbot.keyClicks(page.caption_card.editor, "rusty, asleep")

    beside = image.path.with_suffix(".txt")
    qtbot.waitUntil(lambda: beside.read_text(encoding="utf-8").strip() == "rusty, asleep")
    assert page.caption_card.editor.toPlainText() == "rusty, asleep"


def test_that_a_caption_is_saved_when_another_picture_is_chosen(page: ImagesPage, full_session: Session) -> None:
    assert full_session.image_set is not None
    first, second = full_session.image_set.images[:2]
    page.grid.select([first])

    page.caption_card.editor.setPlainText("rusty, running")
    page.grid.select([second])

    assert first.path.with_suffix(".txt").read_text(encoding="utf-8").strip() == "rusty, running"
    assert page.caption_card.editor.toPlainText() == second.caption
    assert second.path.with_suffix(".txt").read_text(encoding="utf-8").strip() == second.caption


def test_that_a_caption_changed_by_hand_is_seen_on_return(
    page: ImagesPage, full_session: Session, qtbot: QtBot
) -> None:
    assert full_session.image_set is not None
    image = full_session.image_set.images[0]
    page.grid.select([image])
    image.path.with_suffix(".txt").write_text("rusty, by hand", encoding="utf-8")

    page.activate()

    qtbot.waitUntil(lambda: page.caption_card.editor.toPlainText() == "rusty, by hand")


def test_that_the_chips_count_and_filter(page: ImagesPage, full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    held_out = len(full_session.image_set.held_out)

    chip = page.tools.chips[ImagePart.VALIDATION]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)

    assert chip.text() == f"Validation {held_out}"
    assert page.grid.model().rowCount() == held_out


def test_that_pictures_move_between_learning_and_checking(
    page: ImagesPage, full_session: Session, qtbot: QtBot
) -> None:
    assert full_session.image_set is not None
    image = full_session.image_set.training[0]
    page.grid.select([image])

    qtbot.mouseClick(page.caption_card.choices.move_button, Qt.MouseButton.LeftButton)

    moved = next(i for i in full_session.image_set.images if i.content_hash == image.content_hash)
    assert moved.split is Split.VALIDATION


def test_that_delete_removes_and_undo_brings_back(page: ImagesPage, full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    page.grid.select(full_session.image_set.images[:2])

    qtbot.keyClick(page.grid, Qt.Key.Key_Delete)
    assert page.grid.model().rowCount() == 8
    full_session.undo.undo()

    qtbot.waitUntil(lambda: page.grid.model().rowCount() == 10)


def test_that_readiness_is_said_and_opens_the_way_to_training(
    page: ImagesPage, full_session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(page.continue_button.isEnabled)

    with qtbot.waitSignal(full_session.page_requested) as asked:
        qtbot.mouseClick(page.continue_button, Qt.MouseButton.LeftButton)

    assert asked.args == ["train"]
    assert page.readiness_card.verdict_text


def test_that_too_few_pictures_close_the_way(session: Session, make_pictures: MakePictures, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([make_pictures(2)])
    page = ImagesPage(session)
    qtbot.addWidget(page)

    qtbot.waitUntil(lambda: page.readiness_card.verdict_text == "Not ready yet")

    assert not page.continue_button.isEnabled()


def test_that_what_was_left_out_is_told_with_its_reason(
    page: ImagesPage, full_session: Session, make_pictures: MakePictures, tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes((make_pictures(10) / "000.png").read_bytes()[:200])

    with qtbot.waitSignal(full_session.imports.finished):
        full_session.import_paths([broken, tmp_path / "rusty" / "001.png"])

    assert "1 file could not be used" in page.notice.text
    assert "1 duplicate left out" in page.notice.text
    qtbot.mouseClick(page.notice.details_button, Qt.MouseButton.LeftButton)
    assert "broken.png" in page.notice.details_text
