"""Which packages of Debian and Ubuntu the program needs: read from its ELF files, not written down from memory.

`dpkg-shlibdeps` would answer the same after minutes, most of them spent on the symbols of torch.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Needed without being linked to. The keyboard descriptions are read by libxkbcommon, which is in the package.
_BESIDES = ("xkb-data",)
# Names that changed when the 32-bit ports got 64-bit times; newer systems have the second one.
_RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
# The versions of symbols in the C++ library, and the compiler that brought them: that is the version of its package.
_COMPILERS = {28: "9.3", 29: "11", 30: "12", 31: "13.1", 32: "13.2", 33: "14"}


class LibraryNotFoundError(Exception):
    """A file of the package links to a library that neither the package nor this system has."""


@dataclass(frozen=True, slots=True)
class Links:
    """What the ELF files of a folder ask for: libraries by name, and versions of the C and C++ libraries."""

    names: frozenset[str]
    libc: tuple[int, int]  # the newest of GLIBC_2.n
    libstdcxx: int  # the newest n of GLIBCXX_3.4.n


def needed_packages(folder: Path) -> list[str]:
    """The value of `Depends`, sorted by name. Raises LibraryNotFoundError."""
    links = read_links(folder)
    packages = {_package_of(name) for name in links.names}
    return sorted([*(_with_version(package, links) for package in packages), *_BESIDES])


def read_links(folder: Path) -> Links:
    """What the files ask for that is not in the folder itself."""
    binaries = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_elf(path)]
    described = [_describe(path) for path in binaries]
    own = {path.name for path in binaries} | set(_found(r"SONAME\s+(\S+)", described))
    libc = max((2, int(number)) for number in _found(r"\bGLIBC_2\.(\d+)", described))
    libstdcxx = max(map(int, _found(r"\bGLIBCXX_3\.4\.(\d+)", described)), default=0)
    return Links(frozenset(_found(r"NEEDED\s+(\S+)", described)) - own, libc, libstdcxx)


def _describe(path: Path) -> str:
    return subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout


def _found(pattern: str, texts: Iterable[str]) -> list[str]:
    return [found for text in texts for found in re.findall(pattern, text)]


def _package_of(library: str) -> str:
    answer = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise LibraryNotFoundError(f"The package links to {library}, which is neither in it nor on this system.")
    return answer.stdout.splitlines()[0].split(":")[0]


def _with_version(package: str, links: Links) -> str:
    if package == "libc6":
        return f"libc6 (>= {links.libc[0]}.{links.libc[1]})"
    if package == "libstdc++6":
        return f"libstdc++6 (>= {_COMPILERS[max(links.libstdcxx, min(_COMPILERS))]})"
    return f"{package} | {_RENAMED[package]}" if package in _RENAMED else package


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or (".so" not in path.name and "." in path.name):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
