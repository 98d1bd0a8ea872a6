"""What can go wrong when one asks for updates and GPU packs; what a connection says is in errors.hub."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class ReleasesError(CalotypeError):
    """Nothing is known about updates and packs."""

    sentence = "Updates could not be looked for."


@dataclass(eq=False)
class NoReleasesPlaceError(ReleasesError):
    """This copy of the program knows no address to ask."""

    sentence = "This copy of Calotype knows no place where updates and GPU packs are published. Look where you got it."


@dataclass(eq=False)
class ReleasesUnreadableError(ReleasesError):
    """What is at the address is no list of releases."""

    sentence = (
        "What {server} says about updates cannot be read ({cause}). Try again later, or look where you got Calotype."
    )

    server: str
    cause: str


@dataclass(eq=False)
class NoPackOfferedError(ReleasesError):
    """No published pack fits this program and this computer."""

    sentence = (
        "No GPU pack for this version of Calotype and this graphics card is published on {server}. Look for a newer "
        "version of Calotype."
    )

    server: str


@dataclass(eq=False)
class PackDownloadDamagedError(ReleasesError):
    """A downloaded pack is not the one that was announced; it was deleted."""

    sentence = "The GPU pack {name} arrived damaged, so it was deleted. Download it again."

    name: str
