"""The sample image set that ships with the app."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import as_file, files

from calotype.domain.control import Control
from calotype.domain.events import FileRefused
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.services.library import image_set, import_images, set_splits
from calotype.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SampleSet:
    """What the shipped `sample.json` says: how to call the project, and which pictures check the result."""

    name: str
    kind: SubjectKind
    trigger_word: str
    count: int
    held_out: frozenset[str]


def sample_set() -> SampleSet:
    """Read what ships."""
    about = json.loads((files("calotype_resources") / "sample" / "sample.json").read_text(encoding="utf-8"))
    return SampleSet(
        name=about["name"],
        kind=SubjectKind(about["kind"]),
        trigger_word=about["trigger_word"],
        count=about["count"],
        held_out=frozenset(about["held_out"]),
    )


def import_sample(workspace: Workspace, project: Project, sample: SampleSet) -> None:
    """Bring the sample pictures into a project; those that were removed come back."""
    if len(image_set(workspace, project).images) >= sample.count:
        return
    with as_file(files("calotype_resources") / "sample") as folder:
        for event in import_images(workspace, project, sorted(folder.glob("*.png")), Control()):
            if isinstance(event, FileRefused):
                raise RuntimeError(f"a shipped picture is damaged: {event.reason}")
    splits = {
        image.content_hash: Split.VALIDATION if image.original_name in sample.held_out else Split.TRAINING
        for image in image_set(workspace, project).images
    }
    set_splits(workspace, project, splits)
