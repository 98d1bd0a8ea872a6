"""Download a base model from the Hugging Face hub: first what there is, and only when that was agreed to, the files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from calotype.diffusion.model_folder import require_supported_configs
from calotype.domain.control import Control
from calotype.domain.errors import BaseModelError, DownloadBusyError, DownloadDamagedError
from calotype.domain.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted, ModelPlaced
from calotype.domain.hub import DEFAULT_REVISION, HubRepository, ModelOffer, RemoteFile
from calotype.hub.hashes import FileHash
from calotype.hub.repository import file_pieces, read_repository
from calotype.services.hub_choice import checkpoint_name, chosen_files
from calotype.services.model_catalog import add_base_model
from calotype.services.workspace import Workspace
from calotype.storage.files import failures_named, make_folder, move, require_room, write_text_atomically

_NOTE = "download.json"  # says where a downloaded model is from, and which commit it is
_ROOM_TO_LEAVE = 100_000_000  # bytes of the disk, for everything else
_TOLD_EVERY_S = 0.2
_READ_BYTES = 1 << 20


def look_up(workspace: Workspace, name: str, revision: str = DEFAULT_REVISION, file_name: str = "") -> ModelOffer:
    """Ask the hub what a repository holds, and say what of it would be fetched. Raises a HubError or PickleFileError.

    This is one request; nothing is written.
    """
    repository = read_repository(name, revision)
    files = chosen_files(repository, file_name)
    folder, is_here = _place(workspace.folder.downloads, repository, files)
    return ModelOffer(repository, files, folder, checkpoint_name(files), is_here)


def download(workspace: Workspace, offer: ModelOffer, control: Control) -> Iterator[DownloadEvent]:
    """Fetch what was offered, compare its hashes, put it in place whole, and add it to the base models.

    A Stop keeps what is there, and so does a lost connection: the next download of the same goes on from it. Raises a
    HubError, a StorageError, or the BaseModelError that says why the model cannot be used.
    """
    if not offer.is_here:
        part = _part_folder(workspace.folder.downloads, offer)
        with _alone(part, offer.repository.name):
            yield from _fetched(offer, part, control)
            if control.is_stopping:
                yield DownloadFinished("", was_stopped=True)
                return
            write_text_atomically(part / _NOTE, _note(offer.repository, offer.files))
            move(part, offer.folder)
    yield ModelPlaced(offer.model_path)
    card = add_base_model(workspace, offer.model_path)
    yield DownloadFinished(card.id, was_stopped=False)


def _fetched(offer: ModelOffer, part: Path, control: Control) -> Iterator[DownloadEvent]:
    """Fetch what is missing into the folder of parts; a folder that cannot be used is refused before its weights."""
    done = sum(_kept_bytes(path) for path in _paths(offer, part))
    if done < offer.size_bytes:
        require_room(offer.folder, offer.size_bytes - done + _ROOM_TO_LEAVE)
    yield DownloadStarted(offer.size_bytes, done)
    done, told_at = 0, time.monotonic()
    for file, path in zip(offer.files, _paths(offer, part), strict=True):
        if not offer.file_name and path.suffix == ".safetensors":
            _require_usable(offer, part)
        with closing(_file_counts(offer.repository, file, path)) as counts:
            for count in counts:
                if time.monotonic() - told_at > _TOLD_EVERY_S:
                    yield DownloadProgress(file.path, done + count, offer.size_bytes)
                    told_at = time.monotonic()
                if control.is_stopping:
                    return
        done += file.size_bytes
    yield DownloadProgress(offer.files[-1].path, done, offer.size_bytes)


def _file_counts(repository: HubRepository, file: RemoteFile, path: Path) -> Generator[int, None, None]:
    """Fetch one file, and say after each piece how many of its bytes are here. Raises DownloadDamagedError."""
    if path.is_file():
        return  # it got this name when it was whole and as promised
    unfinished, found, count = _unfinished(path), FileHash(file), _kept_bytes(path)
    with failures_named(path):  # of the disk: those of the connection are errors of the hub already
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("a+b") as writing:
            writing.seek(0)
            while piece := writing.read(_READ_BYTES):
                found.update(piece)
                yield count
            for piece in file_pieces(repository, file, count):
                writing.write(piece)
                found.update(piece)
                count += len(piece)
                yield count
            writing.flush()
            os.fsync(writing.fileno())
        if not found.is_as_promised:
            unfinished.unlink()
            raise DownloadDamagedError(file.path)
        unfinished.replace(path)


def _require_usable(offer: ModelOffer, part: Path) -> None:
    try:
        require_supported_configs(part, offer.repository.name)
    except BaseModelError:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _paths(offer: ModelOffer, folder: Path) -> list[Path]:
    return [folder / (offer.file_name or file.path) for file in offer.files]


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _kept_bytes(path: Path) -> int:
    """How much of a file is here, whole or not."""
    return next((each.stat().st_size for each in (path, _unfinished(path)) if each.is_file()), 0)


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
    return downloads / ".part" / f"{name}-{which}"


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
