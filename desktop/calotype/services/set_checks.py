"""Whether a set is fit to train on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from calotype.domain.buckets import TrainingSize
from calotype.domain.errors import BaseModelError
from calotype.domain.image_facts import ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import ImageSet, Project
from calotype.domain.look_alikes import near_duplicate_groups
from calotype.domain.models import STARTER_ID
from calotype.domain.readiness import Readiness, judge_readiness
from calotype.services import model_catalog
from calotype.services.linked_pictures import find_missing
from calotype.services.look_alikes import alike_pairs
from calotype.services.workspace import Workspace
from calotype.storage import runs


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found by looking at pictures, by content hash."""

    facts: Mapping[str, ImageFacts] = field(default_factory=dict)
    unreadable: Collection[str] = ()


def expected_size(workspace: Workspace, project: Project) -> TrainingSize:
    """The size that a project was trained at last; of the model that ships, before its first run or if that is gone."""
    newest = next(iter(runs.runs_of_project(workspace.database, project.id, workspace.folder.projects)), None)
    if newest is not None:
        try:
            card = model_catalog.find_base_model(workspace, newest.plan.base_model)
        except BaseModelError:
            pass
        else:
            return replace(card.training_size, resolution_px=newest.plan.resolution_px)
    return model_catalog.find_base_model(workspace, STARTER_ID).training_size


def find_readiness(workspace: Workspace, image_set: ImageSet, size: TrainingSize, seen: Seen) -> Readiness:
    """Judge a set by what is known of it now; that compares all pictures, so call it off the UI thread."""
    alike = alike_pairs(workspace, image_set.project)
    groups = near_duplicate_groups(image_set.included.images, alike)
    missing = find_missing(image_set)
    return judge_readiness(image_set, size, Evidence(seen.facts, groups, seen.unreadable, alike, missing))
