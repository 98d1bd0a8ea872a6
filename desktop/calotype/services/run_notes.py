"""What the user wrote about a run: `notes.txt` in its folder, ordinary text."""

from __future__ import annotations

from calotype.domain.runs import Run
from calotype.storage.files import failures_named, write_text_atomically

NOTES_NAME = "notes.txt"


def read_notes(run: Run) -> str:
    """The notes on a run, empty if there are none. Bytes that are no UTF-8 are shown as replacement characters."""
    path = run.folder / NOTES_NAME
    if not path.is_file():
        return ""
    with failures_named(path):
        return path.read_text(encoding="utf-8", errors="replace")


def write_notes(run: Run, text: str) -> None:
    """Keep these notes; an empty text leaves no file. Raises DiskFullError or FolderNotWritableError.

    A run that was removed meanwhile is not made again.
    """
    if not run.folder.is_dir():
        return
    path = run.folder / NOTES_NAME
    if text.strip():
        write_text_atomically(path, text.encode("utf-8", "replace").decode("utf-8"))
        return
    with failures_named(path):
        path.unlink(missing_ok=True)
