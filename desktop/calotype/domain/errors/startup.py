"""Why the program cannot begin where, or in the way, it was started."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class ScreenError(CalotypeError):
    """No window can be shown."""

    sentence = "Calotype cannot open a window here."


@dataclass(eq=False)
class NoDisplayError(ScreenError):
    """There is no screen, as on a server."""

    sentence = (
        "There is no screen here for a window (DISPLAY and WAYLAND_DISPLAY are not set). Everything also works without "
        "one: calotype --help lists the commands, and calotype demo is a tour."
    )


@dataclass(eq=False)
class DisplayUnreachableError(ScreenError):
    """A screen is named, and nobody answers there."""

    sentence = (
        "The screen “{display}” cannot be reached. Start Calotype from a desktop, or check DISPLAY and "
        "WAYLAND_DISPLAY. Everything also works without a screen: calotype --help lists the commands."
    )

    display: str


@dataclass(eq=False)
class DisplayLibraryMissingError(ScreenError):
    """A library that windows need is not installed."""

    sentence = (
        "A library that windows need is missing: {library}. Install it with the package manager of your system (README "
        "lists them all), or use the commands that calotype --help lists: they need no window."
    )

    library: str


@dataclass(eq=False)
class ProgramDamagedError(CalotypeError):
    """Files of the program are missing or changed, as after half a copy."""

    sentence = (
        "The program is not whole: {count} of its files are missing or changed, {file} for one. Install Calotype "
        "again; your projects are not touched by that."
    )

    count: int
    file: str


@dataclass(eq=False)
class NotTriedError(CalotypeError):
    """A check needs what an earlier one could not make."""

    sentence = "This was not tried, because something before it did not work. Put that right first."
