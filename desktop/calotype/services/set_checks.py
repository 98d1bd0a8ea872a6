"""Whether a set is fit to train on, and what can be put right at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from calotype.domain.buckets import TrainingSize
from calotype.domain.captions import with_word
from calotype.domain.image_facts import ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import CaptionedImage, ImageSet
from calotype.domain.look_alikes import near_duplicate_groups
from calotype.domain.readiness import Readiness, judge_readiness
from calotype.services import library
from calotype.services.look_alikes import alike_pairs
from calotype.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found by looking at pictures, by content hash."""

    facts: Mapping[str, ImageFacts] = field(default_factory=dict)
    unreadable: Collection[str] = ()


def find_readiness(workspace: Workspace, image_set: ImageSet, size: TrainingSize, seen: Seen) -> Readiness:
    """Judge a set by what is known of it now; that compares all pictures, so call it off the UI thread."""
    alike = alike_pairs(workspace, image_set.project)
    groups = near_duplicate_groups(image_set.included.images, alike)
    near = [other for group in groups for other in group.others]
    return judge_readiness(image_set, size, Evidence(seen.facts, near, seen.unreadable, alike))


def add_trigger_word(
    workspace: Workspace, image_set: ImageSet, content_hashes: Collection[str]
) -> Iterator[CaptionedImage]:
    """Put the project's trigger word before these captions, unless they have it; yields each changed image.

    Raises FolderNotWritableError or DiskFullError.
    """
    project, wanted = image_set.project, frozenset(content_hashes)
    for image in image_set.images:
        caption = with_word(image.caption, project.trigger_word)
        if image.content_hash in wanted and caption != image.caption:
            yield library.set_caption(workspace, project, image, caption)


def leave_out(workspace: Workspace, image_set: ImageSet, content_hashes: Collection[str]) -> list[CaptionedImage]:
    """Exclude these pictures from training and from checking; they stay in the set. The changed images come back."""
    wanted = frozenset(content_hashes)
    chosen = [image for image in image_set.images if image.content_hash in wanted and not image.is_excluded]
    changed = [replace(image, is_excluded=True) for image in chosen]
    library.save_choices(workspace, image_set.project, changed)
    return changed
