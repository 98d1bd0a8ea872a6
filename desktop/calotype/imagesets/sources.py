"""One thing that may be a picture, before anything is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import CalotypeError

LARGEST_FILE_BYTES = 512 * 1024 * 1024
LARGEST_CAPTION_BYTES = 64 * 1024
CAPTION_SUFFIXES = (".txt", ".caption")
_SILENT_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file that may be a picture, and how to read it and its caption."""

    name: str
    read: Callable[[], bytes]
    read_caption: Callable[[], str | None]
    path: Path | None = None  # of a file of its own


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was left out before it was opened."""

    name: str
    error: CalotypeError


def shown_name(path: Path) -> str:
    """The name of a file as true Unicode: file systems hold other bytes too, which no database and no JSON takes."""
    return one_line(path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def one_line(name: str) -> str:
    """A name that stays in its line: newlines and other letters that nobody sees become spaces."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()) or "?"


def natural_order(name: str) -> list[tuple[str, int]]:
    """Sort by this as a person would: picture 9 before picture 10."""
    return [(text.casefold(), int(digits or 0)) for text, digits in re.findall(r"([^0-9]*)([0-9]{0,18})", name)]


def is_silent(name: str) -> bool:
    """True for captions and for files that systems leave in folders: nobody wants to hear about those."""
    lowered = name.lower()
    return lowered.startswith(".") or lowered in _SILENT_NAMES or lowered.endswith(CAPTION_SUFFIXES)
