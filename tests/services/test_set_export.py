"""A set is written as a folder that kohya's scripts and OneTrainer open, and comes back from it as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control
from calotype.domain.errors import TooFewImagesError
from calotype.domain.imageset import Project, SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.services import library
from calotype.services.projects import create_project
from calotype.services.set_export import export_set
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Rusty the fox", SubjectKind.CHARACTER, "rusty")


def _export(workspace: Workspace, project: Project, parent: Path) -> Path:
    return list(export_set(workspace, project, parent, Control()))[-1].folder


@pytest.fixture(params=[False, True], ids=["copied", "linked"])
def full(request: pytest.FixtureRequest, workspace: Workspace, project: Project, tmp_path: Path) -> Project:
    """Ten pictures: one turned by its camera, one with a mask, one that counts five times, one left out."""
    folder = tmp_path / "in"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    for number in range(10):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        picture = Image.fromarray(noise).resize((96, 64), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number}.jpg", quality=95, exif=exif if number == 0 else Image.Exif())
        (folder / f"{number}.txt").write_text(f"rusty, pose {number}\nsecond line")
    Image.new("L", (96, 64), 255).save(folder / "1-masklabel.png")
    list(library.import_images(workspace, project, [folder], Control(), ImportOptions(is_linked=request.param)))
    images = library.image_set(workspace, project).images
    learned = [image for image in images if not image.is_held_out]
    library.save_choices(workspace, project, [replace(learned[0], repeats=5), replace(learned[-1], is_excluded=True)])
    return project


def test_that_the_folder_is_as_other_trainers_want_it(workspace: Workspace, full: Project, tmp_path: Path) -> None:
    images = library.image_set(workspace, full).images
    (tmp_path / "out").mkdir()

    folder = _export(workspace, full, tmp_path / "out")
    again = _export(workspace, full, tmp_path / "out")

    assert [path.name for path in (folder, again)] == ["Rusty-the-fox-dataset", "Rusty-the-fox-dataset-2"]
    assert {path.name for path in (folder / "img").iterdir()} == {"1_rusty character", "5_rusty character"}
    assert {path.name for path in (folder / "validation").iterdir()} == {"1_rusty character"}
    written = [path for path in folder.rglob("*.jpg") if path.is_file()] + [
        path for path in folder.rglob("*.png") if "masklabel" not in path.name
    ]
    assert len(written) == 9
    for path in written:
        with Image.open(path) as picture:
            assert picture.getexif().get(0x0112, 1) == 1 and picture.mode == "RGB"
        assert path.with_suffix(".txt").read_text().endswith("second line")
    masked = [image for image in images if image.original_name == "1.jpg"]
    if not masked[0].is_excluded:
        assert len(list(folder.rglob("*-masklabel.png"))) == 1


def test_that_it_comes_back_with_repeats_captions_and_masks(
    workspace: Workspace, full: Project, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    folder = _export(workspace, full, tmp_path / "out")
    other = create_project(workspace, "Other", SubjectKind.CHARACTER, "rusty")

    list(library.import_images(workspace, other, [folder / "img"], Control()))

    learned = library.image_set(workspace, full).training
    back = library.image_set(workspace, other).images
    assert sorted((image.caption, image.repeats) for image in back) == sorted(
        (image.caption, image.repeats) for image in learned
    )


def test_that_an_empty_set_is_refused(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    with pytest.raises(TooFewImagesError):
        _export(workspace, project, tmp_path)
    assert not list(tmp_path.glob("*dataset*"))
