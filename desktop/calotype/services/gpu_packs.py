"""Add, choose and remove GPU packs; each takes effect at the next start."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.errors.packs import NotAPackError, PackError, PackIncompleteError, PackInUseError
from calotype.domain.events.packs import PackEvent, PackInstalled, PackTrial
from calotype.domain.graphics import TorchBuild
from calotype.domain.packs import SUFFIX, PackManifest, is_pack_name
from calotype.packs import archive
from calotype.packs.fit import trouble_with_cards, trouble_with_program
from calotype.packs.graphics_cards import graphics_cards
from calotype.packs.places import PackPlaces
from calotype.packs.torch_build import torch_build
from calotype.packs.trial import require_working
from calotype.packs.use import pack_in_use
from calotype.services.computing import ComputingReport, judged
from calotype.services.workspace import Workspace
from calotype.storage.files import failures_named, require_room

_ROOM_TO_LEAVE = 200_000_000  # bytes of the disk, for everything else
_LONGEST_INSTALLATION_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class PacksReport:
    """The packs of a data folder, and what computes. What was chosen is used from the next start on."""

    installed: tuple[PackManifest, ...]
    chosen: str
    in_use: str
    trouble: PackError | None  # why what was chosen is not used, or will be of no use
    computing: ComputingReport

    @property
    def needs_restart(self) -> bool:
        """Whether the next start will compute with something else than this one."""
        return self.chosen != self.in_use


def packs_report(workspace: Workspace) -> PacksReport:
    """Look at the packs and the cards. Asking a sleeping card may take a second: call it in a job."""
    places, cards = PackPlaces.of(workspace.folder.root), graphics_cards()
    installed = tuple(_installed(places))
    chosen = next((pack for pack in installed if pack.name == places.chosen), None)
    trouble = places.trouble or (trouble_with_cards(chosen, cards) if chosen else None)
    computing = judged(cards, torch_build(), is_apple=sys.platform == "darwin")
    return PacksReport(installed, chosen.name if chosen else "", pack_in_use(), trouble, computing)


def pack_trouble(workspace: Workspace) -> PackError | None:
    """Why the pack that was chosen is not used; told at once, from what a start or the first work noted."""
    return PackPlaces.of(workspace.folder.root).trouble


def is_pack(path: Path) -> bool:
    """Whether a file says that it is a pack."""
    return path.suffix.lower() == SUFFIX


def read_pack(path: Path) -> PackManifest:
    """What a pack in one file is, if it can be used here. Raises a PackError that says exactly why not."""
    manifest = archive.manifest_of_archive(path)
    trouble = trouble_with_program(manifest, own_torch()) or trouble_with_cards(manifest, graphics_cards())
    if trouble is not None:
        raise trouble
    return manifest


def install_pack(workspace: Workspace, path: Path, control: Control) -> Iterator[PackEvent]:
    """Unpack a pack, compare every file, try it, and use it from the next start on. A Stop leaves nothing.

    Raises a PackError or a StorageError; what was there before is then as it was, but for a pack that is whole and does
    not work: it stays, to be tried again.
    """
    manifest, places = read_pack(path), PackPlaces.of(workspace.folder.root)
    if manifest.name == pack_in_use():
        raise PackInUseError(manifest.name)
    folder = places.pack(manifest.name)
    with failures_named(folder):
        places.folder.mkdir(parents=True, exist_ok=True)
        require_room(folder, manifest.size_bytes + _ROOM_TO_LEAVE)
        yield from archive.unpack(path, manifest, folder, control)
        if control.is_stopping:
            yield PackInstalled("")
            return
        places.set_removed([name for name in places.removed if name != manifest.name])
        yield PackTrial()
        _try_and_choose(places, manifest.name)
        yield PackInstalled(manifest.name)


def choose_pack(workspace: Workspace, name: str) -> None:
    """Use a pack that is installed from the next start on, after comparing and trying it; or none, for an empty name.

    That takes some seconds: call it in a job. Raises PackIncompleteError, PackFailedError, or why it does not fit.
    """
    places = PackPlaces.of(workspace.folder.root)
    if name:
        _require_name(name)
        manifest = archive.manifest_of_folder(places.pack(name))
        damage = archive.damage_of_folder(places.pack(name), manifest, is_thorough=True)
        if damage:
            raise PackIncompleteError(name, damage)
        trouble = trouble_with_program(manifest, own_torch())
        if trouble is not None:
            raise trouble
        _try_and_choose(places, name)
    else:
        with failures_named(places.folder):
            places.choose("")


def remove_pack(workspace: Workspace, name: str) -> None:
    """Delete a pack: now, or at the next start if torch comes from it. The program's own torch is used then."""
    places = PackPlaces.of(workspace.folder.root)
    _require_name(name)
    if not places.pack(name).exists():
        raise NotAPackError(name, "there is none of that name")
    with failures_named(places.folder):
        if places.chosen in (name, ""):
            places.choose("")
        if name == pack_in_use():
            places.set_removed([*places.removed, name])
        else:
            shutil.rmtree(places.pack(name), ignore_errors=True)


def delete_leftovers(workspace: Workspace) -> int:
    """Delete packs that were removed while they were in use, and what an interrupted installation left; how many."""
    places = PackPlaces.of(workspace.folder.root)
    removed = [name for name in places.removed if name != pack_in_use()]
    for name in removed:
        shutil.rmtree(places.pack(name), ignore_errors=True)
    if removed:
        places.set_removed([name for name in places.removed if name not in removed])
    left = [path for pattern in (".*.part", ".*.old") for path in places.folder.glob(pattern) if _is_forgotten(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(removed) + len(left)


def _is_forgotten(path: Path) -> bool:
    """Whether nobody can be writing there any more: another process may be adding a pack just now."""
    return path.stat().st_mtime < time.time() - _LONGEST_INSTALLATION_S


def _require_name(name: str) -> None:
    """Raises NotAPackError for what cannot be a pack, before a folder of that name is touched."""
    if not is_pack_name(name):
        raise NotAPackError(name, "no pack has such a name")


def _try_and_choose(places: PackPlaces, name: str) -> None:
    """Raises PackFailedError, which is kept."""
    try:
        require_working(name, places.pack(name))
    except PackError as error:
        with failures_named(places.folder):
            places.note_trouble(error)
        raise
    with failures_named(places.folder):
        places.choose(name)


def _installed(places: PackPlaces) -> Iterator[PackManifest]:
    for folder in sorted(places.folder.glob("[!.]*/")):
        if folder.is_dir() and folder.name not in places.removed:
            try:
                yield archive.manifest_of_folder(folder)
            except PackError:
                continue  # no pack, or a part of one that somebody copied


def own_torch() -> TorchBuild:
    """The torch that the program came with, whatever is in use."""
    pack = pack_in_use()
    return torch_build(folder for folder in sys.path if not pack or Path(folder).name != pack)
