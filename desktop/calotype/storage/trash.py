"""The trash of the data folder: a place in it for each removal, and what is found there again."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

from calotype.domain.errors.folders import TrashEmptiedError
from calotype.domain.trash import TrashedItem


def new_place(trash: Path) -> Path:
    """A folder that nothing has been put into; it is not made."""
    return trash / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:8]}"


def kept_text(item: TrashedItem, file_name: str) -> str:
    """What was noted beside something that was removed. Raises TrashEmptiedError."""
    try:
        return (item.folder / file_name).read_text(encoding="utf-8")
    except OSError as error:
        raise TrashEmptiedError(item.name) from error


def kept_files(item: TrashedItem) -> list[Path]:
    """What was removed, by name. Raises TrashEmptiedError."""
    try:
        return sorted(item.folder.iterdir())
    except OSError as error:
        raise TrashEmptiedError(item.name) from error
