"""What is published about Calotype: the newest version, and the GPU packs that belong to versions."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.graphics import TorchKind


@dataclass(frozen=True, slots=True)
class PackOffer:
    """A GPU pack that can be downloaded as one file."""

    name: str
    kind: TorchKind
    torch_version: str
    python_abi: str
    platform: str
    address: str
    size_bytes: int
    sha256: str  # in hex digits


@dataclass(frozen=True, slots=True)
class Releases:
    """The list of what is published."""

    version: str  # the newest of Calotype
    page: str  # where a person reads about it and gets it
    packs: tuple[PackOffer, ...]
