"""Pictures inside a zip, read without unpacking anything onto the disk."""

from __future__ import annotations

import functools
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from calotype.domain.errors import FolderNotReadableError, UnreadableImageError, UnsafeArchiveError
from calotype.imagesets.project_folder import decode_caption
from calotype.imagesets.sources import (
    CAPTION_SUFFIXES,
    LARGEST_CAPTION_BYTES,
    LARGEST_FILE_BYTES,
    Refusal,
    Source,
    is_silent,
    natural_order,
    one_line,
    shown_name,
)

MOST_ENTRIES = 50_000
LARGEST_TOTAL_BYTES = 16 * 1024**3
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
    captions = {_plain_name(e): e for e in entries if _plain_name(e).lower().endswith(CAPTION_SUFFIXES)}
    for entry in sorted(entries, key=lambda entry: natural_order(_plain_name(entry))):
        found = _entry_source(path, archive, entry, captions)
        if found is not None:
            yield found


def _entry_source(
    path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, captions: dict[str, zipfile.ZipInfo]
) -> Source | Refusal | None:
    inner = _plain_name(entry)
    if any(is_silent(part) for part in PurePosixPath(inner).parts if part not in ("..", "/")):
        return None
    name = one_line(f"{shown_name(path)}/{inner}")
    cause = _danger(inner, entry)
    if cause:
        return Refusal(name, UnsafeArchiveError(name, cause))
    return Source(
        name=name,
        read=functools.partial(_read, archive, entry, name),
        read_caption=functools.partial(_read_caption, archive, inner, captions),
    )


def _danger(inner: str, entry: zipfile.ZipInfo) -> str:
    """Why an entry is not touched; empty if it may be read."""
    if inner.startswith("/") or re.match(r"^[A-Za-z]:", inner) or ".." in PurePosixPath(inner).parts:
        return "its name points outside the archive"
    if inner.lower().endswith(_NESTED_SUFFIXES):
        return "it is an archive inside an archive"
    if entry.file_size > LARGEST_FILE_BYTES:
        return f"it would unpack to {entry.file_size / 1024**2:.0f} MB"
    if entry.file_size > _SUSPICIOUS_BYTES and entry.file_size > _SUSPICIOUS_RATIO * max(1, entry.compress_size):
        return "it is squeezed far more than a picture can be"
    return ""


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    if entry.flag_bits & 0x1:
        raise UnreadableImageError(name, "the archive is locked with a password")
    try:
        return archive.read(entry)
    except _READ_FAILURES as error:
        raise UnreadableImageError(name, "it is damaged inside the archive") from error


def _read_caption(archive: zipfile.ZipFile, inner: str, captions: dict[str, zipfile.ZipInfo]) -> str | None:
    stem = str(PurePosixPath(inner).with_suffix(""))
    for suffix in CAPTION_SUFFIXES:
        entry = captions.get(stem + suffix)
        if entry is None or entry.file_size > LARGEST_CAPTION_BYTES:
            continue
        try:
            return decode_caption(archive.read(entry))
        except _READ_FAILURES:
            return None  # the picture is good without its caption
    return None


def _plain_name(entry: zipfile.ZipInfo) -> str:
    # Some programs on Windows write backslashes, which other systems take for a part of the name.
    return entry.filename.replace("\\", "/")
