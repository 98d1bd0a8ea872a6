"""Photographs of one moment stay together, and those of the next do not: JPEG files with what cameras write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from subject_shots import brightened, cut, shots, subjects

from calotype.domain.control import Control
from calotype.domain.imageset import Project, SubjectKind
from calotype.services import library
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

MOMENT = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def _take(folder: Path, name: str, picture: Image.Image, after_s: float, camera: str = "One") -> None:
    moment, exif = MOMENT + timedelta(seconds=after_s), Image.Exif()
    exif[ExifTags.Base.Model] = camera
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = moment.strftime("%Y:%m:%d %H:%M:%S")  # whole seconds, as many write them
    picture.convert("RGB").save(folder / f"{name}.jpg", exif=exif, quality=92)


def _take_others(folder: Path) -> None:
    """Three more subjects, a shot a minute, so that the burst is not most of the set."""
    for number, subject in enumerate(subjects(4, seed=7)[1:], start=1):
        for place, picture in enumerate(shots(number, subject, 192).values()):
            _take(folder, f"other {number} {'abcde'[place]}", picture, 3600 * number + 60 * place)


def _kept_together(workspace: Workspace, project: Project, folder: Path) -> list[set[str]]:
    list(library.import_images(workspace, project, [folder], Control()))
    report = library.split_report(workspace, library.image_set(workspace, project))
    assert report.on_both_sides == ()
    return [{Path(image.original_name).stem for image in group} for group in report.kept_together]


def test_that_a_burst_is_one_group_and_the_next_moment_another(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    shot = shots(0, subjects(4, seed=7)[0], 192)
    _take_others(tmp_path)
    _take(tmp_path, "first", shot["first"], 0)
    _take(tmp_path, "first, moved a little", cut(shot["first"], left=0.03, top=0.02), 0)
    _take(tmp_path, "in motion", shot["turned"], 1)
    _take(tmp_path, "last", brightened(cut(shot["turned"], right=0.04), 1.05), 3)
    _take(tmp_path, "posed anew", shot["from the side"], 6)
    _take(tmp_path, "posed anew, moved a little", cut(shot["from the side"], left=0.03), 7)
    _take(tmp_path, "by another camera", shot["moved"], 1, camera="Two")

    groups = _kept_together(workspace, project, tmp_path)

    assert {"first", "first, moved a little", "in motion", "last"} in groups
    assert {"posed anew", "posed anew, moved a little"} in groups
    assert len(groups) == 2


def test_that_without_a_date_only_what_looks_alike_is_together(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    shot = shots(0, subjects(4, seed=7)[0], 192)
    _take_others(tmp_path)
    for name, picture in {
        "first": shot["first"],
        "first, moved a little": cut(shot["first"], left=0.03, top=0.02),
        "in motion": shot["turned"],
    }.items():
        picture.convert("RGB").save(tmp_path / f"{name}.jpg", quality=92)

    assert _kept_together(workspace, project, tmp_path) == [{"first", "first, moved a little"}]
