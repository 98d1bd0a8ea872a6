"""Every picture is looked at once, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from calotype.domain.control import Control, Stop
from calotype.domain.events import ExaminationEvent, ExaminationFinished, ExaminationStarted, ImagesExamined
from calotype.domain.imageset import ImageSet, SubjectKind
from calotype.imagesets import examination
from calotype.services import image_examination
from calotype.services.image_examination import examine_images, known_facts
from calotype.services.library import image_set, import_images
from calotype.services.projects import create_project, update_project
from calotype.services.workspace import Workspace


@pytest.fixture
def pictures(workspace: Workspace, tmp_path: Path) -> ImageSet:
    project = create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((160, 120), Image.Resampling.BICUBIC).save(folder / f"cat{number}.png")
    list(import_images(workspace, project, [folder], Control()))
    return image_set(workspace, project)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the pictures that are opened to be looked at."""
    opened: list[str] = []
    look = examination.examine_file

    def counted(pixels_path: Path, image_path: Path, mask_mark: str, *, with_faces: bool) -> object:
        opened.append(pixels_path.name)
        return look(pixels_path, image_path, mask_mark, with_faces=with_faces)

    monkeypatch.setattr(examination, "examine_file", counted)
    yield opened


def _examine(workspace: Workspace, pictures: ImageSet) -> list[ExaminationEvent]:
    return list(examine_images(workspace, pictures, Control()))


def _change_index(workspace: Workspace, statement: str, *values: object) -> None:
    with workspace.database.transaction() as connection:
        connection.execute(statement, values)


def test_that_a_second_look_opens_no_picture(workspace: Workspace, pictures: ImageSet, looks: list[str]) -> None:
    first = _examine(workspace, pictures)
    opened = len(looks)

    second = _examine(workspace, pictures)

    assert opened == len(looks) == 5
    assert isinstance(first[-2], ImagesExamined) and (first[-2].done, first[-2].total) == (5, 5)
    assert second == [ExaminationStarted(known_facts(workspace, pictures), 0), ExaminationFinished(was_stopped=False)]
    assert len(known_facts(workspace, pictures)) == 5


def test_that_the_same_pictures_in_another_project_are_known(
    workspace: Workspace, pictures: ImageSet, looks: list[str]
) -> None:
    _examine(workspace, pictures)
    other = create_project(workspace, "Other cat", SubjectKind.PRODUCT, "cat")
    list(import_images(workspace, other, [pictures.project.images_folder], Control()))

    known = known_facts(workspace, image_set(workspace, other))

    assert len(known) == len(looks) == 5


def test_that_facts_of_another_version_and_damaged_ones_are_found_again(
    workspace: Workspace, pictures: ImageSet, looks: list[str]
) -> None:
    _examine(workspace, pictures)
    whole = known_facts(workspace, pictures)
    first, second, third = (image.content_hash for image in pictures.images[:3])
    _change_index(workspace, "UPDATE image_facts SET version = 0 WHERE content_hash = ?", first)
    _change_index(workspace, "UPDATE image_facts SET facts = '{\"blur_px\": tru' WHERE content_hash = ?", second)
    _change_index(workspace, 'UPDATE image_facts SET facts = \'{"blur_px": "much"}\' WHERE content_hash = ?', third)
    looks.clear()

    events = _examine(workspace, pictures)

    assert isinstance(events[0], ExaminationStarted) and events[0].total == 3
    assert sorted(looks) == sorted(image.path.name for image in pictures.images[:3])
    assert known_facts(workspace, pictures) == whole


def test_that_a_picture_that_vanished_or_broke_is_named_and_the_others_are_looked_at(
    workspace: Workspace, pictures: ImageSet
) -> None:
    gone, broken = pictures.images[1], pictures.images[3]
    gone.path.unlink()
    broken.path.write_bytes(broken.path.read_bytes()[:200])

    events = _examine(workspace, pictures)

    unreadable = {key for event in events if isinstance(event, ImagesExamined) for key in event.unreadable}
    assert unreadable == {gone.content_hash, broken.content_hash}
    assert len(known_facts(workspace, pictures)) == 3
    assert events[-1] == ExaminationFinished(was_stopped=False)


def test_that_a_stop_keeps_what_was_found_and_the_next_look_goes_on(
    workspace: Workspace, pictures: ImageSet, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_examination, "BATCH_SIZE", 1)
    control = Control()
    events: list[ExaminationEvent] = []
    for event in examine_images(workspace, pictures, control):
        events.append(event)
        if isinstance(event, ImagesExamined):
            control.send(Stop())

    known = known_facts(workspace, pictures)
    rest = _examine(workspace, pictures)

    assert events[-1] == ExaminationFinished(was_stopped=True)
    assert 1 <= len(known) < 5
    assert isinstance(rest[0], ExaminationStarted) and rest[0].total == 5 - len(known)
    assert len(known_facts(workspace, pictures)) == 5


@pytest.mark.parametrize("kind", [SubjectKind.PERSON, SubjectKind.STYLE])
def test_that_faces_are_looked_for_once_the_project_is_about_a_person_or_a_style(
    workspace: Workspace, pictures: ImageSet, looks: list[str], kind: SubjectKind
) -> None:
    _examine(workspace, pictures)
    person = update_project(workspace, pictures.project, kind=kind)

    events = _examine(workspace, replace(pictures, project=person))

    assert isinstance(events[0], ExaminationStarted) and events[0].total == 5
    assert {facts.faces for facts in known_facts(workspace, pictures).values()} == {()}


def test_that_no_faces_are_looked_for_in_a_large_style(
    workspace: Workspace, pictures: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_examination, "MOST_FACES_OF_STYLE", 4)
    style = update_project(workspace, pictures.project, kind=SubjectKind.STYLE)

    _examine(workspace, replace(pictures, project=style))

    assert {facts.faces for facts in known_facts(workspace, replace(pictures, project=style)).values()} == {None}


def test_that_a_new_mask_is_looked_at_with_its_picture(
    workspace: Workspace, pictures: ImageSet, looks: list[str]
) -> None:
    _examine(workspace, pictures)
    image = pictures.images[2]
    mask = Image.new("L", (160, 120))
    ImageDraw.Draw(mask).rectangle((40, 30, 119, 89), fill=255)
    mask.save(image.path.with_name(f"{image.path.stem}-masklabel.png"))
    looks.clear()

    _examine(workspace, pictures)

    subject = known_facts(workspace, pictures)[image.content_hash].subject
    assert looks == [image.path.name]
    assert subject is not None
    assert (subject.left, subject.top, subject.right, subject.bottom) == (0.25, 0.25, 0.75, 0.75)
