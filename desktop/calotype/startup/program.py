"""Where the program itself lies, and whether it is a package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PORTABLE_FILE = "portable.txt"


def is_packaged() -> bool:
    """True in an installed or unpacked package, False when Python runs the sources."""
    return bool(getattr(sys, "frozen", False))


def program_folder() -> Path | None:
    """The folder with the program's own file and its manifest; None when Python runs the sources."""
    return Path(sys.executable).absolute().parent if is_packaged() else None


def folder_beside_program() -> Path | None:
    """The folder in which a person sees the program lie, as one file or as a folder; None without a package.

    An AppImage is mounted somewhere else while it runs, and the program of macOS lies deep inside its bundle.
    """
    image = os.environ.get("APPIMAGE", "")
    folder = program_folder()
    if folder is None:
        return None
    if image:
        return Path(image).absolute().parent
    bundle = next((parent for parent in folder.parents if parent.suffix == ".app"), None)
    return bundle.parent if bundle else folder


def is_portable() -> bool:
    """True if a file `portable.txt` beside the program asks to keep everything there."""
    beside = folder_beside_program()
    return beside is not None and (beside / PORTABLE_FILE).is_file()
