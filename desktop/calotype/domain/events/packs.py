"""What the installation of a GPU pack reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackProgress:
    """So much of the pack is unpacked and compared now; said some times a second."""

    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class PackTrial:
    """All files are there and as they should be; torch is being tried from them."""


@dataclass(frozen=True, slots=True)
class PackInstalled:
    """Always the last event of an installation that did not fail; `name` is empty if it was stopped."""

    name: str


PackEvent = PackProgress | PackTrial | PackInstalled
