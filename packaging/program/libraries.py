"""Which shared libraries of the build machine may be in the package, and which must come from the user's system.

Wheels bring their own libraries. Whatever else a build collects comes from the machine that it runs on, so every such
library is named here with its reason; a build with another one fails.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Linux: taken from the user's system, never from here. A foreign copy breaks graphics drivers, fonts, input methods or
# the other libraries of the system that load them; torch's GPU packs bring a C++ that wants the newest runtime.
FROM_THE_SYSTEM = re.compile(
    r"lib(mvec|GL|EGL|GLX|GLdispatch|OpenGL|drm|gbm|X11|X11-xcb|xcb|xcb-glx|Xau|Xdmcp|wayland-(client|cursor|egl)|fontconfig"
    r"|freetype|expat|glib-2\.0|gthread-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|pcre2-8|harfbuzz|png16|brotli(dec|common)"
    r"|stdc\+\+|gcc_s|systemd|gcrypt|gpg-error|cap|bsd|md|dbus-1|selinux|mount|blkid|lz4|zstd"
    r"|k5crypto|krb5|krb5support|gssapi_krb5|com_err|keyutils|gomp|crypt|nsl|tirpc)\.so"
)

# Linux: from the build machine, because the interpreter or Qt needs them and systems have other versions of them.
FROM_THE_BUILD_MACHINE: dict[str, str] = {
    "libpython": "the interpreter",
    "libssl": "the interpreter's secure connections",
    "libcrypto": "the interpreter's secure connections and hashes",
    "libsqlite3": "the interpreter's SQLite, which holds the index",
    "libffi": "the interpreter's ctypes, through which NVIDIA's driver is asked",
    "libbz2": "the interpreter's bzip2",
    "liblzma": "the interpreter's xz",
    "libz": "the interpreter's zlib",
    "libuuid": "the interpreter's uuid",
    "libxcb-cursor": "Qt's window on X11; Debian and Ubuntu do not install it with a desktop",
    "libxcb-icccm": "Qt's window on X11",
    "libxcb-image": "Qt's window on X11",
    "libxcb-keysyms": "Qt's window on X11",
    "libxcb-randr": "Qt's window on X11",
    "libxcb-render": "Qt's window on X11",
    "libxcb-render-util": "Qt's window on X11",
    "libxcb-shape": "Qt's window on X11",
    "libxcb-shm": "Qt's window on X11",
    "libxcb-sync": "Qt's window on X11",
    "libxcb-util": "Qt's window on X11",
    "libxcb-xfixes": "Qt's window on X11",
    "libxcb-xkb": "Qt's keyboard on X11",
    "libxkbcommon": "Qt's keyboard",
    "libxkbcommon-x11": "Qt's keyboard on X11",
}

# Under licences that would hold for the whole program if they were in it, wherever they come from.
NEVER: dict[str, str] = {
    "libreadline": "GPL 3: leave the module readline out",
    "libx264": "GPL 2",
    "libx265": "GPL 2: pi-heif reads HEIC without it",
    "libfftw3": "GPL 2",
    "libgmp": "LGPL 3, and nothing should need it",
}

Entry = tuple[str, str, str]  # PyInstaller's: place in the package, source on this machine, kind


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library in the package, and the file that it was copied from."""

    place: str
    source: Path

    @property
    def is_from_here(self) -> bool:
        """True for a library of the build machine; False for one that a wheel or the interpreter brought."""
        homes = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve() / "lib" / _PYTHON}
        return not any(self.source.resolve().is_relative_to(home) for home in homes)

    @property
    def reason(self) -> str | None:
        """Why a library of the build machine may be in the package; None if it may not."""
        stem = PurePosixPath(self.place).name.split(".so")[0]
        return FROM_THE_BUILD_MACHINE.get(stem) or FROM_THE_BUILD_MACHINE.get(stem.rstrip(".0123456789"))

    @property
    def objection(self) -> str | None:
        """Why this library must not be in the package at all; None if it may be."""
        return NEVER.get(re.split(r"[-.]", PurePosixPath(self.place).name)[0])


_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


class ForeignLibraryError(Exception):
    """A library would be in the package that may not be there."""


def comes_from_the_system(place: str) -> bool:
    """Whether a library of this name must come from the user's system (a wheel's own copy in its folder may stay)."""
    return "/" not in place and FROM_THE_SYSTEM.match(place) is not None


def check_origins(entries: Iterable[Entry]) -> list[Library]:
    """Every shared library, by its place. Raises ForeignLibraryError for those that nobody allowed."""
    libraries = sorted(
        {Library(place, Path(source)) for place, source, kind in entries if kind in ("BINARY", "EXTENSION")},
        key=lambda library: library.place,
    )
    forbidden = [library for library in libraries if library.objection]
    if forbidden:
        named = "\n".join(f"  {library.place}: {library.objection}" for library in forbidden)
        raise ForeignLibraryError(f"These libraries must not be in the package:\n{named}")
    foreign = [library for library in libraries if library.is_from_here and library.reason is None]
    if foreign:
        named = "\n".join(f"  {library.place} from {library.source}" for library in foreign)
        raise ForeignLibraryError(
            "These libraries of this machine would be packed. Leave them out in contents.py, or say why in "
            f"libraries.py:\n{named}"
        )
    return libraries
