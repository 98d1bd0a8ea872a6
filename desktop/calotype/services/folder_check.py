"""Looks at a folder before data is put there: may it be written to, is there room, and what kind of disk is it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.errors import CalotypeError, DiskTooSmallError, FolderNotWritableError
from calotype.domain.errors.folders import (
    FolderNameTooLongError,
    FolderRiskError,
    FragileDiskError,
    LittleSpaceError,
    NetworkFolderError,
    NotAFolderError,
    SmallFilesError,
    SyncedFolderError,
)
from calotype.domain.folders import DataFolder
from calotype.services.workspace import LONGEST_ROOT_BYTES
from calotype.startup.typed_paths import typed_path

_LEAST_BYTES = 200_000_000
_COMFORTABLE_BYTES = 10_000_000_000
_SMALL_FILES = {"vfat": "FAT", "msdos": "FAT", "fat": "FAT", "fat32": "FAT32"}
_FRAGILE = {"exfat": "exFAT"}
_NETWORK = ("nfs", "cifs", "smb", "afpfs", "webdav", "davfs", "fuse.sshfs", "fuse.rclone", "ncpfs", "9p")
_BETTER = {"win32": "NTFS", "darwin": "APFS"}
# How the folders of the services are called, as the beginning of one part of the path.
_SERVICES = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "icloud": "iCloud",
    "iclouddrive": "iCloud",  # where Windows keeps it
    "mobile documents": "iCloud",  # where macOS keeps it
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pclouddrive": "pCloud",
    "creative cloud files": "Creative Cloud",
}


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system: where it is, and its kind as the system names it."""

    place: Path
    system: str
    is_remote: bool = False


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What there is to know of a folder. With a `trouble` it cannot be used; `notices` do not stop anyone."""

    folder: Path
    free_bytes: int = 0
    holds_data: bool = False  # of Calotype, from before
    trouble: CalotypeError | None = None
    notices: tuple[FolderRiskError, ...] = ()


def examine_folder(folder: Path, disks: Sequence[Disk] | None = None) -> FolderReport:
    """Look at a folder that is there or could be made; nothing stays behind. `disks` are by default those there are.

    It may take long for a disk that sleeps or lies elsewhere: call it in a job.
    """
    folder = typed_path(folder)
    try:
        free = _require_usable(folder)
    except CalotypeError as error:
        return FolderReport(folder, trouble=error)
    found = _disk_of(folder, _disks() if disks is None else disks)
    notices = tuple(_notices(folder, free, found))
    return FolderReport(folder, free, DataFolder(folder).database.is_file(), None, notices)


def folder_for_data(chosen: Path) -> Path:
    """The folder to use when a person points at one: a new one inside, if other things lie there already."""
    try:
        is_ours = DataFolder(chosen).database.is_file() or not any(chosen.iterdir())
    except OSError:
        return chosen
    return chosen if is_ours else chosen / "Calotype"


def _require_usable(folder: Path) -> int:
    """How many bytes are free there. Raises a StorageError."""
    length = len(os.fsencode(folder))
    if length > LONGEST_ROOT_BYTES:
        raise FolderNameTooLongError.of(str(folder), length, LONGEST_ROOT_BYTES)
    try:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir():
            raise NotAFolderError(str(existing))
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        raise FolderNotWritableError(str(folder), error.strerror or str(error)) from error
    if free < _LEAST_BYTES:
        raise DiskTooSmallError(str(folder), f"{_LEAST_BYTES / 1e9:.1f} GB", f"{free / 1e9:.1f} GB")
    return free


def _notices(folder: Path, free: int, disk: Disk | None) -> Iterator[FolderRiskError]:
    service = _service(folder)
    if service:
        yield SyncedFolderError(service)
    system = disk.system.lower() if disk else ""
    if (disk and disk.is_remote) or system.startswith(_NETWORK) or str(folder).startswith("\\\\"):
        yield NetworkFolderError(system or "network")
    if system in _SMALL_FILES:
        yield SmallFilesError(_SMALL_FILES[system], _BETTER.get(sys.platform, "ext4"))
    if system in _FRAGILE:
        yield FragileDiskError(_FRAGILE[system])
    if free < _COMFORTABLE_BYTES:
        yield LittleSpaceError(f"{free / 1e9:.1f} GB")


def _service(folder: Path) -> str:
    for part in folder.parts:
        name = part.lower()
        for beginning, service in _SERVICES.items():
            rest = name.removeprefix(beginning)
            # “OneDrive - My shop”, “Dropbox (Personal)” and “OneDrive-Personal”, and not “Dropboxes”.
            if rest != name and (not rest or not rest[0].isalnum()):
                return service
    return ""


def _disk_of(folder: Path, disks: Sequence[Disk]) -> Disk | None:
    place = folder.resolve()
    holding = [disk for disk in disks if place.is_relative_to(disk.place)]
    return max(holding, key=lambda disk: len(disk.place.parts), default=None)


def _disks() -> list[Disk]:
    import psutil

    return [
        Disk(Path(each.mountpoint), each.fstype, "remote" in each.opts.split(","))
        for each in psutil.disk_partitions(all=True)
    ]
