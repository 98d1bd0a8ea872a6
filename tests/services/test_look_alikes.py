"""Near-duplicates of a project: found once, remembered, and compared again when pictures come back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from subject_shots import as_jpeg, resized, shots, subjects

from calotype.domain.control import Control, Stop
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.imagesets import near_duplicates
from calotype.services import library, look_alikes
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace
from calotype.storage.image_sets import list_images


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Mug", SubjectKind.PRODUCT, "mug")


@pytest.fixture
def taken() -> list[Image.Image]:
    """Five shots of one thing."""
    return list(shots(4, subjects(1)[0], 256).values())


def _import(workspace: Workspace, project: Project, folder: Path, pictures: Sequence[Image.Image]) -> ImageSet:
    folder.mkdir()
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number}.png")
    list(library.import_images(workspace, project, [folder], Control()))
    return library.image_set(workspace, project)


def _named(pictures: ImageSet, content_hashes: Sequence[str]) -> list[str]:
    names = {image.content_hash: image.original_name for image in pictures.images}
    return [names[content_hash] for content_hash in content_hashes]


def test_that_copies_are_gathered_around_the_largest(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image]
) -> None:
    copies = [as_jpeg(resized(taken[0], 0.5), 60), resized(taken[0], 1.5), ImageOps.mirror(taken[0])]
    pictures = _import(workspace, project, tmp_path / "in", [*taken, *copies])

    groups = library.near_duplicate_groups(workspace, pictures)

    assert [(_named(pictures, [group.best]), _named(pictures, group.others)) for group in groups] == [
        (["6.png"], ["0.png", "5.png", "7.png"])
    ]


def test_that_what_was_compared_is_remembered(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = _import(workspace, project, tmp_path / "in", [taken[0], resized(taken[0], 0.5)])
    monkeypatch.setattr(near_duplicates, "differences", None)  # whatever is laid over another picture now fails

    assert len(library.near_duplicate_groups(workspace, pictures)) == 1


def test_that_pictures_that_come_back_are_compared_with_those_that_came_meanwhile(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image]
) -> None:
    pictures = _import(workspace, project, tmp_path / "in", taken[:2])
    removed = library.remove_images(workspace, project, pictures.images[:1])
    _import(workspace, project, tmp_path / "more", [resized(taken[0], 0.5)])

    library.restore_images(workspace, project, removed)

    assert len(library.near_duplicate_groups(workspace, library.image_set(workspace, project))) == 1


def test_that_pictures_from_before_there_were_signatures_are_compared(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image]
) -> None:
    pictures = _import(workspace, project, tmp_path / "in", [*taken, resized(taken[0], 0.5)])
    with workspace.database.transaction() as connection:
        for table in ("image_signatures", "compared_images", "alike_pairs"):
            connection.execute(f"DELETE FROM {table}")
    for thumbnail in workspace.folder.thumbnails.rglob("*.jpg"):
        thumbnail.unlink()
    pictures.images[1].path.unlink()

    groups = library.near_duplicate_groups(workspace, pictures)

    assert [_named(pictures, group.others) for group in groups] == [["5.png"]]


def test_that_a_comparison_that_was_stopped_goes_on_the_next_time(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image]
) -> None:
    _import(workspace, project, tmp_path / "in", [taken[0], resized(taken[0], 0.5)])
    with workspace.database.transaction() as connection:
        for table in ("image_signatures", "compared_images", "alike_pairs"):
            connection.execute(f"DELETE FROM {table}")
    control = Control()
    control.send(Stop())

    assert look_alikes.alike_pairs(workspace, project, control) == []
    assert len(look_alikes.alike_pairs(workspace, project)) == 1


def test_that_comparing_tells_how_far_it_is_and_stops_between_two_lots(
    workspace: Workspace,
    project: Project,
    tmp_path: Path,
    taken: list[Image.Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _import(workspace, project, tmp_path / "in", taken)
    with workspace.database.transaction() as connection:
        connection.execute("DELETE FROM compared_images")
    monkeypatch.setattr(near_duplicates, "_ROWS", 2)  # pictures in a lot
    control = Control()
    comparing = look_alikes.compare(workspace, project, control)

    shares = [next(comparing).share for _ in range(2)]  # of looking from afar, and of the first lot
    control.send(Stop())

    assert list(comparing) == []
    assert 0 <= shares[0] < shares[1] < 1
    later = [event.share for event in look_alikes.compare(workspace, project, Control())]
    assert later == sorted(later) and later[-1] == 1.0 and len(later) == 3


def test_that_comparing_does_not_wait_for_another_one_when_stopped(workspace: Workspace, project: Project) -> None:
    control = Control()
    with look_alikes._one_at_a_time, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: list(look_alikes.compare(workspace, project, control)))
        control.send(Stop())

        assert waiting.result(timeout=10) == []


def test_that_the_images_of_a_removed_project_leave_nothing_behind(
    workspace: Workspace, project: Project, tmp_path: Path, taken: list[Image.Image]
) -> None:
    pictures = _import(workspace, project, tmp_path / "in", [taken[0], resized(taken[0], 0.5)])

    library.remove_images(workspace, project, pictures.images)

    assert list_images(workspace.database, project) == []
    assert look_alikes.alike_pairs(workspace, project) == []


def test_that_look_alikes_that_were_moved_apart_are_put_together_and_the_rest_stays(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    shot = [picture for subject in subjects(2) for picture in shots(4, subject, 128).values()]
    pictures = _import(workspace, project, tmp_path / "in", [*shot, *(resized(picture, 0.5) for picture in shot)])
    group = next(g for g in library.split_report(workspace, pictures).kept_together if g[0].is_held_out)
    library.set_splits(workspace, project, {group[0].content_hash: Split.TRAINING})

    library.put_together(workspace, project)

    after = library.image_set(workspace, project)
    assert library.split_report(workspace, after).on_both_sides == ()
    assert set(_hashes(pictures.held_out)) - set(_hashes(after.held_out)) == set(_hashes(group))
    assert after.held_out


def _hashes(images: Sequence[CaptionedImage]) -> list[str]:
    return [image.content_hash for image in images]
