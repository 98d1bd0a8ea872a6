"""Download the GPU pack that fits this computer, only when it was agreed to; a stop keeps what is there."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.errors.releases import NoPackOfferedError, PackDownloadDamagedError
from calotype.domain.events import DownloadProgress, DownloadStarted
from calotype.domain.events.packs import PackEvent, PackInstalled
from calotype.domain.graphics import NEEDED_KIND, version_numbers
from calotype.domain.packs import SUFFIX
from calotype.domain.releases import PackOffer
from calotype.hub.release_place import releases_server
from calotype.hub.releases import pack_pieces, read_releases
from calotype.packs.graphics_cards import graphics_cards
from calotype.packs.manifest import this_abi, this_platform
from calotype.packs.places import PackPlaces
from calotype.services.gpu_packs import install_pack, own_torch
from calotype.services.workspace import Workspace
from calotype.storage.files import failures_named, make_folder, require_room

_TOLD_EVERY_S = 0.2
_READ_BYTES = 1 << 20
_UNPACKED_TIMES = 4  # as large, at most: torch of the processor took 3.8 times its packed size


def find_pack() -> PackOffer:
    """The published pack for this program and the cards of this computer: one request. Raises NoPackOfferedError."""
    wanted = {NEEDED_KIND[card.vendor] for card in graphics_cards()}
    numbers = version_numbers(own_torch().version)
    for offer in read_releases().packs:
        is_for_us = (offer.platform, offer.python_abi) == (this_platform(), this_abi())
        if is_for_us and offer.kind in wanted and version_numbers(offer.torch_version) == numbers:
            return offer
    raise NoPackOfferedError(releases_server())


def download_pack(
    workspace: Workspace, offer: PackOffer, control: Control
) -> Iterator[DownloadStarted | DownloadProgress | PackEvent]:
    """Fetch a pack, compare its hash, and install it; the file is deleted then. Raises what `install_pack` raises too.

    A Stop keeps what is there, and so does a lost connection: the next download goes on from it.
    """
    path = PackPlaces.of(workspace.folder.root).folder / ".downloads" / f"{offer.name}-{offer.sha256[:8]}{SUFFIX}"
    make_folder(path.parent)
    growing = path.with_suffix(".part")
    if not path.is_file():
        kept = growing.stat().st_size if growing.is_file() else 0
        require_room(path, offer.size_bytes - kept + _UNPACKED_TIMES * offer.size_bytes)
        yield DownloadStarted(offer.size_bytes, kept)
        yield from _fetched(offer, path, growing, control)
        if control.is_stopping:
            yield PackInstalled("")
            return
    yield from install_pack(workspace, path, control)
    if not control.is_stopping:
        path.unlink(missing_ok=True)


def _fetched(offer: PackOffer, path: Path, growing: Path, control: Control) -> Iterator[DownloadProgress]:
    found, count, told_at = hashlib.sha256(), 0, time.monotonic()
    with failures_named(path), growing.open("a+b") as writing:
        writing.seek(0)
        while piece := writing.read(_READ_BYTES):
            found.update(piece)
            count += len(piece)
        for piece in pack_pieces(offer, count):
            writing.write(piece)
            writing.flush()
            found.update(piece)
            count += len(piece)
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                yield DownloadProgress(offer.name, count, offer.size_bytes)
                told_at = time.monotonic()
            if control.is_stopping:
                return
        os.fsync(writing.fileno())
    yield DownloadProgress(offer.name, count, offer.size_bytes)
    if found.hexdigest() != offer.sha256:
        growing.unlink(missing_ok=True)
        raise PackDownloadDamagedError(offer.name)
    growing.replace(path)
