"""A folder that was brought in is looked at again: new, edited, renamed and vanished files, and none of it unasked."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import DiskFullError, LinkedPicturesChangedError
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.domain.origins import FolderChanges
from calotype.services import library, picture_replacement
from calotype.services.folder_changes import keep_without_files, look_again, take_in_new
from calotype.services.linked_pictures import require_present
from calotype.services.picture_replacement import put_back_replaced, replace_changed
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

NOTHING = FolderChanges()


@pytest.fixture(params=[False, True], ids=["copied", "linked"])
def options(request: pytest.FixtureRequest) -> ImportOptions:
    return ImportOptions(is_linked=request.param)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


@pytest.fixture
def folder(workspace: Workspace, project: Project, tmp_path: Path, options: ImportOptions) -> Path:
    """Eight pictures and a broken one, brought in."""
    folder = tmp_path / "cats"
    for number in range(8):
        _draw(folder / f"cat{number}.png", number)
    (folder / "torn.png").write_bytes(b"\x89PNG")
    list(library.import_images(workspace, project, [folder], Control(), options))
    return folder


def _draw(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((64, 48), Image.Resampling.BICUBIC).save(path)
    return path


def _images(workspace: Workspace, project: Project) -> dict[str, CaptionedImage]:
    return {image.original_name: image for image in library.image_set(workspace, project).images}


def test_that_an_untouched_folder_has_no_news(workspace: Workspace, project: Project, folder: Path) -> None:
    os.utime(folder / "cat1.png", ns=(1, 1))  # touched and not edited

    assert look_again(workspace, project) == NOTHING
    assert look_again(workspace, project).is_nothing


def test_that_new_files_come_in_as_their_folder_did(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    fresh = [_draw(folder / "new.png", 50), _draw(folder / "10_deeper cats" / "newer.png", 51)]
    (folder / "new.txt").write_text("a new cat")

    changes = look_again(workspace, project)
    assert changes == FolderChanges(new=(fresh[0], fresh[1]))
    list(take_in_new(workspace, project, changes.new, Control()))

    images = _images(workspace, project)
    assert (images["new.png"].caption, images["newer.png"].repeats) == ("a new cat", 10)
    assert (images["new.png"].linked_to == fresh[0]) is options.is_linked
    assert look_again(workspace, project) == NOTHING


def test_that_an_edited_file_takes_the_place_of_its_old_picture_and_goes_back(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    before = _images(workspace, project)
    old = replace(before["cat3.png"], split=Split.VALIDATION, rating=4, repeats=3)
    library.save_choices(workspace, project, [old])
    library.set_caption(workspace, project, old, "tomcat, by hand")
    _draw(folder / "cat3.png", 60)

    changes = look_again(workspace, project)
    assert [(file.path, file.content_hash) for file in changes.changed] == [(folder / "cat3.png", old.content_hash)]
    replacement = replace_changed(workspace, project, changes.changed)

    images = library.image_set(workspace, project).images
    new = images[3]
    assert new.content_hash == replacement.new[0] != old.content_hash
    assert (new.caption, new.split, new.rating, new.repeats) == ("tomcat, by hand", Split.VALIDATION, 4, 3)
    assert library.thumbnail(workspace, new).is_file() and new.pixels_path.is_file()
    assert look_again(workspace, project) == NOTHING

    put_back_replaced(workspace, project, replacement)
    assert [image.content_hash for image in library.image_set(workspace, project).images][3] == old.content_hash


def test_that_a_full_disk_while_replacing_brings_everything_back(
    workspace: Workspace, project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.image_set(workspace, project)
    files = sorted(path.name for path in project.images_folder.iterdir())
    for number in (1, 2):
        _draw(folder / f"cat{number}.png", 70 + number)
    changes = look_again(workspace, project)
    calls = 0

    def full(path: Path, data: bytes, *, is_durable: bool = True) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise DiskFullError(path.name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    monkeypatch.setattr(picture_replacement, "write_atomically", full)
    with pytest.raises(DiskFullError):
        replace_changed(workspace, project, changes.changed)

    assert library.image_set(workspace, project) == before
    assert sorted(path.name for path in project.images_folder.iterdir()) == files


def test_that_a_vanished_file_is_told_and_its_copy_kept(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    image = _images(workspace, project)["cat5.png"]
    (folder / "cat5.png").unlink()

    changes = look_again(workspace, project)

    gone = (image.content_hash,)
    expected = FolderChanges(missing=gone) if options.is_linked else FolderChanges(vanished=gone)
    assert changes == expected
    assert len(_images(workspace, project)) == 8
    if not options.is_linked:
        keep_without_files(project, [image])
        assert look_again(workspace, project) == NOTHING


def test_that_a_picture_is_not_gone_while_a_copy_of_its_file_lies_there(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    shutil.copyfile(folder / "cat5.png", folder / "copy of cat5.png")
    list(take_in_new(workspace, project, [folder / "copy of cat5.png"], Control()))
    (folder / "cat5.png").unlink()

    changes = look_again(workspace, project)

    assert changes.vanished == () and len(changes.missing) == int(options.is_linked)


def test_that_an_edited_duplicate_is_a_new_picture(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    twin = shutil.copyfile(folder / "cat5.png", folder / "copy of cat5.png")
    list(take_in_new(workspace, project, [twin], Control()))
    _draw(twin, 90)

    changes = look_again(workspace, project)
    list(take_in_new(workspace, project, changes.new, Control()))

    assert changes == FolderChanges(new=(twin,))
    assert len(_images(workspace, project)) == 9
    assert look_again(workspace, project) == NOTHING


def test_that_a_file_written_over_with_another_picture_of_the_set_replaces_nothing(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    lost = _images(workspace, project)["cat5.png"]
    shutil.copyfile(folder / "cat6.png", folder / "cat5.png")

    changes = look_again(workspace, project)

    assert changes == (FolderChanges(missing=(lost.content_hash,)) if options.is_linked else NOTHING)
    assert len(_images(workspace, project)) == 8


def test_that_a_linked_picture_that_was_put_back_is_known_to_differ_from_its_file(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    _draw(folder / "cat3.png", 60)
    replacement = replace_changed(workspace, project, look_again(workspace, project).changed)
    put_back_replaced(workspace, project, replacement)

    assert [file.path for file in look_again(workspace, project).changed] == [folder / "cat3.png"]
    if options.is_linked:
        with pytest.raises(LinkedPicturesChangedError):
            require_present(library.image_set(workspace, project))
    else:
        require_present(library.image_set(workspace, project))


def test_that_a_renamed_file_is_neither_new_nor_gone(
    workspace: Workspace, project: Project, folder: Path, options: ImportOptions
) -> None:
    (folder / "best").mkdir()
    (folder / "cat2.png").rename(folder / "best" / "renamed.png")

    assert look_again(workspace, project) == NOTHING

    image = _images(workspace, project)["cat2.png"]
    assert image.pixels_path.is_file()
    assert (image.linked_to == folder / "best" / "renamed.png") is options.is_linked
    assert look_again(workspace, project) == NOTHING


def test_that_a_file_that_could_not_be_used_is_new_once_it_can(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    _draw(folder / "torn.png", 80)

    changes = look_again(workspace, project)
    list(take_in_new(workspace, project, changes.new, Control()))

    assert changes.new == (folder / "torn.png",)
    assert "torn.png" in _images(workspace, project)


def test_that_a_picture_removed_here_does_not_come_back_as_new(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    library.remove_images(workspace, project, [_images(workspace, project)["cat0.png"]])

    assert look_again(workspace, project) == NOTHING


def test_that_nothing_is_gone_while_a_drive_is_away(workspace: Workspace, project: Project, folder: Path) -> None:
    shutil.move(folder, folder.with_name("away"))

    assert look_again(workspace, project) == FolderChanges(unreachable=(folder,))
    assert len(_images(workspace, project)) == 8

    shutil.move(folder.with_name("away"), folder)
    assert look_again(workspace, project) == NOTHING


def test_that_damaged_notes_about_folders_cost_nothing_else(
    workspace: Workspace, project: Project, folder: Path
) -> None:
    (project.folder / "origins.jsonl").write_text('{"schema": 1, "folders": [{"path": 5}]\n["torn')

    assert look_again(workspace, project) == NOTHING
    assert len(_images(workspace, project)) == 8


def test_that_a_copy_in_the_project_that_another_program_edits_is_noticed(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    list(library.import_images(workspace, project, [_draw(tmp_path / "single.png", 1)], Control()))
    (old,) = library.image_set(workspace, project).images
    library.set_caption(workspace, project, old, "tomcat, asleep")
    assert look_again(workspace, project) == NOTHING
    _draw(old.path, 2)

    changes = look_again(workspace, project)
    assert [file.path for file in changes.changed] == [old.path]
    replacement = replace_changed(workspace, project, changes.changed)

    (new,) = library.image_set(workspace, project).images
    assert new.content_hash != old.content_hash and new.caption == "tomcat, asleep"
    assert look_again(workspace, project) == NOTHING
    put_back_replaced(workspace, project, replacement)
    assert [image.content_hash for image in library.image_set(workspace, project).images] == [old.content_hash]
