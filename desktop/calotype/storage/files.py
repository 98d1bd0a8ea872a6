"""Files replaced whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from calotype.domain.errors import DiskFullError, DiskTooSmallError, FolderNotWritableError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_atomically(
    path: Path, data: bytes, *, is_durable: bool = True, check: Callable[[Path], None] | None = None
) -> None:
    """Replace `path` by `data`: a reader, or a crash, sees the old file or the new one and nothing between.

    Without `is_durable` the file may be lost when the power fails: for caches, and copies of other files.
    `check` is given the new file, under another name, before it takes the place of the old one; if it raises, the old
    one stays. Raises DiskFullError or FolderNotWritableError.
    """
    with new_file(path, check, is_durable=is_durable) as file:
        file.write(data)


@contextlib.contextmanager
def new_file(path: Path, check: Callable[[Path], None] | None = None, *, is_durable: bool = True) -> Iterator[BinaryIO]:
    """A file to write piece by piece that takes the place of `path` when the block ends well, and else is deleted.

    `check` and `is_durable` are as for `write_atomically`. Raises DiskFullError or FolderNotWritableError.
    """
    sibling = path.with_name(f".{path.name[:80]}.{uuid.uuid4().hex[:8]}.tmp")
    with failures_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with sibling.open("wb") as file:
                yield file
                if is_durable:
                    file.flush()
                    os.fsync(file.fileno())
            if check is not None:
                check(sibling)
            _replace(sibling, path)
        except BaseException:
            with contextlib.suppress(OSError):
                sibling.unlink()
            raise


def write_new(next_path: Callable[[], Path], data: bytes) -> Path:
    """Write a file where `next_path` says, and ask it again as long as another program was there first.

    The file is whole as soon as it is there. On a disk without hard links two programs that choose in the same
    microseconds may still choose one name. Raises DiskFullError or FolderNotWritableError.
    """
    whole = next_path().with_name(f".{uuid.uuid4().hex}.tmp")
    write_atomically(whole, data)
    try:
        while True:
            path = next_path()
            with failures_named(path), contextlib.suppress(FileExistsError):
                _give_name(whole, path)
                return path
    finally:
        whole.unlink(missing_ok=True)


def _give_name(whole: Path, path: Path) -> None:
    """Raises FileExistsError if the name is taken."""
    try:
        path.hardlink_to(whole)
    except FileExistsError:
        raise
    except OSError as error:  # a disk of a camera or a USB stick has no links
        if path.exists():
            raise FileExistsError from error
        whole.replace(path)


def require_room(path: Path, size_bytes: int) -> None:
    """Raise DiskTooSmallError if the disk of `path` has less room than a file of this size needs."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    if free < size_bytes:
        raise DiskTooSmallError(path.name, f"{size_bytes / 1e9:.2f} GB", f"{free / 1e9:.2f} GB")


def _replace(sibling: Path, path: Path) -> None:
    """Put a file in the place of another. On Windows a scanner may hold the old one for a moment: try again."""
    for pause_s in (0.05, 0.1, 0.2, 0.4):
        try:
            sibling.replace(path)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(pause_s)
    sibling.replace(path)


def write_text_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8. Raises DiskFullError or FolderNotWritableError."""
    write_atomically(path, text.encode("utf-8"))


def append_text(path: Path, text: str) -> None:
    """Add to the end of a file of lines, on the disk when it returns; after a crash the last lines may be damaged.

    Raises DiskFullError or FolderNotWritableError.
    """
    with failures_named(path), path.open("ab") as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def make_folder(path: Path) -> None:
    """Make a folder and those above it. Raises DiskFullError or FolderNotWritableError."""
    with failures_named(path):
        path.mkdir(parents=True, exist_ok=True)


def move(source: Path, destination: Path) -> None:
    """Move a file or folder within the data folder. Raises DiskFullError or FolderNotWritableError."""
    with failures_named(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        source.rename(destination)


def newest_first(paths: Iterable[Path]) -> list[Path]:
    """The files by the time of their last change; those that are gone by now, and links to nothing, are left out."""
    dated: list[tuple[float, str, Path]] = []
    for path in paths:
        with contextlib.suppress(OSError):
            dated.append((-path.stat().st_mtime, path.name, path))
    return [path for *_, path in sorted(dated)]


@contextlib.contextmanager
def moves_together() -> Iterator[Callable[[Path, Path], None]]:
    """A `move` for the block: if the block fails, what it moved goes back to where it was."""
    done: list[tuple[Path, Path]] = []

    def move_one(source: Path, destination: Path) -> None:
        move(source, destination)
        done.append((source, destination))

    try:
        yield move_one
    except BaseException:
        for source, destination in reversed(done):
            with contextlib.suppress(OSError):
                destination.rename(source)
        raise


@contextlib.contextmanager
def failures_named(path: Path) -> Iterator[None]:
    """Turn what the system says about writing `path` into DiskFullError or FolderNotWritableError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(path.name) from error
        raise FolderNotWritableError(str(path.parent), error.strerror or str(error)) from error
