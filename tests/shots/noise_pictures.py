"""Small pictures of coloured noise, each unlike the others, and bringing them into a project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.events import FileRefused, ImportEvent
from calotype.domain.imageset import Project
from calotype.services.library import import_images
from calotype.services.workspace import Workspace


def noise_picture(seed: int, side_px: int = 96) -> Image.Image:
    """A square picture; another seed shows something else."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((side_px, side_px), Image.Resampling.BICUBIC)


def noise_file(path: Path, seed: int = 1) -> Path:
    """Such a picture in a file, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise_picture(seed).save(path)
    return path


def noise_folder(tmp_path: Path, count: int) -> Path:
    """A folder with cat0.png, cat1.png, …"""
    for number in range(count):
        noise_file(tmp_path / "pictures" / f"cat{number}.png", number)
    return tmp_path / "pictures"


def bring_in(workspace: Workspace, project: Project, *paths: Path) -> list[ImportEvent]:
    """Import files, folders and zips as a drop does."""
    return list(import_images(workspace, project, paths, Control()))


def reasons_by_name(events: list[ImportEvent]) -> dict[str, str]:
    """The reasons by the names of what was left out."""
    return {event.name: event.reason for event in events if isinstance(event, FileRefused)}
