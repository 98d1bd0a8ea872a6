"""Download a base model from the Hugging Face hub: first what there is, and only when that was agreed to, the files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from calotype.diffusion.model_cards import require_supported_header
from calotype.diffusion.model_folder import require_supported_configs
from calotype.diffusion.safetensors_header import has_header
from calotype.domain.control import Control
from calotype.domain.errors import BaseModelError, DownloadBusyError, DownloadDamagedError, StorageError
from calotype.domain.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted, ModelPlaced
from calotype.domain.hub import DEFAULT_REVISION, HubRepository, ModelOffer, RemoteFile
from calotype.hub.hashes import FileHash
from calotype.hub.repository import file_pieces, read_repository
from calotype.services.hub_choice import checkpoint_name, chosen_files
from calotype.services.model_catalog import add_base_model
from calotype.services.workspace import Workspace, load_settings
from calotype.storage.files import failures_named, make_folder, move, require_room, write_text_atomically

_PARTS = ".part"
_PARTS_KEPT_S = 30 * 86_400.0
_NOTE = "download.json"  # says where a downloaded model is from, and which commit it is
_ROOM_TO_LEAVE = 100_000_000  # bytes of the disk, for everything else
_TOLD_EVERY_S = 0.2
_READ_BYTES = 1 << 20
_TOKEN = re.compile(r"[!-~]+")  # what a line of a request may hold


def look_up(workspace: Workspace, name: str, revision: str = DEFAULT_REVISION, file_name: str = "") -> ModelOffer:
    """Ask the hub what a repository holds, and say what of it would be fetched. Raises a HubError or PickleFileError.

    This is one request, with the user's access token if there is one; nothing is written.
    """
    repository = read_repository(name, revision, _token(workspace))
    files = chosen_files(repository, file_name)
    folder, is_here = _place(workspace.folder.downloads, repository, files)
    return ModelOffer(repository, files, folder, checkpoint_name(files), is_here)


def download(workspace: Workspace, offer: ModelOffer, control: Control) -> Iterator[DownloadEvent]:
    """Fetch what was offered, compare its hashes, put it in place whole, and add it to the base models.

    A Stop keeps what is there, and so does a lost connection: the next download of the same goes on from it. Raises a
    HubError, a StorageError, or the BaseModelError that says why the model cannot be used.
    """
    if not offer.is_here:
        _forget_old_parts(workspace.folder.downloads / _PARTS)
        part = _part_folder(workspace.folder.downloads, offer)
        with _alone(part, offer.repository.name):
            try:
                yield from _fetched(offer, part, control, _token(workspace))
            except BaseModelError:
                _remove(part)
                raise
            if control.is_stopping:
                yield DownloadFinished("", was_stopped=True)
                return
            write_text_atomically(part / _NOTE, _note(offer.repository, offer.files))
            move(part, offer.folder)
            _remove(part)
    yield ModelPlaced(offer.model_path)
    card = add_base_model(workspace, offer.model_path)
    yield DownloadFinished(card.id, was_stopped=False)


def _token(workspace: Workspace) -> str:
    """The user's access token, from the settings or as other programs find it; empty if there is none that could be."""
    token = load_settings(workspace).hub_token or os.environ.get("HF_TOKEN", "").strip()
    return token if _TOKEN.fullmatch(token) else ""


def _fetched(offer: ModelOffer, part: Path, control: Control, token: str) -> Iterator[DownloadEvent]:
    """Fetch what is missing into the folder of parts; what cannot be used is refused before its weights."""
    wholes, growings = _paths(offer, part), _paths(offer, _growing(part))
    kept = sum(_size(whole) or _size(growing) for whole, growing in zip(wholes, growings, strict=True))
    if kept < offer.size_bytes:
        require_room(offer.folder, offer.size_bytes - kept + _ROOM_TO_LEAVE)
    yield DownloadStarted(offer.size_bytes, kept)
    done, told_at, is_usable = 0, time.monotonic(), False
    for file, whole, growing in zip(offer.files, wholes, growings, strict=True):
        with closing(_file_counts(offer.repository, file, whole, growing, token)) as counts:
            for count in counts:
                is_usable = is_usable or _is_usable(offer, file, part, growing)
                if time.monotonic() - told_at > _TOLD_EVERY_S:
                    yield DownloadProgress(file.path, done + count, offer.size_bytes)
                    told_at = time.monotonic()
                if control.is_stopping:
                    return
        done += file.size_bytes
    yield DownloadProgress(offer.files[-1].path, done, offer.size_bytes)


def _is_usable(offer: ModelOffer, file: RemoteFile, part: Path, growing: Path) -> bool:
    """Whether what has arrived says that training can start from the model; False if it does not say anything yet.

    Raises a BaseModelError if it says that it cannot.
    """
    if not file.path.lower().endswith(".safetensors"):
        return False
    if not offer.file_name:
        require_supported_configs(part, offer.repository.name)
        return True
    if not has_header(growing):
        return False
    require_supported_header(growing, file.size_bytes)
    return True


def _file_counts(
    repository: HubRepository, file: RemoteFile, whole: Path, growing: Path, token: str
) -> Generator[int, None, None]:
    """Fetch one file, and say after each piece how many of its bytes are here. Raises DownloadDamagedError."""
    if whole.is_file():
        return  # it came to this place when it was whole and as promised
    found, count = FileHash(file), _size(growing)
    with failures_named(whole):  # of the disk: those of the connection are errors of the hub already
        for path in (whole, growing):
            path.parent.mkdir(parents=True, exist_ok=True)
        with growing.open("a+b") as writing:
            writing.seek(0)
            while piece := writing.read(_READ_BYTES):
                found.update(piece)
                yield count
            yield count  # before more is asked for: what is here may say that the model cannot be used
            for piece in file_pieces(repository, file, count, token):
                writing.write(piece)
                writing.flush()
                found.update(piece)
                count += len(piece)
                yield count
            os.fsync(writing.fileno())
        if not found.is_as_promised:
            growing.unlink()
            raise DownloadDamagedError(file.path)
        growing.replace(whole)


def _paths(offer: ModelOffer, folder: Path) -> list[Path]:
    return [folder / (offer.file_name or file.path) for file in offer.files]


def _growing(part: Path) -> Path:
    """Where files are until they are whole; under their own names, which sentences about them give."""
    return part.with_name(f"{part.name}.growing")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _remove(part: Path) -> None:
    for folder in (part, _growing(part)):
        shutil.rmtree(folder, ignore_errors=True)


def _place(downloads: Path, repository: HubRepository, files: tuple[RemoteFile, ...]) -> tuple[Path, bool]:
    """The folder for a download, and whether exactly that lies there; another version of it stays where it is."""
    number, plain = 1, downloads / repository.name.replace("/", "--")
    folder = plain
    while folder.exists():
        if _holds(folder, repository, files):
            return folder, True
        number += 1
        folder = plain.with_name(f"{plain.name}-{number}")
    return folder, False


def _holds(folder: Path, repository: HubRepository, files: tuple[RemoteFile, ...]) -> bool:
    try:
        is_same = (folder / _NOTE).read_text(encoding="utf-8") == _note(repository, files)
    except (OSError, UnicodeDecodeError):
        return False
    single = checkpoint_name(files)
    return is_same and all((folder / (single or file.path)).is_file() for file in files)


def _note(repository: HubRepository, files: tuple[RemoteFile, ...]) -> str:
    hashes = {file.path: file.sha256 or file.git_sha1 for file in files}
    said = {"page": repository.page, "commit": repository.commit, "licence": repository.licence, "files": hashes}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _part_folder(downloads: Path, offer: ModelOffer) -> Path:
    """Where a download grows: another one for another version, or other files, so that nothing is mixed."""
    name = offer.repository.name.replace("/", "--")
    which = hashlib.sha256(_note(offer.repository, offer.files).encode()).hexdigest()[:8]
    return downloads / _PARTS / f"{name}-{which}"


def _forget_old_parts(parts: Path) -> None:
    """Delete what was left of downloads that nobody went on with for weeks, except those that are going on."""
    for lock in list(parts.glob("*.lock")):
        part = lock.with_suffix("")
        # What cannot be deleted, as on Windows what is open, stays for the next time.
        with contextlib.suppress(OSError, DownloadBusyError, StorageError):
            if time.time() - _last_written(lock, part, _growing(part)) > _PARTS_KEPT_S:
                with _alone(part, part.name):
                    _remove(part)
                    lock.unlink()


def _last_written(*paths: Path) -> float:
    found = (each for path in paths for each in (path, *path.rglob("*")) if each.is_file())
    return max((path.stat().st_mtime for path in found), default=0.0)


@contextmanager
def _alone(part: Path, name: str) -> Iterator[None]:
    """Make the folder and keep others out; the system lets go when the process dies. Raises DownloadBusyError."""
    make_folder(part)
    path = part.with_name(f"{part.name}.lock")
    lock = FileLock(path, timeout=0, thread_local=False)
    with failures_named(path):
        try:
            lock.acquire()
        except Timeout:
            raise DownloadBusyError(name) from None
    try:
        yield
    finally:
        lock.release()
