"""Unpacks a GPU pack file by file, compares each with what the pack states, and puts it in place whole."""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from calotype.domain.control import Control
from calotype.domain.errors.packs import NotAPackError, PackDamagedError, PackIncompleteError
from calotype.domain.events.packs import PackProgress
from calotype.domain.packs import PackFile, PackManifest
from calotype.packs.manifest import MANIFEST_NAME, MOST_MANIFEST_BYTES, parse_manifest

_PIECE_BYTES = 1 << 20
_TOLD_EVERY_S = 0.2
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)  # what zipfile raises of content


def manifest_of_archive(path: Path) -> PackManifest:
    """What a pack in one file says of itself. Raises NotAPackError."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(MANIFEST_NAME)
            if info.file_size > MOST_MANIFEST_BYTES:
                raise NotAPackError(path.name, f"its {MANIFEST_NAME} is too long")
            return parse_manifest(archive.read(info), path.name)
    except KeyError as error:
        raise NotAPackError(path.name, f"it holds no {MANIFEST_NAME}") from error
    except (OSError, *_BROKEN) as error:
        raise NotAPackError(path.name, "it is not whole, or not an archive") from error


def unpack(path: Path, manifest: PackManifest, folder: Path, control: Control) -> Iterator[PackProgress]:
    """Unpack a pack into `folder`, which appears only once every file was compared; a Stop leaves nothing.

    Raises PackDamagedError for a file that differs, is missing or is not listed, and what writing files raises.
    """
    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield from _unpacked(path, manifest, part, control)
        if control.is_stopping:
            return
        old = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.old")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def damage_of_folder(folder: Path, manifest: PackManifest, *, is_thorough: bool) -> str:
    """The first file of an installed pack that is missing or differs; empty if all are there.

    By their sizes in some tens of milliseconds, or thoroughly, by their hashes, in as long as reading them takes.
    """
    for file in manifest.files:
        place = folder / file.path
        try:
            if place.stat().st_size != file.size_bytes:
                return file.path
            if is_thorough:
                with place.open("rb") as content:
                    if hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:
                        return file.path
        except OSError:
            return file.path
    return ""


def manifest_of_folder(folder: Path) -> PackManifest:
    """What an installed pack says of itself. Raises PackIncompleteError or NotAPackError."""
    try:
        text = (folder / MANIFEST_NAME).read_bytes()
    except OSError as error:
        raise PackIncompleteError(folder.name, MANIFEST_NAME) from error
    return parse_manifest(text, folder.name)


def _unpacked(path: Path, manifest: PackManifest, part: Path, control: Control) -> Iterator[PackProgress]:
    done, told_at = 0, time.monotonic()
    part.mkdir(parents=True)
    with zipfile.ZipFile(path) as archive:
        names = {info.filename for info in archive.infolist() if not info.is_dir()}
        listed = {file.path for file in manifest.files}
        for name in sorted((names - {MANIFEST_NAME}) ^ listed):
            raise PackDamagedError(manifest.name, name)
        for file in manifest.files:
            for size in _copied(archive, manifest.name, file, part):
                done += size
                if time.monotonic() - told_at > _TOLD_EVERY_S:
                    yield PackProgress(done, manifest.size_bytes)
                    told_at = time.monotonic()
                if control.is_stopping:
                    return
        (part / MANIFEST_NAME).write_bytes(archive.read(MANIFEST_NAME))
    yield PackProgress(done, manifest.size_bytes)


def _copied(archive: zipfile.ZipFile, pack: str, file: PackFile, part: Path) -> Iterator[int]:
    """Write one file, and say the size of each piece. Raises PackDamagedError if it is not as it was promised."""
    place = part / file.path
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), file.size_bytes
    with place.open("wb") as writing:
        try:
            with archive.open(file.path) as reading:
                for piece in _pieces(reading):
                    left -= len(piece)
                    if left < 0:
                        break  # it would not end where it should, or never
                    digest.update(piece)
                    writing.write(piece)
                    yield len(piece)
        except (KeyError, *_BROKEN) as error:
            raise PackDamagedError(pack, file.path) from error
    if place.parent.name == "bin":
        place.chmod(0o755)  # an archive of this kind does not keep who may run a file
    if left or digest.hexdigest() != file.sha256:
        raise PackDamagedError(pack, file.path)


def _pieces(reading: IO[bytes]) -> Iterator[bytes]:
    while piece := reading.read(_PIECE_BYTES):
        yield piece
