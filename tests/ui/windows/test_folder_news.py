"""Folders in the window: used where they are, looked at again, each change taken in by a press and back by an Undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from calotype.domain.imageset import CaptionedImage
from calotype.domain.readiness import FindingKind, Fix
from calotype.ui.models.session import Session
from calotype.ui.widgets.finding_row import FindingRow
from calotype.ui.widgets.folder_notice import FolderNotice
from calotype.ui.windows.folder_menu import FolderMenu
from calotype.ui.windows.images_page import ImagesPage

MakePictures = Callable[[int], Path]


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> ImagesPage:
    made = ImagesPage(session)
    qtbot.addWidget(made)
    qtbot.addWidget(made.header_widgets()[0])
    made.show()
    return made


def _images(session: Session) -> dict[str, CaptionedImage]:
    return {image.original_name: image for image in session.image_set.images} if session.image_set else {}


def _differences(before: dict[str, CaptionedImage], now: dict[str, CaptionedImage]) -> int:
    names = before.keys() | now.keys()
    kept = {name for name in before.keys() & now.keys() if before[name].content_hash == now[name].content_hash}
    return len(names - kept)


def _notice(page: ImagesPage) -> FolderNotice:
    found = page.findChild(FolderNotice)
    assert found is not None
    return found


def _look(session: Session, qtbot: QtBot) -> None:
    news = session.intake.folders
    qtbot.waitUntil(lambda: not news.is_looking)
    with qtbot.waitSignal(news.changed):
        news.look(is_asked=True)


def _bring_in(session: Session, folder: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([folder])
    qtbot.waitUntil(lambda: len(_images(session)) == 6)


def test_that_every_change_is_taken_in_by_one_press_and_taken_back_by_one_undo(
    page: ImagesPage, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    folder = make_pictures(6)
    _bring_in(session, folder, qtbot)
    notice = _notice(page)
    before = _images(session)
    Image.new("RGB", (64, 64), "#123456").save(folder / "fresh.png")
    Image.new("RGB", (64, 64), "#654321").save(folder / "001.png")
    (folder / "002.png").unlink()

    _look(session, qtbot)
    assert notice.text == (
        "1 new picture in the folder\n1 picture edited by another program\n"
        "1 picture no longer in the folder, and kept here"
    )
    notice.replace_button.click()
    qtbot.waitUntil(lambda: _images(session)["001.png"].content_hash != before["001.png"].content_hash)
    assert _images(session)["001.png"].caption == "rusty, pose 1"
    qtbot.waitUntil(lambda: "edited" not in notice.text)
    notice.remove_button.click()
    qtbot.waitUntil(lambda: "002.png" not in _images(session))
    qtbot.waitUntil(lambda: "no longer" not in notice.text)
    notice.add_button.click()
    qtbot.waitUntil(lambda: "fresh.png" in _images(session))
    qtbot.waitUntil(notice.isHidden)

    after = _images(session)

    for _ in range(3):
        session.undo.undo()
    qtbot.waitUntil(lambda: _images(session) == before)
    for count in range(3):  # one after the other: a step that is still on its way back cannot be done again
        session.undo.redo()
        qtbot.waitUntil(lambda count=count: _differences(before, _images(session)) == count + 1)  # type: ignore[misc]
    assert {name: image.content_hash for name, image in _images(session).items()} == {
        name: image.content_hash for name, image in after.items()
    }


def test_that_vanished_files_may_be_forgotten_and_the_copies_kept(
    page: ImagesPage, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    folder = make_pictures(6)
    _bring_in(session, folder, qtbot)
    (folder / "002.png").unlink()
    _look(session, qtbot)

    _notice(page).keep_button.click()

    qtbot.waitUntil(_notice(page).isHidden)
    assert len(_images(session)) == 6 and session.undo.undo_text == "Kept 1 picture whose file is gone"

    session.undo.undo()
    qtbot.waitUntil(lambda: "no longer in the folder" in _notice(page).text)
    session.undo.redo()
    qtbot.waitUntil(_notice(page).isHidden)


def test_that_nothing_new_is_said_only_when_it_was_asked(
    page: ImagesPage, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    _bring_in(session, make_pictures(6), qtbot)
    qtbot.waitUntil(lambda: not session.intake.folders.is_looking)
    assert _notice(page).isHidden()

    _look(session, qtbot)

    assert _notice(page).isVisible() and "Nothing has changed" in _notice(page).text


def test_that_a_folder_is_used_where_it_is_and_found_again(
    page: ImagesPage,
    session: Session,
    make_pictures: MakePictures,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder, moved = make_pictures(6), tmp_path / "on another drive"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    menu = page.folder_button.menu()
    assert isinstance(menu, FolderMenu)
    with qtbot.waitSignal(session.imports.finished):
        menu.link_action.trigger()
    qtbot.waitUntil(lambda: len(_images(session)) == 6)
    assert session.project is not None and not list(session.project.images_folder.glob("*.png"))

    folder.rename(moved)
    _look(session, qtbot)
    assert _notice(page).text == "“rusty” is not there. Is its drive connected?" and len(_images(session)) == 6
    assert _notice(page).forget_button.isHidden()  # the pictures are nowhere else
    folder.mkdir()
    _look(session, qtbot)
    assert _notice(page).text == "6 pictures missing from the folder, with no copy here"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    _notice(page).find_button.click()

    qtbot.waitUntil(lambda: _parents(session) == {moved})
    qtbot.waitUntil(_notice(page).isHidden)
    assert session.undo.undo_text == "Found 6 pictures again"

    session.undo.undo()
    qtbot.waitUntil(lambda: _parents(session) == {folder} and "6 pictures missing" in _notice(page).text)
    session.undo.redo()
    qtbot.waitUntil(lambda: _parents(session) == {moved} and _notice(page).isHidden())


def _parents(session: Session) -> set[Path]:
    return {image.pixels_path.parent for image in _images(session).values()}


def test_that_pictures_whose_files_are_gone_are_marked_found_and_removed_or_come_back(
    page: ImagesPage, session: Session, make_pictures: MakePictures, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_pictures(6)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    menu = page.folder_button.menu()
    assert isinstance(menu, FolderMenu)
    with qtbot.waitSignal(session.imports.finished):
        menu.link_action.trigger()
    qtbot.waitUntil(lambda: len(_images(session)) == 6)
    qtbot.waitUntil(page.continue_button.isEnabled)
    for name in ("001.png", "004.png"):
        (folder / name).rename(folder.with_name(name))
    gone = [_images(session)[name] for name in ("001.png", "004.png")]

    _look(session, qtbot)
    qtbot.waitUntil(lambda: _gone_row(page) is not None)
    assert not page.continue_button.isEnabled()
    row = _gone_row(page)
    assert row is not None and row.text.text() == "The files of 2 pictures are gone." and row.show_link is not None
    page.tools.search.setText("is:missing")
    images = page.browser.list
    assert [images.image_at(place) for place in range(images.rowCount())] == gone
    assert page.grid.faults_of(gone[0]) == ["file is gone"]
    assert "file is gone" in images.data(images.index(0), Qt.ItemDataRole.AccessibleTextRole)  # type: ignore[operator]
    page.tools.search.setText("")

    folder.with_name("001.png").rename(folder / "001.png")
    row.fix_links[Fix.LOOK_AGAIN].click()
    qtbot.waitUntil(
        lambda: (now := _gone_row(page)) is not None and now.text.text() == "The file of 1 picture is gone."
    )
    row = _gone_row(page)
    assert row is not None
    row.fix_links[Fix.REMOVE].click()
    qtbot.waitUntil(lambda: "004.png" not in _images(session) and _gone_row(page) is None)
    session.undo.undo()
    qtbot.waitUntil(lambda: "004.png" in _images(session) and _gone_row(page) is not None)


def _gone_row(page: ImagesPage) -> FindingRow | None:
    return next((row for row in page.readiness_card.findings if row.finding.kind is FindingKind.FILE_GONE), None)


def test_that_the_menu_looks_again_only_where_there_is_a_folder(page: ImagesPage, session: Session) -> None:
    menu = page.folder_button.menu()
    assert isinstance(menu, FolderMenu)

    menu.aboutToShow.emit()

    assert not menu.look_action.isEnabled()


def test_that_a_set_is_saved_for_other_trainers(
    page: ImagesPage,
    session: Session,
    make_pictures: MakePictures,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    _bring_in(session, make_pictures(6), qtbot)
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    menu = page.folder_button.menu()
    assert isinstance(menu, FolderMenu)

    menu.export_action.trigger()

    qtbot.waitUntil(lambda: "6 pictures saved in" in _notice(page).text)
    assert len(list((tmp_path / "out" / "rusty-dataset").rglob("*.png"))) == 6


@pytest.mark.parametrize("is_found", [True, False])
def test_that_a_folder_that_moved_is_followed_or_forgotten(
    page: ImagesPage,
    session: Session,
    make_pictures: MakePictures,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    is_found: bool,
) -> None:
    folder = make_pictures(6)
    moved = folder.with_name("moved")
    _bring_in(session, folder, qtbot)
    folder.rename(moved)
    _look(session, qtbot)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))

    (_notice(page).find_folder_button if is_found else _notice(page).forget_button).click()
    qtbot.waitUntil(_notice(page).isHidden)
    Image.new("RGB", (64, 64), "#123456").save(moved / "fresh.png")
    _look(session, qtbot)

    expected = "1 new picture in the folder" if is_found else "Nothing has changed in the folders of this project."
    assert _notice(page).text == expected
    assert session.undo.undo_text == ("Found a folder again" if is_found else "Forgot 1 folder")

    session.undo.undo()
    qtbot.waitUntil(lambda: "“rusty” is not there" in _notice(page).text)
    session.undo.redo()
    qtbot.waitUntil(lambda: "“rusty” is not there" not in _notice(page).text)


def test_that_news_that_was_dismissed_does_not_come_back_by_itself(
    page: ImagesPage, session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    folder = make_pictures(6)
    _bring_in(session, folder, qtbot)
    (folder / "002.png").unlink()
    _look(session, qtbot)
    session.intake.folders.dismiss()

    with qtbot.waitSignal(session.intake.folders.changed):
        session.intake.folders.look()
    assert _notice(page).isHidden()

    _look(session, qtbot)
    assert "no longer in the folder" in _notice(page).text
