"""Looking at folders that pictures came from, from the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.control import Control
from calotype.domain.imageset import Project
from calotype.domain.origins import FolderChanges
from calotype.services.workspace import Workspace
from calotype.ui.models import folder_news
from calotype.ui.models.session import Session


def test_that_a_look_that_takes_long_ends_when_the_program_is_left(
    full_session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun = threading.Event()

    def endless(_workspace: Workspace, _project: Project, control: Control) -> FolderChanges:
        has_begun.set()
        while not control.is_stopping:
            threading.Event().wait(0.01)
        return FolderChanges()

    news = full_session.intake.folders
    qtbot.waitUntil(lambda: not news.is_looking)
    monkeypatch.setattr(folder_news, "look_again", endless)

    news.look(is_asked=True)
    qtbot.waitUntil(has_begun.is_set)
    news.stop()

    qtbot.waitUntil(lambda: not news.is_looking)


def test_that_a_search_that_finds_nothing_is_no_step(
    session: Session, make_pictures: Callable[[int], Path], qtbot: QtBot, tmp_path: Path
) -> None:
    folder, news = make_pictures(3), session.intake.folders
    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([folder])
    qtbot.waitUntil(lambda: session.undo.undo_text != "" and not news.is_looking)
    before = session.undo.undo_text
    folder.rename(tmp_path / "moved")
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(news.changed):
        news.look(is_asked=True)

    with qtbot.waitSignal(news.changed):
        news.find_again(tmp_path / "empty")

    assert news.changes.unreachable == (folder,) and session.undo.undo_text == before
