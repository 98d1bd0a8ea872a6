"""Sets are judged, and what a finding is about can be put right at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.buckets import TrainingSize
from calotype.domain.control import Control
from calotype.domain.image_issues import ImageIssue
from calotype.domain.imageset import ImageSet, Project, SubjectKind
from calotype.domain.models import STARTER_ID, ModelFamily
from calotype.domain.readiness import FindingKind, Readiness, ReadinessVerdict
from calotype.domain.readiness_words import finding_text
from calotype.services.image_examination import examine_images, known_facts
from calotype.services.library import image_set, import_images
from calotype.services.model_catalog import find_base_model
from calotype.services.projects import create_project, create_sample_project
from calotype.services.set_checks import Seen, expected_size, find_readiness
from calotype.services.workspace import Workspace

MakeRun = Callable[..., object]
STARTER = TrainingSize(128, 32)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _six_pictures(workspace: Workspace, project: Project, tmp_path: Path) -> ImageSet:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((96, 96), Image.Resampling.BICUBIC).save(folder / f"cat{number}.png")
    list(import_images(workspace, project, [folder], Control()))
    return image_set(workspace, project)


def _counts(readiness: Readiness) -> dict[FindingKind, int]:
    return {finding.kind: finding.count for finding in readiness.findings}


def test_that_readiness_names_what_is_missing(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    empty = find_readiness(workspace, image_set(workspace, project), STARTER, Seen())

    few = find_readiness(workspace, _six_pictures(workspace, project, tmp_path), TrainingSize(512), Seen())

    assert (empty.verdict, _counts(empty)) == (ReadinessVerdict.NOT_YET, {FindingKind.TOO_FEW_IMAGES: 4})
    assert few.verdict is ReadinessVerdict.WILL_WORK
    assert _counts(few) == {
        FindingKind.FEW_IMAGES: 6,
        FindingKind.SMALLER_THAN_TRAINING: 6,
        FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY: 6,
        FindingKind.VIEWS_NOT_NAMED: 1,
    }
    assert set(few.issues.values()) == {frozenset({ImageIssue.TOO_SMALL})}


def test_that_the_sample_is_ready_once_its_pictures_were_looked_at(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    pictures = image_set(workspace, project)
    list(examine_images(workspace, pictures, Control()))

    seen = Seen(known_facts(workspace, pictures))
    readiness = find_readiness(workspace, pictures, STARTER, seen)

    assert readiness.verdict is ReadinessVerdict.READY
    assert readiness.looked_at == 18
    assert readiness.issues == {}
    assert len(readiness.coverage.backdrops) > 5


def test_that_captions_that_the_model_does_not_read_to_their_ends_are_named(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    pictures = _six_pictures(workspace, project, tmp_path)
    tags = ["tomcat", *(f"tag {number}" for number in range(12))]  # 38 tokens: Starter reads 30, the others 75
    long = replace(pictures.images[2], caption=", ".join(tags))
    pictures = replace(pictures, images=(*pictures.images[:2], long, *pictures.images[3:]))
    starter = find_base_model(workspace, STARTER_ID)

    for_starter = find_readiness(workspace, pictures, STARTER, Seen())
    for_another = find_readiness(workspace, pictures, STARTER, Seen(), replace(starter, family=ModelFamily.SD1))

    [found] = [finding for finding in for_starter.findings if finding.kind is FindingKind.CAPTION_TOO_LONG]
    assert found.images == {long.content_hash}
    assert finding_text(found) == "1 caption is longer than Starter reads."
    assert FindingKind.CAPTION_TOO_LONG not in _counts(for_another)


def test_that_a_picture_that_cannot_be_read_blocks_until_it_is_left_out(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    pictures = _six_pictures(workspace, project, tmp_path)
    seen = Seen(unreadable={pictures.images[2].content_hash})
    out = replace(pictures.images[2], is_excluded=True)

    before = find_readiness(workspace, pictures, STARTER, seen)
    after = find_readiness(workspace, replace(pictures, images=(*pictures.images[:2], out)), STARTER, seen)

    assert before.verdict is ReadinessVerdict.NOT_YET and _counts(before)[FindingKind.UNREADABLE] == 1
    assert FindingKind.UNREADABLE not in _counts(after)


def test_that_sizes_are_judged_as_the_project_was_trained_last(
    workspace: Workspace, sample: Project, make_run: MakeRun
) -> None:
    before = expected_size(workspace, sample)
    make_run("small", settings={"resolution_px": "192"})

    assert (before, expected_size(workspace, sample)) == (STARTER, TrainingSize(192, 32))


def test_that_sizes_are_those_of_the_starter_if_the_last_model_is_gone(
    workspace: Workspace, sample: Project, make_run: MakeRun
) -> None:
    make_run("gone", settings={"resolution_px": "1024"})
    with workspace.database.transaction() as connection:
        connection.execute("UPDATE runs SET plan = replace(plan, '\"starter\"', '\"nowhere\"')")

    assert expected_size(workspace, sample) == STARTER


def test_that_a_near_duplicate_is_named_with_the_one_that_it_looks_like(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    pictures = _six_pictures(workspace, project, tmp_path)
    original = pictures.images[0]
    with Image.open(original.path) as opened:
        opened.resize((90, 90), Image.Resampling.LANCZOS).save(tmp_path / "again.png")
    list(import_images(workspace, project, [tmp_path / "again.png"], Control()))
    again = image_set(workspace, project)

    readiness = find_readiness(workspace, again, STARTER, Seen())

    assert readiness.issues[again.images[6].content_hash] >= {ImageIssue.NEAR_DUPLICATE}
    assert readiness.look_alikes == {original.content_hash, again.images[6].content_hash}
