"""What the packages of one build have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Release:
    """A finished folder of the program, and what goes into names and descriptions."""

    program: Path  # the folder that PyInstaller made, with its manifest
    icons: Path
    version: str
    date: str  # YYYY-MM-DD, of the commit
