"""What a person chooses for pictures is kept, outlives the index, and excluded pictures take no part."""

from __future__ import annotations

from dataclasses import replace

from calotype.domain.buckets import TrainingSize
from calotype.domain.imageset import Project, Split
from calotype.domain.readiness import FindingKind
from calotype.services import large_sets
from calotype.services.library import image_set, save_choices, set_splits
from calotype.services.set_checks import Seen, find_readiness
from calotype.services.workspace import Workspace, close_workspace, open_workspace


def test_that_choices_are_kept_and_found_again_without_the_index(workspace: Workspace, sample: Project) -> None:
    first, second = image_set(workspace, sample).images[:2]
    save_choices(workspace, sample, [replace(first, rating=4, repeats=3), replace(second, is_excluded=True)])
    kept = image_set(workspace, sample).images[:2]

    assert [(image.rating, image.repeats, image.is_excluded) for image in kept] == [(4, 3, False), (0, 1, True)]

    close_workspace(workspace)
    workspace.folder.database.write_bytes(b"not an index any more" * 64)
    reopened = open_workspace(workspace.folder.root)
    try:
        assert image_set(reopened, sample).images[:2] == kept
    finally:
        close_workspace(reopened)


def test_that_a_choice_leaves_what_was_chosen_elsewhere_meanwhile(workspace: Workspace, sample: Project) -> None:
    seen_by_the_window = image_set(workspace, sample).training[0]
    set_splits(workspace, sample, {seen_by_the_window.content_hash: Split.VALIDATION})

    large_sets.choose(workspace, sample, [replace(seen_by_the_window, rating=5)], {"rating"})

    (image,) = [i for i in image_set(workspace, sample).images if i.content_hash == seen_by_the_window.content_hash]
    assert (image.rating, image.split) == (5, Split.VALIDATION)


def test_that_excluded_pictures_are_neither_learned_from_nor_judged(workspace: Workspace, sample: Project) -> None:
    before = image_set(workspace, sample)
    excluded = [replace(image, is_excluded=True) for image in before.images if image.split is Split.VALIDATION]
    save_choices(workspace, sample, excluded)
    after = image_set(workspace, sample)

    assert len(after.images) == len(before.images)
    assert after.held_out == ()
    assert {image.content_hash for image in after.included.images} == {i.content_hash for i in before.training}
    assert FindingKind.NOTHING_HELD_OUT in {
        finding.kind for finding in find_readiness(workspace, after, TrainingSize(64), Seen()).findings
    }


def test_that_a_finding_names_its_pictures(workspace: Workspace, sample: Project) -> None:
    pictures = image_set(workspace, sample)
    small = next(
        f
        for f in find_readiness(workspace, pictures, TrainingSize(4096), Seen()).findings
        if f.kind is FindingKind.SMALLER_THAN_TRAINING
    )

    assert small.images == {image.content_hash for image in pictures.images}
