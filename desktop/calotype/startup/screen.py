"""Looks whether a window can be shown at all: where it cannot, Qt would end the process without a word one can use."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from calotype.domain.errors.startup import (
    DisplayLibraryMissingError,
    DisplayUnreachableError,
    NoDisplayError,
    ScreenError,
)

_PLUGINS = {"xcb": "libqxcb.so", "wayland": "libqwayland.so"}


def trouble_with_screen(environment: Mapping[str, str]) -> ScreenError | None:
    """Why no window can be shown, or None. Only X11 and Wayland are asked; other systems always have a screen."""
    wanted = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition("-")[0].partition(";")[0]
    if not sys.platform.startswith("linux") or wanted not in ("", *_PLUGINS):
        return None
    display, socket = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if wanted != "xcb" and socket and _is_there(environment, socket) and _missing_library("wayland") is None:
        return None
    if wanted == "wayland" or not display:
        return NoDisplayError() if not socket else DisplayUnreachableError(socket)
    missing = _missing_library("xcb")
    if missing is not None:
        return DisplayLibraryMissingError(missing)
    return None if _answers(display) else DisplayUnreachableError(display)


def _is_there(environment: Mapping[str, str], socket: str) -> bool:
    return (Path(environment.get("XDG_RUNTIME_DIR") or "/") / socket).exists()


def _missing_library(platform: str) -> str | None:
    """The library that Qt needs for a kind of screen and does not find; None if it has all, or cannot be asked."""
    found = importlib.util.find_spec("PySide6")
    folders = list(found.submodule_search_locations or ()) if found else []
    for folder in folders:
        plugin = Path(folder, "Qt", "plugins", "platforms", _PLUGINS[platform])
        if plugin.is_file():
            try:
                ctypes.CDLL(str(plugin))
            except OSError as error:
                return str(error).partition(":")[0]
            return None
    return None


def _answers(display: str) -> bool:
    """Whether a display can be connected to; True if that cannot be tried."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(os.fsencode(display), None))
    is_broken = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not is_broken
