"""The notice that a preview repeats a training picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from calotype.domain.events import PreviewsMeasured
from calotype.domain.settings import Theme
from calotype.ui.look.theme import apply_theme
from calotype.ui.models.session import Session
from calotype.ui.widgets.memorised_notice import MemorisedNotice
from calotype.ui.windows.images_page import ImagesPage
from calotype.ui.workers.background_job import wait_for_all_jobs

COPY = PreviewsMeasured(40, 0.9, 0.8, 1, "abc", "one.png", 0.2, True, 0.1)
FRESH = replace(COPY, step=60, nearest_distance=1.1, is_memorised=False)


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    apply_theme(qapp, Theme.DARK)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "one.png"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    image.save(str(path))
    return path


def test_that_the_notice_names_the_picture_and_leads_to_it(qtbot: QtBot, picture: Path) -> None:
    notice = MemorisedNotice()
    qtbot.addWidget(notice)
    notice.set_locate({"abc": picture}.get)

    notice.show_finding("run", COPY, COPY, picture)
    button = next(found for found in notice.findChildren(QPushButton) if found.text() == "Show the picture")
    with qtbot.waitSignal(notice.image_requested) as request:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert "one.png" in notice.text and "step 40" in notice.text
    assert request.args == ["abc"]
    wait_for_all_jobs()


def test_that_a_picture_that_was_removed_is_named_without_a_way_to_it(qtbot: QtBot, picture: Path) -> None:
    notice = MemorisedNotice()
    qtbot.addWidget(notice)

    notice.show_finding("run", COPY, COPY, picture)

    assert "one.png" in notice.text
    assert [found for found in notice.findChildren(QPushButton) if found.text() == "Show the picture"] == []
    wait_for_all_jobs()


@pytest.mark.parametrize(
    ("kept", "words"),
    [(replace(FRESH, step=20), "Those of step 20"), (replace(COPY, step=20), "fewer steps"), (COPY, "fewer steps")],
)
def test_that_the_notice_says_whether_the_kept_step_repeats_anything(
    kept: PreviewsMeasured, words: str, qtbot: QtBot
) -> None:
    notice = MemorisedNotice()
    qtbot.addWidget(notice)

    notice.show_finding("run", COPY, kept)

    assert words in notice.text


def test_that_a_dismissed_notice_comes_back_only_for_another_finding(qtbot: QtBot) -> None:
    notice = MemorisedNotice()
    qtbot.addWidget(notice)
    notice.show_finding("run", COPY)

    notice.dismiss_button.click()
    notice.show_finding("run", COPY)
    assert notice.isHidden()
    notice.show_finding("run", replace(COPY, step=80))
    assert not notice.isHidden()
    notice.show_finding("run", FRESH)
    assert notice.isHidden()


def test_that_a_picture_that_is_asked_for_is_selected_though_a_search_hides_it(
    full_session: Session, qtbot: QtBot
) -> None:
    page = ImagesPage(full_session)
    qtbot.addWidget(page)
    assert full_session.image_set is not None
    wanted = full_session.image_set.images[7]
    page.tools.search.setText("pose 3")

    page.show_image(wanted.content_hash)

    assert page.grid.selected() == [wanted]
    assert full_session.open_images.path_of(wanted.content_hash) == wanted.path
    assert full_session.open_images.path_of("unknown") is None
