"""Writing `set.json` of a project whole."""

from __future__ import annotations

from collections.abc import Iterable

from calotype.domain.imageset import CaptionedImage, Project
from calotype.imagesets.project_folder import SET_FILE, SET_IS_OLD_FILE, set_text
from calotype.storage.files import write_text_atomically


def save_set(project: Project, images: Iterable[CaptionedImage]) -> None:
    """Write `set.json`. Call it inside a transaction, so that two writers never overtake each other."""
    write_text_atomically(project.folder / SET_FILE, set_text(images))
    (project.folder / SET_IS_OLD_FILE).unlink(missing_ok=True)
