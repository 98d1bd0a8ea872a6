"""Where the pictures of a project came from, and what has changed there since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calotype.domain.import_options import ImportOptions


@dataclass(frozen=True, slots=True)
class FileState:
    """By which a file is seen to have been written again, without reading it."""

    size_bytes: int
    modified_ns: int


NOT_SEEN = FileState(-1, -1)  # as no file is, so that one in this state is read again


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was looked at, and the content that it had; empty if it could not be used."""

    state: FileState
    content_hash: str


@dataclass(frozen=True, slots=True)
class ImportedFolder:
    """A folder that was brought in, and how."""

    path: Path
    options: ImportOptions


@dataclass(frozen=True, slots=True)
class Origins:
    """Every folder that was brought in, and every file that was looked at in one or is used where it is.

    Files with relative paths are the copies in the project.
    """

    folders: tuple[ImportedFolder, ...] = ()
    files: Mapping[Path, KnownFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file with other pixels than those that its image came from."""

    path: Path
    content_hash: str  # of the image, as the project knows it


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What is new, changed and gone. `vanished`: the content hashes of the images whose files are gone.

    `missing`: those of them that are used where they are, so that there is nothing left to train on.
    `unreachable`: folders that are not there at all, perhaps on a drive that is not connected; nothing in them is said
    to be gone.
    """

    new: tuple[Path, ...] = ()
    changed: tuple[ChangedFile, ...] = ()
    vanished: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unreachable: tuple[Path, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """True if everything is as it was."""
        return not (self.new or self.changed or self.vanished or self.missing or self.unreachable)
