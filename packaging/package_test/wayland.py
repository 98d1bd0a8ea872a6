"""A Wayland screen inside the one that nobody sees: Weston, with what it shows as a window of the X server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen import SIZE_PX, wait_for, wait_for_window, wait_until_still

COMPOSITOR = "weston"  # whose window on the X server takes the keys
# What runs inside a root reaches this folder for the X server; a socket of Wayland there needs no mount of its own.
_SOCKETS = Path("/tmp/.X11-unix")
_NAME = "calotype-wayland"


@contextmanager
def wayland_on(screen_name: str) -> Iterator[str]:
    """A running compositor that gives a window the whole screen; what WAYLAND_DISPLAY must say to reach it."""
    width, height = SIZE_PX
    command = ["weston", "--backend=x11-backend.so", "--use-pixman", "--shell=kiosk-shell.so", "--no-config"]
    command += [f"--width={width}", f"--height={height}", f"--socket={_NAME}", "--idle-time=0"]
    environment = {**os.environ, "DISPLAY": screen_name, "XDG_RUNTIME_DIR": str(_SOCKETS)}
    socket = _SOCKETS / _NAME
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(socket.exists, "the Wayland compositor")
            wait_for_window(screen_name, COMPOSITOR)
            wait_until_still(screen_name)  # what it draws itself must not be taken for the program's window
            socket.chmod(0o777)  # the user inside is another one
            yield str(socket)
        finally:
            server.terminate()
