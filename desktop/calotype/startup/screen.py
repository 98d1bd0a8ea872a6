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
    wanted = _wanted(environment.get("QT_QPA_PLATFORM", ""))
    if not sys.platform.startswith("linux") or wanted not in ("", *_PLUGINS):
        return None
    display, socket = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if wanted != "xcb" and _missing_library("wayland") is None:
        if environment.get("WAYLAND_SOCKET"):  # an open connection, which would be used up by trying it
            return None
        if socket and _compositor_answers(environment, socket):
            return None
    if wanted == "wayland" or not display:
        return NoDisplayError() if not socket else DisplayUnreachableError(socket)
    missing = _missing_library("xcb")
    if missing is not None:
        return DisplayLibraryMissingError(missing)
    return None if _answers(display) else DisplayUnreachableError(display)


def _wanted(platform: str) -> str:
    """The kind of screen that was asked for; empty if that is left to Qt, or several are named."""
    return "" if ";" in platform else platform.partition(":")[0].partition("-")[0]


def _compositor_answers(environment: Mapping[str, str], socket: str) -> bool:
    """Whether somebody listens at a socket of Wayland: that of a compositor that has ended may still be there."""
    path = Path(environment.get("XDG_RUNTIME_DIR") or "/") / socket
    if not path.exists():
        return False
    try:
        client = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return True
    client.wl_display_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(client.wl_display_connect(os.fsencode(path)))
    if not connection:
        return False
    client.wl_display_disconnect(connection)
    return True


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
