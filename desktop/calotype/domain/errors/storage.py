"""What can be wrong with the data folder, its index and its settings."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class StorageError(CalotypeError):
    """The data folder or the database cannot be used."""

    sentence = "The data folder cannot be used."


@dataclass(eq=False)
class DatabaseTooNewError(StorageError):
    """A newer version of the app wrote the database."""

    sentence = "{name} was written by a newer version of Calotype. Update Calotype, or choose another data folder."

    name: str


@dataclass(eq=False)
class DatabaseCorruptError(StorageError):
    """The database is damaged; it can be rebuilt from the files."""

    sentence = (
        "{name} is damaged. It was put aside as {backup} and rebuilt from your project folders; nothing was lost."
    )

    name: str
    backup: str


@dataclass(eq=False)
class DatabaseDamagedError(StorageError):
    """The database turned out to be damaged while it was in use."""

    sentence = "{name} is damaged. Close Calotype and open it again: it is then rebuilt from your project folders."

    name: str


@dataclass(eq=False)
class SettingsDamagedError(StorageError):
    """The settings file cannot be read; it was put aside."""

    sentence = "{name} is damaged. It was put aside as {backup}; standard settings are used. Check them in Settings."

    name: str
    backup: str


@dataclass(eq=False)
class ModelListDamagedError(StorageError):
    """The list of added base models cannot be read; it was put aside."""

    sentence = (
        "{name} is damaged. It was put aside as {backup}; the models themselves are untouched. Add their folders again "
        "in Library."
    )

    name: str
    backup: str


@dataclass(eq=False)
class DatabaseBusyError(StorageError):
    """Another program holds the database for too long."""

    sentence = "{name} is in use by another program. Close other copies of Calotype and try again."

    name: str


@dataclass(eq=False)
class DiskFullError(StorageError):
    """No space is left for what must be written."""

    sentence = (
        "The disk is full: {name} could not be written. Free some space and try again; nothing that was saved is lost."
    )

    name: str


@dataclass(eq=False)
class DiskTooSmallError(StorageError):
    """There is less room than a large file needs; nothing was written."""

    sentence = (
        "There is not enough room for {name}: it needs {needed}, and {free} are free. "
        "Free some, or choose another disk."
    )

    name: str
    needed: str
    free: str


@dataclass(eq=False)
class FolderNotWritableError(StorageError):
    """A folder cannot be written to."""

    sentence = "{name} cannot be written to ({cause}). Choose another folder, or allow writing there."

    name: str
    cause: str


@dataclass(eq=False)
class AlreadyOpenError(StorageError):
    """Another window uses the same data folder."""

    sentence = "Calotype is already open with the data folder {name}. Use that window, or close it first."

    name: str


@dataclass(eq=False)
class OlderVersionOpenError(AlreadyOpenError):
    """A window of an older version uses the data folder, whose index would be changed under its hands."""

    sentence = (
        "An older version of Calotype is open with the data folder {name}. Close that window, then start this version "
        "again: it brings the index up to date."
    )
