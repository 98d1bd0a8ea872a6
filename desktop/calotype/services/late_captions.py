"""The caption beside a copy of a picture is not lost: it goes to the picture, if that came in without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from calotype.domain.imageset import CaptionedImage, Project
from calotype.imagesets.copies import PreparedPicture
from calotype.imagesets.picture_words import PictureWords
from calotype.imagesets.project_folder import caption_path
from calotype.services.workspace import Workspace
from calotype.storage import image_sets
from calotype.storage.files import write_atomically


class LateCaptions:
    """The pictures of one import that wait for words: a person wrote none beside the file that came first."""

    def __init__(self, workspace: Workspace, project: Project) -> None:
        self._workspace = workspace
        self._project = project
        self._waiting: dict[str, Path] = {}  # by content hash

    def note(self, image: CaptionedImage, words: PictureWords) -> None:
        """A picture came in."""
        if words.caption is None or words.is_made:
            self._waiting[image.content_hash] = image.path

    def take(self, copy: PreparedPicture, not_recorded: list[CaptionedImage]) -> str:
        """Give the words of a copy to its picture; return its content hash, or nothing if it wants none.

        `not_recorded`: pictures that the index does not know yet; they are changed in place.
        """
        key, caption = copy.content_hash, copy.words.caption
        if not caption or copy.words.is_made or key not in self._waiting:
            return ""
        write_atomically(caption_path(self._waiting.pop(key)), caption.encode("utf-8"), is_durable=False)
        for place, image in enumerate(not_recorded):
            if image.content_hash == key:
                not_recorded[place] = replace(image, caption=caption)
                return key
        image_sets.set_caption(self._workspace.database, self._project, key, caption)
        return key
