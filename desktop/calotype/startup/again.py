"""Starts the program once more in the place of this process, as after a GPU pack was added."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from calotype.startup.program import is_packaged

# Tells the starter of a package that this is a start of its own, and no child that goes on with what it prepared.
_FRESH_START = {"PYINSTALLER_RESET_ENVIRONMENT": "1"}

_CAN_BECOME_ANOTHER = sys.platform.startswith("linux")


def start_again(arguments: Sequence[str]) -> int:
    """Become a new start of the program with these arguments; everything must be closed and saved.

    On Linux this does not return: the process goes on as the new start, because an AppImage stays mounted, and a
    terminal waits, only as long as the process lives. Elsewhere the new start is another process; the result is the
    exit code for this one.
    """
    program = [sys.executable] if is_packaged() else [sys.executable, "-m", "calotype"]
    command = [*program, *arguments]
    environment = {**os.environ, **(_FRESH_START if is_packaged() else {})}
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if _CAN_BECOME_ANOTHER:
        os.execve(command[0], command, environment)
    subprocess.Popen(command, env=environment)
    return 0
