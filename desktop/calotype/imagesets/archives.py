"""Pictures inside a zip, read without unpacking anything onto the disk."""

from __future__ import annotations

import functools
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from calotype.domain.errors import (
    CaptionNotReadableError,
    FolderNotReadableError,
    UnreadableImageError,
    UnsafeArchiveError,
)
from calotype.imagesets.caption_text import decode_caption
from calotype.imagesets.folder_notes import LARGEST_TABLE_BYTES, TABLE_NAMES, FolderNotes
from calotype.imagesets.masks import is_conditioning
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
    masks_by_stem,
    natural_order,
    one_line,
    regularisation,
    shown_name,
    stem_of,
)

MOST_ENTRIES = 50_000
LARGEST_TOTAL_BYTES = 16 * 1024**3
_MOST_LEVELS = 32
_SUSPICIOUS_BYTES = 32 * 1024**2
_SUSPICIOUS_RATIO = 200  # no picture format leaves so much to squeeze, except flat colour in small files
_NESTED_SUFFIXES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".cbz")
_READ_FAILURES = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, ValueError)


def archive_sources(path: Path, archives: ExitStack) -> Iterator[Source | Refusal]:
    """List the pictures of a zip, which stays open until `archives` is closed."""
    try:
        archive = archives.enter_context(zipfile.ZipFile(path))
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
        yield Refusal(shown_name(path), UnsafeArchiveError(shown_name(path), "it is damaged, or not a zip"))
        return
    except OSError as error:
        yield Refusal(shown_name(path), FolderNotReadableError(shown_name(path), error.strerror or str(error)))
        return
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    total_bytes = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or total_bytes > LARGEST_TOTAL_BYTES:
        cause = f"it would unpack to {len(entries)} files of {total_bytes / 1024**3:.1f} GB together"
        yield Refusal(shown_name(path), UnsafeArchiveError(shown_name(path), cause))
        return
    yield from _Archive(path, archive, entries).sources()


class _Archive:
    """The files of one zip by their names, and what its folders say."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
        self._shown = shown_name(path)
        self._archive = archive
        self._entries = {_plain_name(entry): entry for entry in entries}
        self._folders: dict[str, set[str]] = {}  # the names of the folders in each folder
        for name in (name for name in self._entries if not _is_deep(name)):
            parents = PurePosixPath(name).parents
            for inner, outer in itertools.pairwise(parents):
                self._folders.setdefault(str(outer), set()).add(inner.name)
        self._notes: dict[str, FolderNotes] = {}

    def sources(self) -> Iterator[Source | Refusal]:
        """Every picture in natural order; what a folder leaves out is said once."""
        names = sorted(self._entries, key=natural_order)
        for folder, members in _by_folder(name for name in names if not _is_hidden(name)):
            pictures = [name for name in members if not is_beside(name)]
            if self._notes_of(folder).is_regularising:
                if pictures:
                    yield regularisation(one_line(f"{self._shown}/{folder}"), len(pictures))
                continue
            if count := sum(map(is_conditioning, members)):
                yield conditioning(one_line(f"{self._shown}/{folder}" if folder != "." else self._shown), count)
            masks = masks_by_stem(PurePosixPath(name).name for name in members)
            for name in pictures:
                mask = masks.pop(stem_of(name), None)
                yield self._source(name, None if mask is None else str(PurePosixPath(folder, mask)))
            for mask in masks.values():
                yield lonely_mask(one_line(f"{self._shown}/{PurePosixPath(folder, mask)}"))

    def _source(self, inner: str, mask: str | None) -> Source | Refusal:
        name = one_line(f"{self._shown}/{inner}")
        entry = self._entries[inner]
        cause = _danger(inner, entry)
        if cause:
            return Refusal(name, UnsafeArchiveError(name, cause))
        return Source(
            name=name,
            read=functools.partial(_read, self._archive, entry, name),
            read_caption=functools.partial(self._read_caption, inner),
            read_mask=None if mask is None else functools.partial(_read, self._archive, self._entries[mask], name),
            notes=self._notes_of(str(PurePosixPath(inner).parent)),
        )

    def _notes_of(self, folder: str) -> FolderNotes:
        if _is_deep(folder):
            return NO_NOTES
        if folder not in self._notes:
            path = PurePosixPath(folder)
            notes = NO_NOTES
            if folder not in (".", "/"):
                notes = self._notes_of(str(path.parent)).inside(path.name, self._folders.get(str(path.parent), ()))
            self._notes[folder] = self._with_tables(path, notes)
        return self._notes[folder]

    def _with_tables(self, folder: PurePosixPath, notes: FolderNotes) -> FolderNotes:
        for name in TABLE_NAMES:
            entry = self._entries.get(str(folder / name))
            if entry is None or entry.file_size > LARGEST_TABLE_BYTES:
                continue
            try:
                notes = notes.with_table(name, self._archive.read(entry))
            except _READ_FAILURES:
                continue  # the pictures come in without it
        return notes

    def _read_caption(self, inner: str) -> str | None:
        stem = str(PurePosixPath(inner).with_suffix(""))
        for suffix in CAPTION_SUFFIXES:
            entry = self._entries.get(stem + suffix)
            if entry is None:
                continue
            name = one_line(f"{self._shown}/{stem}{suffix}")
            if entry.file_size > LARGEST_CAPTION_BYTES:
                raise CaptionNotReadableError(name, f"it is larger than {LARGEST_CAPTION_BYTES // 1024} KB")
            try:
                text = decode_caption(self._archive.read(entry))
            except _READ_FAILURES as error:
                raise CaptionNotReadableError(name, "it is damaged inside the archive") from error
            if text is None:
                raise CaptionNotReadableError(name, "its encoding cannot be told")
            return text
        return None


def _by_folder(names: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The names of each folder together, the folders in the order in which they first come."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    yield from folders.items()


def _is_deep(inner: str) -> bool:
    return inner.count("/") > _MOST_LEVELS


def _is_hidden(inner: str) -> bool:
    return any(is_silent(part) for part in PurePosixPath(inner).parts if part not in ("..", "/"))


def _danger(inner: str, entry: zipfile.ZipInfo) -> str:
    """Why an entry is not touched; empty if it may be read."""
    if inner.startswith("/") or re.match(r"^[A-Za-z]:", inner) or ".." in PurePosixPath(inner).parts:
        return "its name points outside the archive"
    if _is_deep(inner):
        return f"it lies more than {_MOST_LEVELS} folders deep"
    if inner.lower().endswith(_NESTED_SUFFIXES):
        return "it is an archive inside an archive"
    if entry.file_size > LARGEST_FILE_BYTES:
        return f"it would unpack to {entry.file_size / 1024**2:.0f} MB"
    if entry.file_size > _SUSPICIOUS_BYTES and entry.file_size > _SUSPICIOUS_RATIO * max(1, entry.compress_size):
        return "it is squeezed far more than a picture can be"
    return ""


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    cause = _danger(_plain_name(entry), entry)
    if cause:  # a mask: pictures that are dangerous are not even asked for
        raise UnreadableImageError(name, cause)
    if entry.flag_bits & 0x1:
        raise UnreadableImageError(name, "the archive is locked with a password")
    try:
        return archive.read(entry)
    except _READ_FAILURES as error:
        raise UnreadableImageError(name, "it is damaged inside the archive") from error


def _plain_name(entry: zipfile.ZipInfo) -> str:
    # Some programs on Windows write backslashes, which other systems take for a part of the name.
    return entry.filename.replace("\\", "/")
