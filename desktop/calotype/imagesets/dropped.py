"""Pictures among what a person dropped: files, folders with everything below them, and zips."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from calotype.domain.errors import FolderNotReadableError, UnreadableImageError
from calotype.imagesets.archives import archive_sources
from calotype.imagesets.project_folder import decode_caption
from calotype.imagesets.sources import (
    CAPTION_SUFFIXES,
    LARGEST_CAPTION_BYTES,
    LARGEST_FILE_BYTES,
    Refusal,
    Source,
    is_silent,
    natural_order,
    shown_name,
)


@contextmanager
def open_sources(paths: Sequence[Path]) -> Iterator[list[Source | Refusal]]:
    """List every file that may be a picture; they can be read until the context ends."""
    with ExitStack() as archives:
        yield [found for path in paths for found in _below(path, archives)]


def memory_source(data: bytes, name: str) -> Source:
    """A picture that is not a file, such as one from the clipboard."""
    return Source(name=name, read=lambda: data, read_caption=lambda: None)


def file_source(path: Path) -> Source:
    """A picture in a file of its own, with its caption beside it."""
    return Source(
        name=shown_name(path),
        read=functools.partial(_read, path),
        read_caption=functools.partial(_read_caption, path),
        path=path,
    )


def _below(path: Path, archives: ExitStack) -> Iterator[Source | Refusal]:
    if path.is_dir():
        yield from _folder_sources(path, archives)
    elif not path.name.lower().endswith(CAPTION_SUFFIXES):
        # A caption is read with its picture. Other files are tried, whatever they are called: the names may be wrong.
        yield from _file_sources(path, archives)


def _folder_sources(folder: Path, archives: ExitStack) -> Iterator[Source | Refusal]:
    unreadable: list[OSError] = []
    for parent, folder_names, file_names in os.walk(folder, onerror=unreadable.append):
        folder_names[:] = sorted((name for name in folder_names if not is_silent(name)), key=natural_order)
        for name in sorted(file_names, key=natural_order):
            if not is_silent(name):
                yield from _file_sources(Path(parent, name), archives)
    for error in unreadable:
        name = shown_name(Path(error.filename or folder))
        yield Refusal(name, FolderNotReadableError(name, error.strerror or str(error)))


def _file_sources(path: Path, archives: ExitStack) -> Iterator[Source | Refusal]:
    if path.suffix.lower() == ".zip" and path.is_file():  # opening a pipe would wait for ever
        yield from archive_sources(path, archives)
        return
    yield file_source(path)


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableImageError(shown_name(path), "it is not a file")  # a pipe or device could be read for ever
        if path.stat().st_size > LARGEST_FILE_BYTES:
            megabytes = LARGEST_FILE_BYTES // 1024**2
            raise UnreadableImageError(shown_name(path), f"the file is larger than {megabytes} MB")
        return path.read_bytes()
    except OSError as error:
        raise FolderNotReadableError(shown_name(path), error.strerror or str(error)) from error


def _read_caption(path: Path) -> str | None:
    for suffix in CAPTION_SUFFIXES:
        sidecar = path.with_suffix(suffix)
        try:
            if sidecar.is_file() and sidecar.stat().st_size <= LARGEST_CAPTION_BYTES:
                return decode_caption(sidecar.read_bytes())
        except OSError:
            continue
    return None
