"""What can be wrong with a folder that data should be put into or taken from; a FolderRiskError stops nobody."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.storage import StorageError


@dataclass(eq=False)
class PortableFolderError(StorageError):
    """The program is portable, and lies where nothing may be written."""

    sentence = (
        "{file} asks to keep everything beside the program, but {folder} cannot be written to ({cause}). Move the "
        "program to a folder of your own, or delete {file}."
    )

    file: str
    folder: str
    cause: str


@dataclass(eq=False)
class FolderNameTooLongError(StorageError):
    """The path of the data folder has more letters than the index can be opened by."""

    sentence = (
        "The path of the data folder is too long: {name} has {length} bytes, and {most} are the most. Choose a folder "
        "with a shorter path."
    )

    name: str
    length: int
    most: int

    @classmethod
    def of(cls, path: str, length: int, most: int) -> FolderNameTooLongError:
        """Name the folder by its two ends: nobody reads a thousand letters."""
        return cls(f"{path[:40]}…{path[-40:]}", length, most)


class FolderRiskError(StorageError):
    """A folder can hold the data, and something about it should be known."""

    sentence = "The folder can be used, with care."


@dataclass(eq=False)
class LittleSpaceError(FolderRiskError):
    """There is room for pictures and LoRAs, and hardly for a full-size model."""

    sentence = "Only {free} are free there. A full-size model takes 2 to 7 GB, so that a larger disk is better."

    free: str


@dataclass(eq=False)
class SmallFilesError(FolderRiskError):
    """The file system knows no large files."""

    sentence = (
        "That disk is formatted as {system}, which holds no file of more than 4 GB: some full-size models will not "
        "fit. A disk formatted as {better} is better."
    )

    system: str
    better: str


@dataclass(eq=False)
class FragileDiskError(FolderRiskError):
    """The file system can lose files when it is unplugged."""

    sentence = (
        "That disk is formatted as {system}, which can lose files if it is unplugged while they are written. Eject it "
        "before you unplug it."
    )

    system: str


@dataclass(eq=False)
class NetworkFolderError(FolderRiskError):
    """The folder lies on another computer."""

    sentence = (
        "That folder lies on another computer ({system}). Everything becomes slow there, and the list of projects can "
        "be damaged when the connection breaks. A disk of this computer is better."
    )

    system: str


@dataclass(eq=False)
class SyncedFolderError(FolderRiskError):
    """A program copies everything that is put into the folder to a server."""

    sentence = (
        "{service} copies everything in that folder to its servers, which is not private, fills your storage there, "
        "and can damage files that are just being written. A folder that is not synced is better."
    )

    service: str


@dataclass(eq=False)
class NotAFolderError(StorageError):
    """A file has the name that a folder should get."""

    sentence = "{name} is a file, so it cannot hold the data. Choose a folder, or another name."

    name: str


@dataclass(eq=False)
class TrashEmptiedError(StorageError):
    """What was removed cannot be put back."""

    sentence = (
        "“{name}” is not in the trash of the data folder any more, so it cannot be put back. If you have it elsewhere, "
        "add it anew."
    )

    name: str
