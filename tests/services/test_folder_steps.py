"""What was decided about moved and vanished files is taken back, and only that."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import ProjectBusyError
from calotype.domain.imageset import Project, SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.imagesets.origins_file import read_origins
from calotype.services import folder_steps, library
from calotype.services.folder_changes import keep_without_files, look_again
from calotype.services.folder_steps import step_of
from calotype.services.moved_folders import follow_folder, forget_folder
from calotype.services.project_lock import import_lock
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _bring_in(workspace: Workspace, project: Project, folder: Path, seeds: range, *, is_linked: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    for seed in seeds:
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((64, 48), Image.Resampling.BICUBIC).save(folder / f"cat{seed}.png")
    list(library.import_images(workspace, project, [folder], Control(), ImportOptions(is_linked=is_linked)))
    return folder


def test_that_a_forgotten_folder_comes_back_beside_one_that_was_brought_in_since(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = _bring_in(workspace, project, tmp_path / "cats", range(3))
    shutil.move(folder, tmp_path / "elsewhere")
    before = read_origins(project.folder)

    step = step_of(workspace, project, lambda: forget_folder(project, folder))
    other = _bring_in(workspace, project, tmp_path / "dogs", range(3, 5))
    folder_steps.take_back(workspace, project, step)

    after = read_origins(project.folder)
    assert {known.path for known in after.folders} == {folder, other}
    assert before.files.items() <= after.files.items() and other / "cat4.png" in after.files
    assert look_again(workspace, project).unreachable == (folder,)

    folder_steps.do_again(workspace, project, step)

    assert look_again(workspace, project).is_nothing
    assert other / "cat4.png" in read_origins(project.folder).files


def test_that_a_folder_that_was_followed_is_where_it_was_again(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    folder = _bring_in(workspace, project, tmp_path / "cats", range(3), is_linked=True)
    moved = tmp_path / "new drive"
    shutil.move(folder, moved)

    step = step_of(workspace, project, lambda: follow_folder(workspace, project, folder, moved))
    assert {image.pixels_path.parent for image in library.image_set(workspace, project).images} == {moved}
    folder_steps.take_back(workspace, project, step)

    assert {image.pixels_path.parent for image in library.image_set(workspace, project).images} == {folder}
    assert look_again(workspace, project).unreachable == (folder,)


def test_that_only_what_was_decided_is_held(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = _bring_in(workspace, project, tmp_path / "cats", range(5))
    (folder / "cat1.png").unlink()
    images = {image.original_name: image for image in library.image_set(workspace, project).images}

    step = step_of(workspace, project, lambda: keep_without_files(project, [images["cat1.png"]]))

    assert set(step.before.origins.files) == {folder / "cat1.png"} and not step.after.origins.files
    assert images["cat1.png"].path.relative_to(project.folder) in read_origins(project.folder).files  # it may be edited
    assert not step.is_nothing and step_of(workspace, project, lambda: None).is_nothing


def test_that_an_import_is_not_written_over(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = _bring_in(workspace, project, tmp_path / "cats", range(2))
    step = step_of(workspace, project, lambda: forget_folder(project, folder))

    with import_lock(project), pytest.raises(ProjectBusyError):
        folder_steps.take_back(workspace, project, step)

    assert read_origins(project.folder).folders == ()
