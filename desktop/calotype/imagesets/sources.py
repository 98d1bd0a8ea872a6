"""One thing that may be a picture, before anything is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from calotype.domain.errors import (
    CalotypeError,
    ConditioningImagesError,
    MaskNotUsableError,
    RegularisationPicturesError,
)
from calotype.imagesets.folder_notes import FolderNotes
from calotype.imagesets.masks import MASK_ENDING, is_conditioning, is_mask

LARGEST_FILE_BYTES = 512 * 1024 * 1024
LARGEST_CAPTION_BYTES = 64 * 1024
CAPTION_SUFFIXES = (".txt", ".caption")
NO_NOTES = FolderNotes()
_SILENT_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}
# What trainers leave beside pictures: their caches, settings and tables.
_SILENT_SUFFIXES = (*CAPTION_SUFFIXES, ".npz", ".json", ".jsonl", ".csv", ".toml", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Source:
    """One file that may be a picture, and how to read it, its caption and its mask.

    `read_caption` answers None if there is none, and raises CaptionNotReadableError. `read_mask` is None if there is
    none.
    """

    name: str
    read: Callable[[], bytes]
    read_caption: Callable[[], str | None]
    path: Path | None = None  # of a file of its own
    read_mask: Callable[[], bytes] | None = None
    notes: FolderNotes = NO_NOTES

    @property
    def file_name(self) -> str:
        """The name of the file alone."""
        return PurePosixPath(self.name).name


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was left out before it was opened; `count` says how many files that is."""

    name: str
    error: CalotypeError
    count: int = 1
    path: Path | None = None  # of a file of its own


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
    """True for captions and for what systems and trainers leave in folders: nobody wants to hear about those."""
    lowered = name.lower()
    return lowered.startswith(".") or lowered in _SILENT_NAMES or lowered.endswith(_SILENT_SUFFIXES)


def regularisation(folder_name: str, count: int) -> Refusal:
    """The pictures of a folder for regularisation, left out together."""
    return Refusal(folder_name, RegularisationPicturesError(folder_name, count), count)


def is_beside(name: str) -> bool:
    """True for what belongs to a picture and is none itself."""
    return is_mask(name) or is_conditioning(name)


def conditioning(folder_name: str, count: int) -> Refusal:
    """The conditioning images of a folder, left out together."""
    return Refusal(folder_name, ConditioningImagesError(folder_name, count), count)


def lonely_mask(name: str) -> Refusal:
    """A mask without its picture."""
    return Refusal(name, MaskNotUsableError(name, "there is no picture of that name beside it"))


def stem_of(name: str) -> str:
    """A file's name without its ending, in the form in which a picture and what belongs to it are compared."""
    return PurePosixPath(name).stem.lower()


def mask_stem(name: str) -> str:
    """The `stem_of` the picture that a mask belongs to."""
    return name.lower().removesuffix(MASK_ENDING)


def masks_by_stem(file_names: Iterable[str]) -> dict[str, str]:
    """The masks among the files of one folder, by the stems of their pictures."""
    return {mask_stem(name): name for name in file_names if is_mask(name)}
