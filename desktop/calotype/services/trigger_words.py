"""A project's trigger word in its captions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.domain.imageset import CaptionedImage, Project
from calotype.services.library import image_set, set_caption
from calotype.services.workspace import Workspace


def replace_trigger_word(
    workspace: Workspace, project: Project, old_word: str
) -> Iterator[tuple[CaptionedImage, CaptionedImage]]:
    """Write the project's trigger word wherever a caption has the old one as a word; yields each as it was and is.

    Without this, a project that is renamed after its import would train on captions that never call it.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(old_word)}(?!\w)", re.IGNORECASE)
    for image in image_set(workspace, project).images:
        caption = pattern.sub(lambda _: project.trigger_word, image.caption)
        if caption != image.caption:
            yield image, set_caption(workspace, project, image, caption)
