"""A start beside an open window hands over what it was given, and never takes the window's place or waits for ever."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from calotype.domain.errors import AlreadyOpenError
from calotype.services.later_starts import PATIENCE_S, Letter, lock_or_hand_over, open_letters, take_letters
from calotype.services.workspace import Workspace, lock_window


def taken_by_a_window(workspace: Workspace) -> list[Letter]:
    """What a window that is open takes within the patience of a later start."""
    until, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not (letters := take_letters(workspace)) and time.monotonic() < until:
        pause.wait(0.01)
    return letters


def test_that_the_first_start_holds_the_folder_and_writes_no_letter(workspace: Workspace) -> None:
    lock = lock_or_hand_over(workspace, [Path("/tmp/fox.png")])

    assert lock is not None
    assert not workspace.folder.letters.exists()
    lock.release()


def test_that_the_open_window_gets_whole_paths_and_the_leave_of_the_desktop(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = lock_window(workspace)
    odd = os.fsdecode(b"f\xfcchsin.png")  # a name that is no UTF-8
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "from the dock")
    seen: list[Letter] = []
    window = threading.Thread(target=lambda: seen.extend(taken_by_a_window(workspace)))
    window.start()

    lock = lock_or_hand_over(workspace, [Path("狐.png"), Path(odd)])

    window.join()
    assert lock is None
    assert seen == [Letter((tmp_path / "狐.png", tmp_path / odd), "from the dock")]
    assert list(workspace.folder.letters.iterdir()) == []
    held.release()


def test_that_a_window_which_does_not_answer_is_named_and_no_letter_is_left(workspace: Workspace) -> None:
    held = lock_window(workspace)

    with pytest.raises(AlreadyOpenError):
        lock_or_hand_over(workspace, [], patience_s=0.1)

    assert list(workspace.folder.letters.iterdir()) == []
    held.release()


def test_that_where_no_letter_can_be_written_the_open_window_is_named(workspace: Workspace) -> None:
    held = lock_window(workspace)
    workspace.folder.letters.write_text("a file in its place", encoding="utf-8")

    with pytest.raises(AlreadyOpenError):
        lock_or_hand_over(workspace, [])

    held.release()


def test_that_the_place_of_a_closing_window_is_taken(workspace: Workspace) -> None:
    held = lock_window(workspace)
    closing = threading.Timer(0.3, held.release)
    closing.start()

    lock = lock_or_hand_over(workspace, [])

    closing.join()
    assert lock is not None
    assert list(workspace.folder.letters.iterdir()) == []
    lock.release()


def test_that_a_letter_of_yesterday_is_thrown_away(workspace: Workspace) -> None:
    letter = open_letters(workspace) / "yesterday.json"
    letter.write_text('{"files": ["/tmp/fox.png"], "leave": ""}', encoding="utf-8")
    os.utime(letter, (time.time() - 86_400,) * 2)

    assert take_letters(workspace) == []
    assert not letter.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3, "leave": ""}', "\x00"])
def test_that_a_letter_without_sense_asks_for_the_window_alone(workspace: Workspace, text: str) -> None:
    (open_letters(workspace) / "odd.json").write_text(text, encoding="utf-8")

    assert take_letters(workspace) == [Letter()]
    assert take_letters(workspace) == []
