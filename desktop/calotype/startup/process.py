"""Makes an ordinary process of what a packaged program, or a window without a terminal, is started with."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

from calotype.startup.program import is_packaged

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")


def prepare_process() -> None:
    """Give the process streams to write to, and its children the libraries of the system. Call it once, first."""
    _open_missing_streams()
    if is_packaged():
        give_library_paths_back(os.environ)


def give_library_paths_back(environment: MutableMapping[str, str]) -> None:
    """Undo what the starter of a package does to the search for libraries.

    This process has read the variable already; programs that it starts (a browser, a file manager) would load the
    package's libraries in place of their own and fail.
    """
    for name in _LIBRARY_PATHS:
        original = environment.pop(f"{name}_ORIG", None)
        if original is not None:
            environment[name] = original
        elif name in environment:
            del environment[name]


def _open_missing_streams() -> None:
    """A program without a terminal has no streams on Windows, and every library that writes a line would fail."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole life
