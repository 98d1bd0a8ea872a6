"""Which data folder to use, found without opening anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from calotype.startup.program import folder_beside_program, is_portable
from calotype.startup.typed_paths import typed_path

_PORTABLE_NAME = "Calotype data"
_HOME_VARIABLE = "CALOTYPE_HOME"


def default_root() -> Path:
    """The data folder: CALOTYPE_HOME, else the one beside a portable program, else the one remembered, else the usual.

    The usual one is the system's place for data.
    """
    from_environment = os.environ.get(_HOME_VARIABLE, "")
    if from_environment:
        return typed_path(from_environment)
    portable = portable_root()
    if portable is not None:
        return portable
    try:
        remembered = pointer_file().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        remembered = ""
    return Path(remembered) if remembered else usual_root()


def usual_root() -> Path:
    """The system's place for the data of a program."""
    return platformdirs.user_data_path("Calotype", appauthor=False)


def portable_root() -> Path | None:
    """The data folder beside a portable program; None if the program is not portable."""
    beside = folder_beside_program()
    return beside / _PORTABLE_NAME if beside is not None and is_portable() else None


def pointer_file() -> Path:
    """The file that remembers another data folder than the usual one."""
    return platformdirs.user_config_path("Calotype", appauthor=False) / "data-folder.txt"


def root_is_fixed() -> bool:
    """True if the environment or a portable program say where data lies, so that nothing else can be chosen."""
    return bool(os.environ.get(_HOME_VARIABLE)) or is_portable()


def root_named_in(arguments: Sequence[str]) -> Path:
    """The data folder that a command line means, before anyone has taken the line apart."""
    for place, word in enumerate(arguments):
        if word.startswith("--home="):
            return typed_path(word.removeprefix("--home="))
        if word == "--home" and place + 1 < len(arguments):
            return typed_path(arguments[place + 1])
    return default_root()
