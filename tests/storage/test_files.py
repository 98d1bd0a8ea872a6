"""Files are replaced whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from full_disk import FilesLimitedTo

from calotype.domain.errors import DiskFullError, FolderNotWritableError
from calotype.storage.files import move, write_atomically, write_new, write_text_atomically


def test_that_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "a" / "b" / "file.txt", "häuser\n")

    assert (tmp_path / "a" / "b" / "file.txt").read_bytes() == "häuser\n".encode()


def test_that_a_full_disk_keeps_the_old_file_and_leaves_nothing_beside_it(
    tmp_path: Path, files_limited_to: FilesLimitedTo
) -> None:
    path = tmp_path / "file.bin"
    write_atomically(path, b"old")

    with files_limited_to(4096), pytest.raises(DiskFullError):
        write_atomically(path, bytes(100_000))

    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_that_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(FolderNotWritableError, match="file"):
        write_atomically(tmp_path / "file" / "inner.bin", b"")


@pytest.mark.parametrize("has_links", [True, False])
def test_that_a_name_that_another_program_took_meanwhile_is_left_to_it(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "1.png").write_bytes(b"theirs")
    names = iter(("1.png", "1.png", "2.png"))

    path = write_new(lambda: tmp_path / next(names), b"ours")

    assert (path.name, path.read_bytes()) == ("2.png", b"ours")
    assert (tmp_path / "1.png").read_bytes() == b"theirs"
    assert len(list(tmp_path.iterdir())) == 2


def test_that_moving_what_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritableError):
        move(tmp_path / "missing", tmp_path / "there")
