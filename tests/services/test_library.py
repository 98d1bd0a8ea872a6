"""Pictures of a project are captioned, split, removed and put back."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from noise_pictures import bring_in, noise_picture

from calotype.domain.errors import FolderNotWritableError
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.imagesets.content import content_hash_of
from calotype.imagesets.pixels import load_upright
from calotype.services.library import (
    image_set,
    remove_images,
    resplit,
    restore_images,
    set_caption,
    set_splits,
    thumbnail,
)
from calotype.services.projects import create_project, create_sample_project
from calotype.services.workspace import Workspace

SAMPLE = Path(str(files("calotype_resources"))) / "sample"


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def test_that_a_caption_is_written_to_disk_and_read_back_after_edits_by_hand(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    image = image_set(workspace, project).images[0]

    changed = set_caption(workspace, project, image, "  zorbi, asleep\n")
    on_disk = image.path.with_suffix(".txt").read_text()
    image.path.with_suffix(".txt").write_text("zorbi, by hand\n")

    assert (changed.caption, on_disk) == ("zorbi, asleep", "zorbi, asleep")
    assert image_set(workspace, project).images[0].caption == "zorbi, by hand"


def test_that_a_picture_deleted_by_hand_is_not_in_the_set(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    image_set(workspace, project).images[0].path.unlink()

    assert len(image_set(workspace, project).images) == 17


def test_that_a_split_set_by_hand_is_stored_with_the_project(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    image = image_set(workspace, project).images[0]

    set_splits(workspace, project, {image.content_hash: Split.VALIDATION})

    assert len(image_set(workspace, project).held_out) == 5
    stored = json.loads((project.folder / "set.json").read_text())["images"]
    assert [entry["split"] for entry in stored].count("validation") == 5


def test_that_a_set_can_be_split_anew(workspace: Workspace) -> None:
    project = create_sample_project(workspace)

    resplit(workspace, project)

    assert len(image_set(workspace, project).held_out) == 3  # about 15 % of 18


def test_that_removed_images_come_back_in_their_places(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)

    item = remove_images(workspace, project, before.images[2:5])
    meanwhile = image_set(workspace, project)
    restore_images(workspace, project, item)

    assert item.count == 3 and len(meanwhile.images) == 15
    assert not any(image.path.exists() for image in before.images[2:5] if image in meanwhile.images)
    assert image_set(workspace, project) == before


def test_that_a_removed_image_that_was_added_again_meanwhile_is_there_once(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)

    item = remove_images(workspace, project, before.images[:1])
    bring_in(workspace, project, SAMPLE / "zorbi-01.png")
    restore_images(workspace, project, item)

    hashes = [image.content_hash for image in image_set(workspace, project).images]
    assert sorted(hashes) == sorted(image.content_hash for image in before.images)


def test_that_a_removed_image_comes_back_beside_another_that_has_taken_its_name(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    for folder, seed in (("one", 1), ("other", 2)):
        (tmp_path / folder).mkdir()
        noise_picture(seed).save(tmp_path / folder / "cat.png")
        (tmp_path / folder / "cat.txt").write_text(f"cat {folder}")
    bring_in(workspace, project, tmp_path / "one")
    first = image_set(workspace, project).images

    item = remove_images(workspace, project, first)
    bring_in(workspace, project, tmp_path / "other")
    restore_images(workspace, project, item)
    both = image_set(workspace, project).images

    assert {image.caption for image in both} == {"cat one", "cat other"}
    assert len({image.path for image in both}) == 2
    assert {content_hash_of(image.path) for image in both} == {image.content_hash for image in both}

    remove_images(workspace, project, first)  # as they were called before

    assert [image.caption for image in image_set(workspace, project).images] == ["cat other"]


def test_that_images_that_cannot_be_removed_all_stay(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)
    (project.folder / "set.json").unlink()
    (project.folder / "set.json").mkdir()

    with pytest.raises(FolderNotWritableError):
        remove_images(workspace, project, before.images[:3])

    assert image_set(workspace, project) == before


def test_that_a_deleted_thumbnail_is_made_again(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    image = image_set(workspace, project).images[0]
    first = thumbnail(workspace, image)
    first.unlink()

    again = thumbnail(workspace, image)

    assert again == first
    assert load_upright(again).pixels.size == (256, 256)


def test_that_a_picture_deleted_by_hand_can_be_imported_again(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)
    before.images[3].path.unlink()

    create_sample_project(workspace)

    after = image_set(workspace, project)
    assert {i.content_hash: i.split for i in after.images} == {i.content_hash: i.split for i in before.images}
