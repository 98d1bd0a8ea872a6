"""The readiness panel says what was found, and leads to the pictures and to what puts them right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.coverage import find_coverage
from calotype.domain.imageset import Split, SubjectKind
from calotype.domain.readiness import Finding, FindingKind, Fix, Readiness, ReadinessVerdict, Severity
from calotype.domain.readiness_words import finding_reason
from calotype.services import library
from calotype.ui.models.session import Session
from calotype.ui.widgets.finding_row import FindingRow
from calotype.ui.widgets.readiness_card import ReadinessCard
from calotype.ui.windows.images_page import ImagesPage

MakePictures = Callable[[int], Path]


@pytest.fixture
def page(session: Session, make_pictures: MakePictures, qtbot: QtBot) -> ImagesPage:
    """Ten pictures, of which one is blurred, one is a copy of another, and one has no trigger word."""
    folder = make_pictures(10)
    with Image.open(folder / "004.png") as opened:
        opened.filter(ImageFilter.GaussianBlur(5)).save(folder / "004.png")
    with Image.open(folder / "006.png") as opened:
        opened.resize((150, 112)).save(folder / "006-again.png")
    (folder / "006-again.txt").write_text("rusty, pose 6, side view", encoding="utf-8")
    (folder / "008.txt").write_text("asleep in the sun", encoding="utf-8")
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([folder])
    shown = ImagesPage(session)
    qtbot.addWidget(shown)
    shown.resize(1300, 780)
    shown.show()
    shown.activate()
    qtbot.waitUntil(lambda: shown.readiness_card.progress_text == "" and _row(shown, FindingKind.SOFT) is not None)
    return shown


def _row(page: ImagesPage, kind: FindingKind) -> FindingRow | None:
    return next((row for row in page.readiness_card.findings if row.finding.kind is kind), None)


def _existing_row(page: ImagesPage, kind: FindingKind) -> FindingRow:
    row = _row(page, kind)
    assert row is not None
    return row


def test_that_each_finding_is_said_with_its_reason(page: ImagesPage) -> None:
    row = _existing_row(page, FindingKind.SOFT)

    assert row.text.text() == "1 soft picture."
    assert row.text.accessibleDescription() == finding_reason(FindingKind.SOFT)
    assert row.toolTip() == f"<p>{finding_reason(FindingKind.SOFT)}</p>"
    assert page.readiness_card.coverage_text.startswith("Views: side 1\nBackgrounds: ")


def test_that_show_selects_the_pictures_that_a_finding_is_about(page: ImagesPage, qtbot: QtBot) -> None:
    link = _existing_row(page, FindingKind.SOFT).show_link
    assert link is not None

    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)

    assert [image.original_name for image in page.grid.selected()] == ["004.png"]


def test_that_pictures_are_found_by_what_is_wrong_with_them_and_wear_it(page: ImagesPage, session: Session) -> None:
    assert session.image_set is not None
    page.tools.search.setText("issue:soft")

    shown = [page.browser.list.image_at(row) for row in range(page.browser.list.rowCount())]
    assert [image.original_name for image in shown] == ["004.png"]
    assert "soft focus" in page.grid.faults_of(shown[0])
    page.tools.search.setText("is:duplicate")
    shown = [page.browser.list.image_at(row) for row in range(page.browser.list.rowCount())]
    assert {image.original_name for image in shown} == {"006.png", "006-again.png"}


def test_that_the_trigger_word_is_added_at_a_press_and_taken_back(
    page: ImagesPage, session: Session, qtbot: QtBot
) -> None:
    link = _existing_row(page, FindingKind.CAPTION_LACKS_TRIGGER_WORD).fix_links[Fix.ADD_TRIGGER_WORD]
    assert link.text() == "Add the word" and session.project is not None
    caption = session.project.images_folder / "008.txt"

    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: caption.read_text(encoding="utf-8") == "rusty, asleep in the sun")
    qtbot.waitUntil(lambda: _row(page, FindingKind.CAPTION_LACKS_TRIGGER_WORD) is None)
    session.undo.undo()

    qtbot.waitUntil(lambda: caption.read_text(encoding="utf-8") == "asleep in the sun")
    qtbot.waitUntil(lambda: _row(page, FindingKind.CAPTION_LACKS_TRIGGER_WORD) is not None)


def test_that_near_duplicates_are_left_out_at_a_press_and_taken_in_again(
    page: ImagesPage, session: Session, qtbot: QtBot
) -> None:
    link = _existing_row(page, FindingKind.NEAR_DUPLICATES).fix_links[Fix.LEAVE_OUT]
    assert session.image_set is not None

    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.image_set is not None and len(session.image_set.included.images) == 10)
    qtbot.waitUntil(lambda: _row(page, FindingKind.NEAR_DUPLICATES) is None)
    session.undo.undo()

    qtbot.waitUntil(lambda: session.image_set is not None and len(session.image_set.included.images) == 11)
    qtbot.waitUntil(lambda: _row(page, FindingKind.NEAR_DUPLICATES) is not None)


def test_that_pictures_are_held_out_at_a_press_when_none_are(page: ImagesPage, session: Session, qtbot: QtBot) -> None:
    assert session.image_set is not None
    everything = {image.content_hash: Split.TRAINING for image in session.image_set.images}
    library.set_splits(session.workspace, session.image_set.project, everything)
    session.open_images.reload()
    qtbot.waitUntil(lambda: _row(page, FindingKind.NOTHING_HELD_OUT) is not None)
    assert not page.continue_button.isEnabled()
    link = _existing_row(page, FindingKind.NOTHING_HELD_OUT).fix_links[Fix.HOLD_SOME_OUT]

    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(page.continue_button.isEnabled)
    held_out = _held_out(session)
    assert held_out
    session.undo.undo()
    qtbot.waitUntil(lambda: not _held_out(session))
    session.undo.redo()
    qtbot.waitUntil(lambda: _held_out(session) == held_out)


def _held_out(session: Session) -> set[str]:
    assert session.image_set is not None
    return {image.content_hash for image in session.image_set.held_out}


def test_that_the_keyboard_stays_in_the_panel_when_its_rows_are_made_anew(
    page: ImagesPage, session: Session, qtbot: QtBot
) -> None:
    link = _existing_row(page, FindingKind.CAPTION_LACKS_TRIGGER_WORD).fix_links[Fix.ADD_TRIGGER_WORD]
    page.activateWindow()
    link.setFocus()

    qtbot.keyClick(link, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: _row(page, FindingKind.CAPTION_LACKS_TRIGGER_WORD) is None)

    assert page.readiness_card.isAncestorOf(page.focusWidget())


def test_that_nothing_of_another_project_stands_over_a_new_one(page: ImagesPage, session: Session) -> None:
    assert page.readiness_card.verdict_text == "Will work, could be better"

    session.create_project("Other", SubjectKind.CHARACTER, "other")

    assert page.readiness_card.verdict_text == "Looking at the pictures…"
    assert (page.readiness_card.findings, page.continue_button.isEnabled()) == ([], False)


def test_that_look_alikes_that_were_moved_apart_are_put_together_at_a_press(
    page: ImagesPage, session: Session, qtbot: QtBot
) -> None:
    assert session.image_set is not None
    project, images = session.image_set.project, session.image_set.images
    one, other = (image for image in images if image.original_name.startswith("006"))
    library.set_splits(
        session.workspace, project, {one.content_hash: Split.TRAINING, other.content_hash: Split.VALIDATION}
    )
    session.open_images.reload()
    qtbot.waitUntil(lambda: _row(page, FindingKind.ON_BOTH_SIDES) is not None)
    link = _existing_row(page, FindingKind.ON_BOTH_SIDES).fix_links[Fix.PUT_TOGETHER]
    assert link.text() == "Put together"

    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _row(page, FindingKind.ON_BOTH_SIDES) is None)
    assert len({image.split for image in session.image_set.images if image.original_name.startswith("006")}) == 1
    session.undo.undo()

    qtbot.waitUntil(lambda: _row(page, FindingKind.ON_BOTH_SIDES) is not None)
    session.undo.redo()
    qtbot.waitUntil(lambda: _row(page, FindingKind.ON_BOTH_SIDES) is None)


def test_that_the_gravest_findings_are_shown_and_the_others_at_a_press(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    found = tuple(Finding(kind, 2, Severity.HINTS) for kind in list(FindingKind)[5:13])
    nothing = find_coverage(full_session.image_set, {})
    card = ReadinessCard()
    qtbot.addWidget(card)
    card.show_readiness(Readiness(ReadinessVerdict.READY, found, nothing))
    before = (len(card.findings), card.more_button.text())

    qtbot.mouseClick(card.more_button, Qt.MouseButton.LeftButton)

    assert before == (5, "3 more")
    assert ([row.finding for row in card.findings], card.more_button.text()) == (list(found), "Show fewer")


def test_that_progress_is_said_and_goes(full_session: Session, qtbot: QtBot) -> None:
    card = ReadinessCard()
    qtbot.addWidget(card)

    card.show_progress(1200, 34000)
    during = card.progress_text
    card.show_progress(0, 0)

    assert (during, card.progress_text) == ("Looking at the pictures: 1,200 of 34,000", "")
