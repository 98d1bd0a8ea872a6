"""Whether a set is fit to train on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from calotype.diffusion.prompt_length import cut_text
from calotype.domain.buckets import TrainingSize
from calotype.domain.control import Control
from calotype.domain.courtesy import courteous
from calotype.domain.errors import BaseModelError, ProjectBusyError
from calotype.domain.events import ImagesCompared, SidesChosen
from calotype.domain.image_facts import ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import ImageSet, Project
from calotype.domain.look_alikes import AlikePair, near_duplicate_groups
from calotype.domain.models import STARTER_ID, BaseModelCard
from calotype.domain.readiness import Readiness, judge_readiness
from calotype.services import large_sets, model_catalog
from calotype.services.linked_pictures import find_missing
from calotype.services.look_alikes import alike_pairs, compare, known_pairs
from calotype.services.sides import choose_waiting
from calotype.services.workspace import Workspace
from calotype.storage import runs

_MOST_READ = 20_000  # captions: to read those of larger sets, to tell how long they are, takes minutes


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found by looking at pictures, by content hash."""

    facts: Mapping[str, ImageFacts] = field(default_factory=dict)
    unreadable: Collection[str] = ()


def expected_size(workspace: Workspace, project: Project) -> TrainingSize:
    """The size that a project was trained at last; of the model that ships, before its first run or if that is gone."""
    return _expected(workspace, project)[1]


def _expected(workspace: Workspace, project: Project) -> tuple[BaseModelCard, TrainingSize]:
    newest = next(iter(runs.runs_of_project(workspace.database, project.id, workspace.folder.projects)), None)
    if newest is not None:
        try:
            card = model_catalog.find_base_model(workspace, newest.plan.base_model)
        except BaseModelError:
            pass
        else:
            return card, replace(card.training_size, resolution_px=newest.plan.resolution_px)
    starter = model_catalog.find_base_model(workspace, STARTER_ID)
    return starter, starter.training_size


def find_readiness(
    workspace: Workspace, image_set: ImageSet, size: TrainingSize, seen: Seen, card: BaseModelCard | None = None
) -> Readiness:
    """Judge a set by what is known of it now; that compares all pictures, so call it off the UI thread.

    `card`: the base model that would read its captions, otherwise the one that is expected.
    """
    reader = card or _expected(workspace, image_set.project)[0]
    return _judged(image_set, size, seen, alike_pairs(workspace, image_set.project), reader)


def judge(
    workspace: Workspace, image_set: ImageSet, seen: Seen, control: Control
) -> Iterator[ImagesCompared | SidesChosen | Readiness]:
    """Compare what was not compared yet, telling how far that is, and then judge a set by what is known of it.

    When stopped, nothing is judged, and what was compared is kept. Sides that waited for comparing are chosen before,
    and then the set is judged as it is with them.
    """
    yield from compare(workspace, image_set.project, control)
    if not control.is_stopping:
        if _chose_waiting(workspace, image_set.project):
            yield SidesChosen()
            image_set = large_sets.indexed_set(workspace, image_set.project)
        card, size = _expected(workspace, image_set.project)
        yield _judged(image_set, size, seen, known_pairs(workspace, image_set.project), card)


def _chose_waiting(workspace: Workspace, project: Project) -> bool:
    try:
        return choose_waiting(workspace, project)
    except ProjectBusyError:
        return False  # an import chooses them at its end


def _judged(
    image_set: ImageSet, size: TrainingSize, seen: Seen, alike: Sequence[AlikePair], reader: BaseModelCard
) -> Readiness:
    groups = near_duplicate_groups(image_set.included.images, alike)
    missing = find_missing(image_set)
    evidence = Evidence(seen.facts, groups, seen.unreadable, alike, missing, _cut(image_set, reader), reader.name)
    return judge_readiness(image_set, size, evidence)


def _cut(image_set: ImageSet, reader: BaseModelCard) -> frozenset[str]:
    images = image_set.included.images
    if len(images) > _MOST_READ:
        return frozenset()
    return frozenset(image.content_hash for image in courteous(images) if cut_text(image.caption, reader.family))
