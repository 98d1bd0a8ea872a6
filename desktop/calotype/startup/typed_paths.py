"""Paths as people type them: whatever was typed, asking about it raises nothing."""

from __future__ import annotations

import os
from pathlib import Path


def typed_path(text: str | Path) -> Path:
    """The absolute path that was meant; ~ is the home of a person, and part of a name where there is no such person."""
    return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111  # Path.expanduser raises RuntimeError there


def is_there(path: Path) -> bool:
    """Whether a file or folder is there, as far as one may look. A name that no disk could hold is not there."""
    return os.path.exists(path)  # noqa: PTH110  # Path.exists raises where it may not look, and for a long name
