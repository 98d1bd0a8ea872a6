"""The dialog that downloads a model: what would be fetched is seen before it is, and every ending is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from calotype.services import model_catalog
from calotype.ui.models.download_model import DownloadModel
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.library_cards import BaseModelRow
from calotype.ui.windows.download_dialog import DownloadDialog
from calotype.ui.windows.library_page import LibraryPage
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.workers.background_job import wait_for_all_jobs

if TYPE_CHECKING:
    from hub_server import HubServer

Ask = Callable[..., None]


@pytest.fixture
def library(session: Session, qtbot: QtBot) -> LibraryPage:
    """The Library page."""
    page = LibraryPage(session, GenerationModel(session, session))
    qtbot.addWidget(page)
    return page


@pytest.fixture
def dialog(library: LibraryPage, hub: HubServer) -> Iterator[DownloadDialog]:
    """The dialog, opened from Library."""
    opened = library.additions.download()
    yield opened
    if isValid(opened):
        opened.model.stop()
        wait_for_all_jobs()
        opened.close()
        opened.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def ask(dialog: DownloadDialog, qtbot: QtBot) -> Ask:
    """Type a name, look it up, and wait for the answer."""

    def type_and_look(name: str, file_name: str = "") -> None:
        _type(dialog.name, name, qtbot)
        _type(dialog.file, file_name, qtbot)
        with qtbot.waitSignal(dialog.model.finished):
            qtbot.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)

    return type_and_look


def test_that_what_would_be_fetched_is_shown_before_it_is(dialog: DownloadDialog, ask: Ask, hub: HubServer) -> None:
    before = (dialog.go_button.text(), dialog.go_button.isEnabled(), dialog.facts.isVisible())

    ask("me/tiny")

    shown = {text.property("fact"): text.text() for text in dialog.facts.findChildren(QLabel) if text.property("fact")}
    assert before == ("Look it up", False, False)
    assert (shown["Licence"], shown["To fetch"]) == ("creativeml-openrail-m", "13 files, 42.0 MB")
    assert shown["Into"].endswith("me--tiny")
    assert dialog.go_button.text() == "Download"
    assert hub.fetched == []


def test_that_the_dialog_is_as_high_as_what_it_shows(dialog: DownloadDialog, ask: Ask, qtbot: QtBot) -> None:
    before = dialog.height()

    ask("me/tiny")
    qtbot.waitUntil(lambda: 0 < dialog.go_button.geometry().top() - dialog.facts.geometry().bottom() <= 30)
    assert dialog.height() > before
    qtbot.mouseClick(dialog.name, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(dialog.name, "x")  # the offer is about another model
    qtbot.waitUntil(lambda: dialog.height() == before)


def test_that_a_download_ends_as_a_card_in_the_library(
    dialog: DownloadDialog, ask: Ask, library: LibraryPage, qtbot: QtBot
) -> None:
    ask("me/tiny")

    with qtbot.waitSignal(dialog.finished):
        qtbot.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)
        was_shown = (dialog.bar.isVisible(), dialog.name.isEnabled(), dialog.words.text())

    assert was_shown == (True, False, "Beginning")
    assert "me--tiny" in [row.accessibleName() for row in library.findChildren(BaseModelRow) if not row.isHidden()]


def test_that_a_refusal_is_said_in_the_dialog(dialog: DownloadDialog, ask: Ask, hub: HubServer) -> None:
    ask("me/other")
    missing = dialog.banner.text
    hub.gated = "auto"
    ask("me/tiny")

    assert missing.startswith("There is no model called “me/other”")
    assert "agreed to its terms" in dialog.banner.text
    assert dialog.go_button.text() == "Look it up" and dialog.go_button.isEnabled()


def test_that_a_lost_connection_can_be_taken_up_from_the_same_dialog(
    dialog: DownloadDialog, ask: Ask, hub: HubServer, session: Session, qtbot: QtBot
) -> None:
    hub.cuts = [300_000, 0]
    ask("me/tiny")

    with qtbot.waitSignal(dialog.model.finished):
        dialog.go_button.click()
    lost = dialog.banner.text
    with qtbot.waitSignal(dialog.finished):
        dialog.go_button.click()

    assert "What was fetched is kept" in lost
    assert "bytes=300000-" in [span for _, span in hub.asked]
    assert len(model_catalog.list_base_models(session.workspace)) == 2


def test_that_cancel_ends_the_download_and_then_the_dialog(
    dialog: DownloadDialog, ask: Ask, session: Session, library: LibraryPage, qtbot: QtBot
) -> None:
    ask("me/tiny")

    with qtbot.waitSignal(dialog.finished):
        dialog.go_button.click()
        dialog.cancel_button.click()
        waits = (dialog.isVisible(), dialog.cancel_button.isEnabled(), dialog.words.text())

    assert waits[:2] == (True, False)
    assert waits[2].startswith("Stopping. What was fetched is kept")
    assert len(model_catalog.list_base_models(session.workspace)) == 1


def test_that_the_window_says_offline_only_while_it_is(session: Session, hub: HubServer, qtbot: QtBot) -> None:
    window = MainWindow(session, TrainingRunModel(session, session), GenerationModel(session, session))
    qtbot.addWidget(window)
    model = DownloadModel(session, window)

    before = window.status.online_text
    with qtbot.waitSignal(model.finished):
        model.look_up("me/tiny", "", "")
        meanwhile = window.status.online_text

    assert (before, meanwhile, window.status.online_text) == ("Offline", "Downloading", "Offline")


def test_that_another_name_takes_the_offer_away(dialog: DownloadDialog, ask: Ask, qtbot: QtBot) -> None:
    ask("me/tiny")

    qtbot.keyClicks(dialog.name, "x")

    assert dialog.model.offer is None
    assert dialog.go_button.text() == "Look it up" and not dialog.facts.isVisible()


def test_that_the_button_brings_back_the_dialog_that_is_open(library: LibraryPage, dialog: DownloadDialog) -> None:
    again = library.additions.download()

    assert again is dialog


def _type(field: QLineEdit, text: str, qtbot: QtBot) -> None:
    field.clear()
    qtbot.keyClicks(field, text)
