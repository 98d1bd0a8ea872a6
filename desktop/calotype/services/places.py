"""Where everything of Calotype lies on this computer: what stays when the program is removed, and where to find it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.folders import DataFolder
from calotype.startup.data_root import default_root
from calotype.startup.program import is_portable, program_folder
from calotype.startup.typed_paths import typed_path


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of an installation. `program` is None when the program runs from its sources."""

    data: DataFolder
    program: Path | None
    is_portable: bool


def places(root: Path | None = None) -> Places:
    """The folders that a start would use now; nothing is made or opened."""
    folder = DataFolder(typed_path(root if root is not None else default_root()))
    return Places(folder, program_folder(), is_portable())
