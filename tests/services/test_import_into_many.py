"""Importing into a large set: comparing can be stopped, and a few pictures that join many cost a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control, Stop
from calotype.domain.events import ImagesCompared
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.imagesets import near_duplicates
from calotype.imagesets.origins_file import ORIGINS_FILE, read_origins
from calotype.imagesets.project_folder import read_images
from calotype.services import image_import
from calotype.services.large_sets import is_set_file_old, write_set_file
from calotype.services.library import image_set, import_images
from calotype.services.projects import create_project
from calotype.services.sides import settle
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _folder_of(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((96, 96), Image.Resampling.BICUBIC).save(folder / f"cat{number}.png")
    return folder


def _import(workspace: Workspace, project: Project, *paths: Path) -> None:
    list(import_images(workspace, project, paths, Control()))


def test_that_comparing_many_pictures_ends_when_it_is_stopped_and_the_import_is_whole(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_import, "_FEW", 5)
    monkeypatch.setattr(near_duplicates, "_ROWS", 2)
    control, shares = Control(), list[float]()

    for event in import_images(workspace, project, [_folder_of(tmp_path, 12)], control):
        if isinstance(event, ImagesCompared):
            shares.append(event.share)
            control.send(Stop())

    assert len(shares) == 1 and shares[0] < 1
    assert len(image_set(workspace, project).images) == 12 and not image_set(workspace, project).held_out
    assert [event.share for event in settle(workspace, project, Control())][-1] == 1.0
    assert image_set(workspace, project).held_out


def test_that_a_picture_that_joins_many_leaves_the_others_alone_and_the_file_for_later(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder_of(tmp_path, 40)
    *many, last, copy = sorted(folder.iterdir())
    _import(workspace, project, *many)
    held_out = image_set(workspace, project).held_out[0]
    with Image.open(held_out.path) as opened:
        opened.resize((opened.width * 9 // 10, opened.height * 9 // 10), Image.Resampling.LANCZOS).save(copy)
    monkeypatch.setattr(image_import, "_LARGE", 30)
    monkeypatch.setattr(image_import, "_MANY", 10)
    before = {image.content_hash: image.split for image in image_set(workspace, project).images}

    _import(workspace, project, last, copy)

    images = image_set(workspace, project).images
    assert {image.content_hash: image.split for image in images[:-2]} == before
    assert images[-1].split is Split.VALIDATION  # beside the one that it is like
    assert is_set_file_old(project)
    write_set_file(workspace, project)
    assert [image.split for image in read_images(project)] == [image.split for image in images]


def test_that_what_is_known_of_files_grows_line_by_line(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    folder = _folder_of(tmp_path, 3)
    first, second, third = sorted(folder.iterdir())
    _import(workspace, project, first)
    path = project.folder / ORIGINS_FILE
    before = path.read_text()

    _import(workspace, project, second)
    after = path.read_text()
    path.write_text(after + '["torn')
    _import(workspace, project, third)

    assert after.startswith(before) and len(after.splitlines()) == len(before.splitlines()) + 1
    assert [known.content_hash for known in read_origins(project.folder).files.values()] == [
        image.content_hash for image in image_set(workspace, project).images
    ]
    assert "torn" not in path.read_text()
