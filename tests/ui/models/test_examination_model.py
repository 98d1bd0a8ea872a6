"""Pictures of the open project are looked at in the background, once, and whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from calotype.domain.imageset import SubjectKind
from calotype.services.image_examination import known_facts
from calotype.ui.models.examination_model import ExaminationModel
from calotype.ui.models.session import Session

MakePictures = Callable[[int], Path]


@pytest.fixture
def model(full_session: Session, qtbot: QtBot) -> ExaminationModel:
    """A model that has looked at ten pictures."""
    made = ExaminationModel(full_session, full_session)
    qtbot.waitUntil(lambda: len(made.seen.facts) == 10 and not made.is_running)
    return made


def test_that_what_is_found_is_kept_for_the_next_time(model: ExaminationModel, full_session: Session) -> None:
    assert full_session.image_set is not None

    assert known_facts(full_session.workspace, full_session.image_set) == model.seen.facts
    assert model.seen.unreadable == frozenset()


def test_that_progress_begins_grows_and_ends(full_session: Session, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    model = ExaminationModel(full_session, full_session)
    model.progressed.connect(lambda done, total: told.append((done, total)))

    qtbot.waitUntil(lambda: told[-1:] == [(0, 0)])

    assert told[0] == (0, 10) and (10, 10) in told
    assert told == [*sorted(told[:-1]), (0, 0)]


def test_that_nothing_is_looked_at_again_after_a_caption_was_changed(
    model: ExaminationModel, full_session: Session, qtbot: QtBot
) -> None:
    began: list[object] = []
    model.progressed.connect(lambda *told: began.append(told))

    full_session.images_changed.emit()
    qtbot.waitUntil(lambda: not model._timer.isActive())

    assert began == [] and not model.is_running


def test_that_faces_are_looked_for_when_the_project_turns_out_to_be_about_a_person(
    model: ExaminationModel, full_session: Session, qtbot: QtBot
) -> None:
    assert full_session.project is not None
    assert {facts.faces for facts in model.seen.facts.values()} == {None}

    full_session.rename_project("Ada", SubjectKind.PERSON, full_session.project.trigger_word)

    qtbot.waitUntil(lambda: {facts.faces for facts in model.seen.facts.values()} == {()})


def test_that_a_broken_picture_is_told_and_found_again_once_it_is_whole(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    broken = full_session.image_set.images[4]
    data = broken.path.read_bytes()
    broken.path.write_bytes(data[:100])
    model = ExaminationModel(full_session, full_session)
    qtbot.waitUntil(lambda: model.seen.unreadable == {broken.content_hash} and not model.is_running)

    broken.path.write_bytes(data)
    full_session.open_images.reload()

    qtbot.waitUntil(lambda: len(model.seen.facts) == 10 and model.seen.unreadable == frozenset())


def test_that_another_project_begins_anew(model: ExaminationModel, full_session: Session, qtbot: QtBot) -> None:
    full_session.create_project("Empty", SubjectKind.CHARACTER, "empty")

    qtbot.waitUntil(lambda: model.seen.facts == {})
