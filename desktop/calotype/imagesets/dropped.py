"""Pictures among what a person dropped: files, folders with everything below them, and zips."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from calotype.domain.courtesy import courteous, free_courteously, sorted_courteously
from calotype.domain.errors import CaptionNotReadableError, FolderNotReadableError, UnreadableImageError
from calotype.imagesets.archives import archive_sources
from calotype.imagesets.caption_text import decode_caption
from calotype.imagesets.folder_notes import LARGEST_TABLE_BYTES, TABLE_NAMES, FolderNotes
from calotype.imagesets.masks import is_conditioning, is_mask, mask_path
from calotype.imagesets.sources import (
    CAPTION_SUFFIXES,
    LARGEST_CAPTION_BYTES,
    LARGEST_FILE_BYTES,
    NO_NOTES,
    Refusal,
    Source,
    conditioning,
    is_beside,
    is_silent,
    lonely_mask,
    mask_stem,
    masks_by_stem,
    natural_order,
    regularisation,
    shown_name,
    stem_of,
)


@contextmanager
def open_sources(
    paths: Sequence[Path], is_stopping: Callable[[], bool] = lambda: False
) -> Iterator[list[Source | Refusal]]:
    """List every file that may be a picture; they can be read until the context ends.

    The list ends early once `is_stopping`: a folder in a network may take minutes to walk through.
    """
    beside = {(path.parent, stem_of(path.name)) for path in paths if not is_mask(path.name)}
    with ExitStack() as archives:
        everything = courteous(source for path in paths for source in _below(path, beside, archives))
        found = list(itertools.takewhile(lambda _source: not is_stopping(), everything))
        yield found
        free_courteously(found)


def memory_source(data: bytes, name: str) -> Source:
    """A picture that is not a file, such as one from the clipboard."""
    return Source(name=name, read=lambda: data, read_caption=lambda: None)


def file_source(path: Path, notes: FolderNotes = NO_NOTES, mask: Path | None = None) -> Source:
    """A picture in a file of its own, with its caption beside it."""
    return Source(
        name=shown_name(path),
        read=functools.partial(read_file, path),
        read_caption=functools.partial(_read_caption, path),
        path=path,
        read_mask=None if mask is None else functools.partial(read_file, mask),
        notes=notes,
    )


def read_file(path: Path) -> bytes:
    """The bytes of a file that may be anything. Raises UnreadableImageError or FolderNotReadableError."""
    try:
        if path.exists() and not path.is_file():
            raise UnreadableImageError(shown_name(path), "it is not a file")  # a pipe or device could be read for ever
        if path.stat().st_size > LARGEST_FILE_BYTES:
            megabytes = LARGEST_FILE_BYTES // 1024**2
            raise UnreadableImageError(shown_name(path), f"the file is larger than {megabytes} MB")
        return path.read_bytes()
    except OSError as error:
        raise FolderNotReadableError(shown_name(path), error.strerror or str(error)) from error


def _below(path: Path, beside: set[tuple[Path, str]], archives: ExitStack) -> Iterator[Source | Refusal]:
    if path.is_dir():
        yield from _folder_sources(path, archives)
    elif is_conditioning(path.name):
        yield conditioning(shown_name(path.parent), 1)
    elif is_mask(path.name):
        if (path.parent, mask_stem(path.name)) not in beside:
            yield lonely_mask(shown_name(path))
    elif not path.name.lower().endswith(CAPTION_SUFFIXES):
        # A caption is read with its picture. Other files are tried, whatever they are called: the names may be wrong.
        mask = mask_path(path)
        yield from _file_sources(path, archives, NO_NOTES, mask if mask.is_file() else None)


def _folder_sources(root: Path, archives: ExitStack) -> Iterator[Source | Refusal]:
    """Every folder once, links followed: a link that leads back to a folder above it would never end."""
    waiting = [(root, NO_NOTES.inside(root.name))]
    seen: set[tuple[int, int]] = set()
    while waiting:
        folder, notes = waiting.pop()
        try:
            state = folder.stat()
            folder_names, file_names = _listed(folder)
        except OSError as error:
            name = shown_name(folder)
            yield Refusal(name, FolderNotReadableError(name, error.strerror or str(error)))
            continue
        if (state.st_dev, state.st_ino) in seen and state.st_ino:
            continue
        seen.add((state.st_dev, state.st_ino))
        notes = _with_tables(folder, file_names, notes)
        yield from _files_in(folder, file_names, notes, archives)
        inner = [(folder / name, notes.inside(name, folder_names)) for name in folder_names]
        waiting += reversed(inner)


def _listed(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the folders and of the files in a folder, as a person would sort them."""
    folder_names, file_names = [], []
    with os.scandir(folder) as entries:
        for entry in courteous(entries):
            if _is_folder(entry):
                if not is_silent(entry.name):
                    folder_names.append(entry.name)
            else:
                file_names.append(entry.name)
    return sorted_courteously(folder_names, natural_order), sorted_courteously(file_names, natural_order)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _with_tables(folder: Path, file_names: list[str], notes: FolderNotes) -> FolderNotes:
    for name in TABLE_NAMES:
        path = folder / name
        try:
            if name in file_names and path.is_file() and path.stat().st_size <= LARGEST_TABLE_BYTES:
                notes = notes.with_table(name, path.read_bytes())
        except OSError:
            continue  # the pictures come in without it
    return notes


def _files_in(
    folder: Path, file_names: list[str], notes: FolderNotes, archives: ExitStack
) -> Iterator[Source | Refusal]:
    pictures = [name for name in file_names if not is_silent(name) and not is_beside(name)]
    if notes.is_regularising:
        if pictures:
            yield regularisation(f"{shown_name(folder.parent)}/{shown_name(folder)}", len(pictures))
        return
    if count := sum(map(is_conditioning, file_names)):
        yield conditioning(shown_name(folder), count)
    masks = masks_by_stem(file_names)
    for name in pictures:
        mask = masks.pop(stem_of(name), None)
        yield from _file_sources(folder / name, archives, notes, None if mask is None else folder / mask)
    for name in masks.values():
        yield lonely_mask(shown_name(folder / name))


def _file_sources(path: Path, archives: ExitStack, notes: FolderNotes, mask: Path | None) -> Iterator[Source | Refusal]:
    if path.suffix.lower() == ".zip" and path.is_file():  # opening a pipe would wait for ever
        yield from archive_sources(path, archives)
        return
    yield file_source(path, notes, mask)


def _read_caption(path: Path) -> str | None:
    for suffix in CAPTION_SUFFIXES:
        sidecar = path.with_suffix(suffix)
        try:
            if not sidecar.is_file():
                continue
            if sidecar.stat().st_size > LARGEST_CAPTION_BYTES:
                raise CaptionNotReadableError(
                    shown_name(sidecar), f"it is larger than {LARGEST_CAPTION_BYTES // 1024} KB"
                )
            text = decode_caption(sidecar.read_bytes())
        except OSError as error:
            raise CaptionNotReadableError(shown_name(sidecar), error.strerror or str(error)) from error
        if text is None:
            raise CaptionNotReadableError(shown_name(sidecar), "its encoding cannot be told")
        return text
    return None
