"""A folder is looked at before data is put there, and what could go wrong with it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.domain.errors import FolderNotWritableError
from calotype.domain.errors.folders import (
    FolderNameTooLongError,
    FragileDiskError,
    NetworkFolderError,
    NotAFolderError,
    SmallFilesError,
    SyncedFolderError,
)
from calotype.services.folder_check import Disk, examine_folder, folder_for_data
from calotype.services.workspace import Workspace


def test_that_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    report = examine_folder(tmp_path / "new" / "Calotype", [])

    assert report.trouble is None
    assert report.free_bytes > 0
    assert not report.holds_data
    assert list(tmp_path.iterdir()) == []


def test_that_data_from_before_is_recognised(workspace: Workspace) -> None:
    assert examine_folder(workspace.folder.root).holds_data


def test_that_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")

    trouble = examine_folder(tmp_path / "taken" / "Calotype").trouble

    assert isinstance(trouble, NotAFolderError)
    assert str(tmp_path / "taken") in str(trouble)


def test_that_a_place_that_takes_no_files_is_refused() -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("there is no such place here")

    assert isinstance(examine_folder(Path("/proc/Calotype")).trouble, FolderNotWritableError)


def test_that_a_path_that_the_index_cannot_have_is_refused(tmp_path: Path) -> None:
    assert isinstance(examine_folder(tmp_path.joinpath(*["x" * 100] * 5)).trouble, FolderNameTooLongError)


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        ("vfat", SmallFilesError),
        ("FAT32", SmallFilesError),
        ("exfat", FragileDiskError),
        ("nfs4", NetworkFolderError),
        ("cifs", NetworkFolderError),
        ("smb3", NetworkFolderError),
        ("fuse.sshfs", NetworkFolderError),
    ],
)
def test_that_what_a_disk_cannot_do_is_said(tmp_path: Path, system: str, kind: type) -> None:
    disks = [Disk(Path("/"), "ext4"), Disk(tmp_path, system)]

    kinds = [type(risk) for risk in examine_folder(tmp_path / "a" / "b", disks).notices]

    assert kind in kinds
    assert kind not in [type(risk) for risk in examine_folder(tmp_path.parent / "beside", disks).notices]


def test_that_a_drive_of_another_computer_is_said_whatever_its_format(tmp_path: Path) -> None:
    risks = examine_folder(tmp_path, [Disk(tmp_path, "NTFS", is_remote=True)]).notices

    assert NetworkFolderError in [type(risk) for risk in risks]


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - Zorbi & Sons", "OneDrive"),
        ("CloudStorage/OneDrive-Personal/x", "OneDrive"),
        ("Dropbox (Personal)", "Dropbox"),
        ("Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("iCloudDrive", "iCloud"),
        ("Google Drive/My Drive", "Google Drive"),
        ("Dropboxes", ""),
        ("Pictures", ""),
    ],
)
def test_that_folders_that_are_copied_to_a_server_are_known_by_their_names(
    tmp_path: Path, folder: str, service: str
) -> None:
    risks = examine_folder(tmp_path / folder / "Calotype", []).notices

    assert [risk.service for risk in risks if isinstance(risk, SyncedFolderError)] == ([service] if service else [])


def test_that_data_gets_a_folder_of_its_own_beside_other_things(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "Documents").mkdir()
    (tmp_path / "Documents" / "letter.txt").write_bytes(b"")
    (tmp_path / "empty").mkdir()

    assert folder_for_data(tmp_path / "Documents") == tmp_path / "Documents" / "Calotype"
    assert folder_for_data(tmp_path / "empty") == tmp_path / "empty"
    assert folder_for_data(workspace.folder.root) == workspace.folder.root
