"""What a build collects besides modules that are imported, and which libraries nothing needs any more."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages

from contents import keeps_module
from libraries import Entry
from PyInstaller.utils.hooks import copy_metadata

# These look up the versions of what they use while they are imported, and of themselves.
_ASKS_FOR_VERSIONS = ("calotype", "diffusers", "transformers", "peft", "accelerate")
# Parts of the standard library that exist for other systems, for tests, or to be looked at.
_NOT_FOR_USE = re.compile(
    r"(test|__phello__|__hello__|antigravity|this|_?msi|nt|winreg|winsound|msvcrt|.*_test)(\.|$)|.*\.tests?(\.|$)|.*\.__main__$"
)


def metadata() -> list[tuple[str, str]]:
    """The dist-info folders of everything that is asked for its version at run time."""
    found = {entry for name in _ASKS_FOR_VERSIONS for entry in copy_metadata(name, recursive=True)}
    return sorted(found)


def stdlib_modules() -> list[str]:
    """The names of all modules of the standard library that this interpreter can import and that the package keeps."""
    tops = sorted(name for name in sys.stdlib_module_names if _is_wanted(name) and _exists(name))
    below = [
        module.name
        for top in tops
        for module in walk_packages(_folders(top), f"{top}.", lambda _: None)
        if _is_wanted(module.name)
    ]
    return tops + below


def dead_libraries(entries: Iterable[Entry], needed: Callable[[Path], list[str]]) -> set[str]:
    """The places of libraries at the top of the package that nothing there links to.

    Whatever needed them was left out. `needed` names the libraries that a file links to.
    """
    kept = list(entries)
    by_name = {Path(place).name: (place, source) for place, source, _ in kept}
    waiting = [(place, source) for place, source, _ in kept if not _is_plain_library(place)]
    living = {place for place, _ in waiting}
    while waiting:
        _, source = waiting.pop()
        for name in needed(Path(source)):
            found = by_name.get(name)
            if found is not None and found[0] not in living:
                living.add(found[0])
                waiting.append(found)
    return {place for place, _, _ in kept if place not in living}


def needed_names(path: Path) -> list[str]:
    """The names of the libraries that an ELF file links to."""
    answer = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False)
    return re.findall(r"NEEDED\s+(\S+)", answer.stdout)


def _is_plain_library(place: str) -> bool:
    return "/" not in place and place.startswith("lib") and ".so" in place and not place.startswith("libpython")


def _is_wanted(name: str) -> bool:
    return not _NOT_FOR_USE.match(name) and keeps_module(name)


def _folders(name: str) -> list[str]:
    spec = find_spec(name)
    return list(spec.submodule_search_locations or ()) if spec else []


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
