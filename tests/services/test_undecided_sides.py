"""After an import that was stopped before its pictures were compared, no look-alikes are ever on two sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.domain.control import Control, Stop
from calotype.domain.errors import BaseModelNotFoundError
from calotype.domain.events import ImageAccepted, SidesChosen
from calotype.domain.imageset import Project, Split, SubjectKind
from calotype.domain.plan import TrainingPlan
from calotype.domain.readiness import Readiness
from calotype.imagesets.project_folder import read_images
from calotype.services import image_import, library, training_runs
from calotype.services.projects import create_project
from calotype.services.set_checks import Seen, judge
from calotype.services.sides import settle, without_side
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_import, "_FEW", 5)  # more are not compared when an import is stopped


def _pairs_in(folder: Path, numbers: range, *, side_px: int = 96) -> Path:
    """Pictures of which each comes twice, the second time smaller."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        picture = Image.fromarray(noise).resize((side_px, side_px), Image.Resampling.BICUBIC)
        picture.save(folder / f"cat{number}.png")
        picture.resize((side_px - 16, side_px - 16), Image.Resampling.LANCZOS).save(folder / f"copy of {number}.png")
    return folder


def _bring_in(workspace: Workspace, project: Project, folder: Path) -> None:
    list(library.import_images(workspace, project, [folder], Control()))


def _stop_while_importing(workspace: Workspace, project: Project, folder: Path) -> None:
    """Take every picture in, and stop before the first is compared."""
    control, count = Control(), len(list(folder.iterdir()))
    for event in library.import_images(workspace, project, [folder], control):
        count -= isinstance(event, ImageAccepted)
        if count == 0:
            control.send(Stop())


def _torn(workspace: Workspace, project: Project) -> int:
    return len(library.split_report(workspace, library.image_set(workspace, project)).on_both_sides)


def _settle(workspace: Workspace, project: Project) -> None:
    list(settle(workspace, project, Control()))


def test_that_pictures_that_were_not_compared_are_learned_from_until_they_were(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "pictures", range(12)))

    images = library.image_set(workspace, project)
    assert len(images.images) == 24 and not images.held_out
    assert without_side(project) == {image.content_hash for image in images.images}
    assert _torn(workspace, project) == 0

    _settle(workspace, project)

    assert library.image_set(workspace, project).held_out and not without_side(project)
    assert _torn(workspace, project) == 0
    assert [image.split for image in read_images(project)] == [
        i.split for i in library.image_set(workspace, project).images
    ]


def test_that_copies_of_what_is_held_out_are_held_out_as_well(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _bring_in(workspace, project, _pairs_in(tmp_path / "one", range(6)))
    before = {image.content_hash: image.split for image in library.image_set(workspace, project).images}
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "other", range(6), side_px=88))

    _settle(workspace, project)

    after = {image.content_hash: image.split for image in library.image_set(workspace, project).images}
    assert _torn(workspace, project) == 0 and before.items() <= after.items()
    held_out = [image.original_name for image in library.image_set(workspace, project).held_out]
    assert len(held_out) == 2 * list(before.values()).count(Split.VALIDATION)


def test_that_the_next_import_chooses_for_those_that_wait(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "one", range(12)))

    _bring_in(workspace, project, _pairs_in(tmp_path / "other", range(12, 14)))

    assert not without_side(project) and library.image_set(workspace, project).held_out
    assert _torn(workspace, project) == 0


def test_that_pictures_of_a_killed_import_wait_for_their_sides(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _bring_in(workspace, project, _pairs_in(tmp_path / "one", range(3)))
    before = {image.content_hash: image.split for image in library.image_set(workspace, project).images}

    def die(_import: image_import.PictureImport) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(image_import.PictureImport, "_finish", die)
        _bring_in(workspace, project, _pairs_in(tmp_path / "other", range(3, 15)))
    images = library.image_set(workspace, project).images
    assert len(images) == 30 and without_side(project) == {image.content_hash for image in images} - before.keys()

    _settle(workspace, project)

    after = {image.content_hash: image.split for image in library.image_set(workspace, project).images}
    assert before.items() <= after.items() and not without_side(project) and _torn(workspace, project) == 0
    assert list(after.values()).count(Split.VALIDATION) > list(before.values()).count(Split.VALIDATION)


def test_that_what_a_person_held_out_meanwhile_stays_so(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "one", range(12)))
    chosen = {library.image_set(workspace, project).images[3].content_hash: Split.VALIDATION}
    library.set_splits(workspace, project, chosen)

    _settle(workspace, project)

    assert chosen.keys() <= {image.content_hash for image in library.image_set(workspace, project).held_out}
    assert _torn(workspace, project) == 0


def test_that_a_check_compares_chooses_says_so_and_judges_the_set_with_its_sides(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "one", range(12)))

    *_, chosen, readiness = judge(workspace, library.image_set(workspace, project), Seen(), Control())

    assert chosen == SidesChosen() and isinstance(readiness, Readiness)
    assert readiness.split is not None and readiness.split.held_out and not readiness.split.on_both_sides


def test_that_a_run_begins_with_sides(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    _stop_while_importing(workspace, project, _pairs_in(tmp_path / "one", range(12)))

    with pytest.raises(BaseModelNotFoundError):
        next(training_runs.start(workspace, project, TrainingPlan("gone", project.id, step_count=1), Control()))

    assert not without_side(project) and library.image_set(workspace, project).held_out
