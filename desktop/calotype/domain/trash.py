"""What was removed and can be put back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrashedItem:
    """A project, or some of its images, in the trash of the data folder."""

    folder: Path
    name: str  # of the project, or of the image if it is one
    count: int  # how many things were removed
