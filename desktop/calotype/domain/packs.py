"""GPU packs: torch for graphics cards as a folder of packages, put before the program's own one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from calotype.domain.graphics import TorchKind

SUFFIX = ".calopack"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")


def is_pack_name(name: object) -> bool:
    """Whether a pack may have this name, which is also that of its folder: never one that means another place."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and not name.endswith(".")


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of a pack; its path has slashes and lies inside."""

    path: str
    size_bytes: int
    sha256: str  # in hex digits


@dataclass(frozen=True, slots=True)
class PackManifest:
    """What a pack says of itself: for which computer and which program it was made, and what is in it."""

    name: str  # also of its folder
    kind: TorchKind
    torch_version: str  # as 2.13.0+cu130
    python_abi: str  # as cp311
    platform: str  # as linux-x86_64
    minimum_driver: str  # of the card's maker; empty if any will do
    files: tuple[PackFile, ...]

    @property
    def size_bytes(self) -> int:
        """All files together, unpacked."""
        return sum(file.size_bytes for file in self.files)
