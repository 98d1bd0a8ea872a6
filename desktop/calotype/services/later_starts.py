"""A later start of the program gives the window that is open already the files that it was started with.

It does so by a letter: a small file in the data folder, which the window watches. A socket would do less well: Python
has none on Windows, some disks hold none, its path may have no more than a hundred letters, and a program that opens
no socket is easy to trust. Only who may write to the data folder can write letters.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import AlreadyOpenError, StorageError
from calotype.services.workspace import WindowLock, Workspace, lock_window
from calotype.storage.files import make_folder, write_text_atomically

PATIENCE_S = 10.0  # the window may be starting, or be busy with loading torch
_LOOKED_EVERY_S = 0.05
_LETTER, _TAKEN = ".json", ".taken"
# What a desktop gives to a program that it starts, so that its window may come before the others.
_LEAVES = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a later start asks for: the window to the front, and these files in it. `leave` is the desktop's token."""

    files: tuple[Path, ...] = ()
    leave: str = ""


def lock_or_hand_over(workspace: Workspace, files: Sequence[Path], patience_s: float = PATIENCE_S) -> WindowLock | None:
    """Hold the data folder for a window; None if another window holds it, and has taken the files.

    Raises AlreadyOpenError if that one does not answer in time. If it closes meanwhile, the folder is ours.
    """
    try:
        return lock_window(workspace)
    except AlreadyOpenError as error:
        try:
            path = _post(workspace, files)
        except StorageError:
            raise error from None
    taken, until = path.with_suffix(_TAKEN), time.monotonic() + patience_s
    try:
        while not taken.exists():
            try:
                return lock_window(workspace)
            except AlreadyOpenError:
                if time.monotonic() > until and _is_withdrawn(path):
                    raise
            time.sleep(_LOOKED_EVERY_S)
        return None
    finally:
        for left in (path, taken):
            with contextlib.suppress(OSError):
                left.unlink()


def open_letters(workspace: Workspace) -> Path:
    """The folder in which letters arrive, made if need be. Raises a StorageError."""
    make_folder(workspace.folder.letters)
    return workspace.folder.letters


def take_letters(workspace: Workspace) -> list[Letter]:
    """The letters that wait, oldest first, each taken once; those that nobody waits for any more are thrown away."""
    taken = []
    for path in sorted(workspace.folder.letters.glob("*"), key=_written_at):
        if _written_at(path) < time.time() - 2 * PATIENCE_S:
            with contextlib.suppress(OSError):
                path.unlink()
        elif path.suffix == _LETTER:
            with contextlib.suppress(OSError):  # it was withdrawn just now
                letter = _read(path)
                path.rename(path.with_suffix(_TAKEN))  # the answer
                taken.append(letter)
    return taken


def _post(workspace: Workspace, files: Sequence[Path]) -> Path:
    """Raises a StorageError."""
    path = workspace.folder.letters / f"{uuid.uuid4().hex}{_LETTER}"
    leave = next((os.environ[name] for name in _LEAVES if os.environ.get(name)), "")
    told = {"files": [os.fsdecode(file.absolute()) for file in files], "leave": leave}
    write_text_atomically(path, json.dumps(told))
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)  # any process may; not tried on Windows yet
    return path


def _read(path: Path) -> Letter:
    """One that makes no sense asks for the window alone. Raises OSError if it is gone."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Letter(tuple(Path(name) for name in told["files"]), str(told["leave"]))
    except (ValueError, KeyError, TypeError):
        return Letter()


def _is_withdrawn(path: Path) -> bool:
    """Take a letter back; False if it was taken at this moment."""
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
