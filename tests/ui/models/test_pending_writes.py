"""Proof that many edits show at once, are written in order, and are taken back where the disk refuses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.errors import CalotypeError, FolderNotWritableError
from calotype.services import large_sets
from calotype.ui.models import image_edits, pending_writes
from calotype.ui.models.image_edits import ImageEdits
from calotype.ui.models.session import Session


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_writes, "AT_ONCE", 0)
    monkeypatch.setattr(image_edits, "AT_ONCE", 0)
    monkeypatch.setattr(pending_writes, "_SET_FILE_MS", 10)


def _ratings(session: Session) -> list[int]:
    assert session.image_set is not None
    return [image.rating for image in session.image_set.images]


def _is_written(session: Session, count: int) -> Callable[[], bool]:
    assert session.project is not None
    path = session.project.folder / "set.json"
    return lambda: len(json.loads(path.read_text(encoding="utf-8"))["images"]) == count


def test_that_edits_show_at_once_and_come_to_the_disk_in_order(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None and full_session.project is not None
    edits, project = ImageEdits(full_session, full_session), full_session.project

    for rating in (1, 5, 2):
        edits.rate(full_session.image_set.images, rating)
        assert _ratings(full_session) == [rating] * 10
    edits.remove(full_session.image_set.images[:4])
    assert _ratings(full_session) == [2] * 6

    qtbot.waitUntil(lambda: not full_session.writes.is_running)
    qtbot.waitUntil(_is_written(full_session, 6))
    indexed = large_sets.indexed_set(full_session.workspace, project)
    assert [image.rating for image in indexed.images] == [2] * 6


def test_that_removed_pictures_come_back_and_go_again(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    ImageEdits(full_session, full_session).remove(full_session.image_set.images[:4])

    full_session.undo.undo()
    qtbot.waitUntil(lambda: len(_ratings(full_session)) == 10)
    full_session.undo.redo()

    qtbot.waitUntil(lambda: len(_ratings(full_session)) == 6 and not full_session.writes.is_running)


def test_that_what_the_disk_refuses_is_said_and_taken_back(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None and full_session.project is not None
    failures: list[CalotypeError] = []
    full_session.failure.connect(failures.append)
    folder = full_session.project.folder / ".set-is-old"
    folder.mkdir()  # where a file is to be written

    ImageEdits(full_session, full_session).rate(full_session.image_set.images, 3)

    qtbot.waitUntil(lambda: bool(failures))
    qtbot.waitUntil(lambda: _ratings(full_session) == [0] * 10)
    folder.rmdir()


def test_that_a_set_file_left_old_is_written_when_the_project_is_opened(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None and full_session.project is not None
    project, image = full_session.project, full_session.image_set.images[0]
    large_sets.choose(full_session.workspace, project, [replace(image, rating=4)])

    full_session.open_project(project)

    qtbot.waitUntil(lambda: not large_sets.is_set_file_old(project))
    assert '"rating": 4' in (project.folder / "set.json").read_text(encoding="utf-8")
    qtbot.waitUntil(lambda: not full_session.writes.is_running)


def test_that_leaving_the_program_writes_what_a_refused_write_left_waiting(full_session: Session, qtbot: QtBot) -> None:
    written: list[str] = []

    def refuse() -> None:
        raise FolderNotWritableError("here", "no")

    full_session.writes.run(refuse)
    full_session.writes.run(lambda: written.append("the next"))
    full_session.writes.finish()

    assert written == ["the next"]
    qtbot.waitUntil(lambda: not full_session.writes.is_running)
