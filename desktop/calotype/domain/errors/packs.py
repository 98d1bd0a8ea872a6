"""Why a GPU pack cannot be installed, or is not used. Until it is, Calotype works with its own torch.

PackError
├─ NotAPackError
├─ PackDamagedError           a file differs from what the pack states
├─ PackIncompleteError        a file is missing, as after half a copy
├─ PackPlatformError
├─ PackAbiError               another Python
├─ PackTorchVersionError
├─ CardMissingError           no card of that maker
├─ DriverMissingError
├─ DriverTooOldError
├─ PackFailedError            torch could not be loaded from it
├─ PackCrashedError           the program died while torch was loaded from it
└─ PackInUseError
"""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class PackError(CalotypeError):
    """Something is wrong with a GPU pack."""

    sentence = "This GPU pack cannot be used."


@dataclass(eq=False)
class NotAPackError(PackError):
    """A file is no GPU pack."""

    sentence = "{name} is not a GPU pack ({cause}). A pack is one file whose name ends in .calopack."

    name: str
    cause: str


@dataclass(eq=False)
class PackDamagedError(PackError):
    """A file in a pack is not the one that the pack states."""

    sentence = (
        "The GPU pack {name} is damaged: {file} is not what it should be. Get the pack again; nothing was changed."
    )

    name: str
    file: str


@dataclass(eq=False)
class PackIncompleteError(PackError):
    """A pack that was installed lacks a file."""

    sentence = (
        "The GPU pack {name} is not whole: {file} is missing or cut off. Calotype works with the processor instead. "
        "Remove the pack and add it again."
    )

    name: str
    file: str


@dataclass(eq=False)
class PackPlatformError(PackError):
    """A pack was made for another system."""

    sentence = "The GPU pack {name} is for {wanted}, and this computer is {found}. Get the pack for {found}."

    name: str
    wanted: str
    found: str


@dataclass(eq=False)
class PackAbiError(PackError):
    """A pack was made for another Python."""

    sentence = (
        "The GPU pack {name} is for another version of Calotype: it was made for Python {wanted}, and this one has "
        "{found}. Get the pack that belongs to your version."
    )

    name: str
    wanted: str
    found: str


@dataclass(eq=False)
class PackTorchVersionError(PackError):
    """A pack holds another version of torch than the program was tested with."""

    sentence = (
        "The GPU pack {name} is for another version of Calotype: it has torch {wanted}, and this one needs {found}. "
        "Get the pack that belongs to your version."
    )

    name: str
    wanted: str
    found: str


@dataclass(eq=False)
class CardMissingError(PackError):
    """There is no card that a pack could use."""

    sentence = (
        "The GPU pack {name} is for graphics cards from {maker}, and there is none that it could use in this computer. "
        "Calotype works on the processor."
    )

    name: str
    maker: str


@dataclass(eq=False)
class DriverMissingError(PackError):
    """The card has no driver of its maker."""

    sentence = (
        "The graphics card has no driver from {maker}, which the GPU pack {name} needs. Install the driver, restart "
        "the computer, and add the pack again."
    )

    name: str
    maker: str


@dataclass(eq=False)
class DriverTooOldError(PackError):
    """The driver of the card is older than a pack needs."""

    sentence = (
        "The driver of the graphics card is too old for the GPU pack {name}: it is version {found}, and the pack needs "
        "{wanted} or newer. Update the driver from {maker}, restart the computer, and add the pack again."
    )

    name: str
    maker: str
    wanted: str
    found: str


@dataclass(eq=False)
class PackFailedError(PackError):
    """Torch could not be loaded from a pack."""

    sentence = (
        "The GPU pack {name} could not be loaded ({cause}). Calotype works with the processor instead. Try it again in "
        "Settings, or remove the pack."
    )

    name: str
    cause: str


@dataclass(eq=False)
class PackCrashedError(PackError):
    """The program ended without a word while torch was loaded from a pack."""

    sentence = (
        "Calotype ended while it loaded the GPU pack {name}, so it works with the processor this time. Update the "
        "driver of the graphics card; then try the pack again in Settings, or remove it."
    )

    name: str


@dataclass(eq=False)
class PackInUseError(PackError):
    """A pack of the same name is in use, and cannot be exchanged under the program's feet."""

    sentence = "The GPU pack {name} is in use now. Remove it, start Calotype again, and add the new one then."

    name: str
