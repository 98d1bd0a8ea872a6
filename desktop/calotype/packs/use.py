"""Puts the chosen GPU pack before the program's own torch, and goes back to that one if the pack does not work.

`use_pack` runs before anything imports torch. It only changes where torch will be found: importing it takes seconds and
waits for the first work, and is watched then. A file marks that torch is being loaded, so that a process that dies of
it is noticed by the next one. A pack was tried before it was chosen, so that all this answers for what came later: a
new driver, a damaged disk.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from calotype.domain.errors.packs import PackCrashedError, PackError, PackFailedError, PackIncompleteError
from calotype.packs.failures import BROKEN, in_words
from calotype.packs.places import PackPlaces

logger = logging.getLogger(__name__)
_in_use: list[str] = []


def pack_in_use() -> str:
    """The name of the pack that torch comes from in this process; empty for the program's own torch."""
    return _in_use[0] if _in_use else ""


def use_pack(root: Path) -> None:
    """Let torch come from the pack that was chosen for this data folder, if there is one and it is whole."""
    places = PackPlaces.of(root)
    name = places.chosen
    if not name or "torch" in sys.modules:
        return
    trouble = _crash(places, name) or _trouble(places.pack(name), name)
    if trouble is not None:
        _note(places, trouble)
        return
    folder = str(places.pack(name))
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, _WatchedTorch(places, name, folder))
    _in_use.append(name)


def _crash(places: PackPlaces, name: str) -> PackError | None:
    """Whether a process died while it loaded torch from this pack; its mark is taken away."""
    died = [path for process_id, path in places.markers().items() if not _is_alive(process_id)]
    for path in died:
        with contextlib.suppress(OSError):
            path.unlink()
    return PackCrashedError(name) if died else None


def _is_alive(process_id: int) -> bool:
    import psutil  # only after a crash, or while another process is loading torch

    return process_id != os.getpid() and psutil.pid_exists(process_id)


def _trouble(folder: Path, name: str) -> PackError | None:
    # Only with a pack: these make each other start slower.
    from calotype.packs.archive import damage_of_folder, manifest_of_folder
    from calotype.packs.fit import trouble_with_program
    from calotype.packs.torch_build import torch_build

    try:
        manifest = manifest_of_folder(folder)
    except PackError as error:
        return error
    damage = damage_of_folder(folder, manifest, is_thorough=False)
    if damage:
        return PackIncompleteError(name, damage)
    return trouble_with_program(manifest, torch_build())


def _note(places: PackPlaces, trouble: PackError) -> None:
    logger.info("%s", trouble)
    with contextlib.suppress(OSError):  # a folder that nobody may write to: the pack is tried again next time
        places.note_trouble(trouble)


class _WatchedTorch:
    """Finds torch in the pack, once, and answers for what happens while it is loaded."""

    def __init__(self, places: PackPlaces, name: str, folder: str) -> None:
        self._places = places
        self._name = name
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the import system asks of everything in sys.meta_path."""
        if fullname != "torch":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, [self._folder])
        if spec is None or spec.loader is None:
            self._go_back("it holds no torch")
            return None
        load = spec.loader.exec_module
        spec.loader.exec_module = lambda module: self._load(load, module)  # type: ignore[method-assign]
        return spec

    def _load(self, load: object, module: ModuleType) -> None:
        """Run torch's own code between setting and removing the mark; without success, load the program's own torch.

        Raises PackFailedError if that is too late for this process: two builds of one library do not go together.
        """
        marker = self._places.marker(os.getpid())
        with contextlib.suppress(OSError):
            marker.write_text(json.dumps({"name": self._name}), encoding="utf-8")
        try:
            assert callable(load)
            load(module)
            _touch_device(module)
        except BROKEN as error:
            logger.info("torch could not be loaded from the pack %s", self._name, exc_info=error)
            self._go_back(in_words(error))
            if _has_loaded_libraries(self._folder):
                failure = PackFailedError(self._name, in_words(error))
                sys.meta_path.insert(0, _NoTorch(failure))
                raise failure from error
            # The import system takes what stands in sys.modules when this returns.
            sys.modules["torch"] = importlib.import_module("torch")
        finally:
            with contextlib.suppress(OSError):
                marker.unlink(missing_ok=True)

    def _go_back(self, cause: str) -> None:
        """Forget the pack and everything that came from it."""
        _in_use.clear()
        while self._folder in sys.path:
            sys.path.remove(self._folder)
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(self._folder) or name.partition(".")[0] == "torch":
                del sys.modules[name]
        importlib.invalidate_caches()
        _note(self._places, PackFailedError(self._name, cause))


class _NoTorch:
    """Keeps torch from being loaded in a process in which another build of it was loaded by half."""

    def __init__(self, failure: PackFailedError) -> None:
        self._failure = failure

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the import system asks of everything in sys.meta_path."""
        if fullname == "torch":
            raise self._failure
        return None


def _has_loaded_libraries(folder: str) -> bool:
    """Whether this process holds a library of the pack; where that cannot be asked, yes."""
    try:
        return folder in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True


def _touch_device(torch: ModuleType) -> None:
    """Ask the driver once: a driver that brings the process down does so here, where it is noticed."""
    cuda = getattr(torch, "cuda", None)
    if cuda is not None:
        logger.info("torch %s, graphics card usable: %s", getattr(torch, "__version__", "?"), cuda.is_available())
