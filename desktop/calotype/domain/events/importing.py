"""What an import of pictures reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """The dropped things were listed: `total` files will be looked at."""

    total: int


@dataclass(frozen=True, slots=True)
class OfferedWords:
    """What could be a picture's caption: the prompt inside it, the name of its file; empty where there is nothing."""

    prompt: str
    name: str


@dataclass(frozen=True, slots=True)
class ImageAccepted:
    """A picture was copied into the project."""

    name: str
    path: Path
    was_turned: bool
    content_hash: str = ""
    repeats: int = 1
    has_mask: bool = False
    words: OfferedWords | None = None  # what could be its caption, if it has none but the trigger word


@dataclass(frozen=True, slots=True)
class DuplicateSkipped:
    """A picture with exactly the same pixels is in the project already."""

    name: str
    same_as: str
    captioned: str = ""  # the content hash of that one, if it had no caption and got the one of this file


@dataclass(frozen=True, slots=True)
class FileRefused:
    """Something was left out; `reason` is the whole sentence, and `count` how many files it is about."""

    name: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class ImagesCompared:
    """So much of comparing the pictures with each other is done: 0 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class SidesChosen:
    """What is held out was chosen for pictures that waited until all were compared."""


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """Always the last event of an import that did not fail."""

    accepted: int
    duplicates: int
    refused: int
    was_stopped: bool


ImportEvent = ImportStarted | ImageAccepted | DuplicateSkipped | FileRefused | ImagesCompared | ImportFinished
