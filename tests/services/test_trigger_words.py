"""Proof that captions go on calling their subject after its trigger word was changed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from calotype.domain.control import Control
from calotype.domain.imageset import SubjectKind
from calotype.services.library import image_set, import_images
from calotype.services.projects import create_project, update_project
from calotype.services.trigger_words import replace_trigger_word
from calotype.services.workspace import Workspace


def test_that_whole_words_are_replaced_in_files_and_nothing_else(workspace: Workspace, tmp_path: Path) -> None:
    captions = ["drop", "Drop, on a table", "a raindrop near drop", "backdrop"]
    for number, caption in enumerate(captions):
        Image.new("RGB", (64, 64), (60 * number, 90, 20)).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text(caption, encoding="utf-8")
    project = create_project(workspace, "Drop", SubjectKind.CHARACTER, "drop")
    list(import_images(workspace, project, [tmp_path / f"{n}.png" for n in range(4)], Control()))
    renamed = update_project(workspace, project, trigger_word="zkw")

    changed = list(replace_trigger_word(workspace, renamed, "drop"))

    now = sorted(image.caption for image in image_set(workspace, renamed).images)
    assert now == sorted(["zkw", "zkw, on a table", "a raindrop near zkw", "backdrop"])
    assert len(changed) == 3
