"""What was removed and can be put back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrashedItem:
    """A project, some of its images, or a LoRA, in the trash of the data folder."""

    folder: Path
    name: str  # of the project or LoRA, or of the image if it is one
    count: int  # how many things were removed
