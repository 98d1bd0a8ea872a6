"""Proof that what happens to the open project reaches every page, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from calotype.domain.errors import CalotypeError, InvalidProjectError, NoUsableImagesError
from calotype.domain.imageset import Split, SubjectKind
from calotype.services import projects
from calotype.services.workspace import load_settings
from calotype.ui.models.image_edits import ImageEdits
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import wait_for_all_jobs

MakePictures = Callable[[int], Path]


def _images(session: Session) -> tuple[str, ...]:
    assert session.image_set is not None
    return tuple(image.original_name for image in session.image_set.images)


def test_that_a_dropped_folder_becomes_a_project_of_its_name(
    session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    folder = make_pictures(6)

    with qtbot.waitSignals([session.imports.finished, session.projects_changed]):
        session.import_paths([folder])

    assert session.project is not None
    assert (session.project.name, session.project.trigger_word) == ("rusty", "rusty")
    qtbot.waitUntil(lambda: len(_images(session)) == 6)
    assert session.image_set is not None
    assert {image.caption for image in session.image_set.images} == {f"rusty, pose {n}" for n in range(6)}


def test_that_a_second_drop_adds_to_the_open_project_and_skips_what_is_there(
    full_session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    folder = make_pictures(12)

    with qtbot.waitSignal(full_session.imports.finished):
        full_session.import_paths([folder])

    qtbot.waitUntil(lambda: len(_images(full_session)) == 12)
    assert len(full_session.imports.duplicates) == 10
    assert len(projects.list_projects(full_session.workspace)) == 1


def test_that_a_drop_on_home_makes_another_project(
    full_session: Session, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(full_session.imports.finished):
        full_session.import_paths([make_pictures(3)], into_new=True)

    assert {s.project.name for s in projects.list_projects(full_session.workspace)} == {"rusty", "rusty 2"}


def test_that_a_drop_without_pictures_is_said(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    failures: list[CalotypeError] = []
    session.failure.connect(failures.append)
    (tmp_path / "empty").mkdir()

    with qtbot.waitSignal(session.imports.finished):
        session.import_paths([tmp_path / "empty"])

    assert isinstance(failures[0], NoUsableImagesError)


def test_that_a_taken_name_is_refused_and_said(full_session: Session) -> None:
    failures: list[CalotypeError] = []
    full_session.failure.connect(failures.append)

    made = full_session.create_project("Rusty", SubjectKind.CHARACTER, "word")

    assert made is None
    assert isinstance(failures[0], InvalidProjectError)


def test_that_captions_follow_a_new_trigger_word(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.is_named_by_itself

    assert full_session.rename_project("Rusty the fox", SubjectKind.CHARACTER, "zkw")

    def captions() -> set[str]:
        assert full_session.image_set is not None
        return {image.caption for image in full_session.image_set.images}

    qtbot.waitUntil(lambda: captions() == {f"zkw, pose {n}" for n in range(10)})
    assert not full_session.is_named_by_itself


def test_that_a_new_name_and_word_are_taken_back_and_given_again(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None and full_session.project is not None
    before, first = full_session.project, full_session.image_set.images[0]
    ImageEdits(full_session, full_session).caption(first, "rusty beside a zkw")
    captions = _captions(full_session)
    full_session.rename_project("Rusty the fox", SubjectKind.STYLE, "zkw")
    qtbot.waitUntil(lambda: "zkw beside a zkw" in _captions(full_session))
    after = full_session.project

    full_session.undo.undo()
    assert full_session.project == before == projects.find_project(full_session.workspace, before.id)
    qtbot.waitUntil(lambda: _captions(full_session) == captions)
    full_session.undo.redo()

    assert full_session.project == after == projects.find_project(full_session.workspace, before.id)
    qtbot.waitUntil(lambda: "zkw beside a zkw" in _captions(full_session) and "zkw, pose 3" in _captions(full_session))


def test_that_a_name_that_is_saved_as_it_is_is_no_step(full_session: Session) -> None:
    project, steps = full_session.project, full_session.undo.undo_text
    assert project is not None

    assert full_session.rename_project(project.name, project.kind, project.trigger_word)

    assert full_session.undo.undo_text == steps


def _captions(session: Session) -> list[str]:
    assert session.image_set is not None
    return [image.caption for image in session.image_set.images]


def test_that_removed_pictures_come_back(full_session: Session, qtbot: QtBot) -> None:
    before = _images(full_session)
    assert full_session.image_set is not None
    edits = ImageEdits(full_session, full_session)

    edits.remove(full_session.image_set.images[2:4])
    assert _images(full_session) == before[:2] + before[4:]
    full_session.undo.undo()

    qtbot.waitUntil(lambda: set(_images(full_session)) == set(before))


def test_that_captions_and_split_can_be_taken_back(full_session: Session) -> None:
    assert full_session.image_set is not None
    edits = ImageEdits(full_session, full_session)
    first = full_session.image_set.training[0]

    edits.caption(first, "rusty, asleep")
    edits.move([full_session.image_set.training[0]], Split.VALIDATION)
    changed = next(i for i in full_session.image_set.images if i.content_hash == first.content_hash)
    assert (changed.caption, changed.split) == ("rusty, asleep", Split.VALIDATION)
    assert first.path.with_suffix(".txt").read_text(encoding="utf-8").strip() == "rusty, asleep"
    full_session.undo.undo()
    full_session.undo.undo()

    assert first in full_session.image_set.images


def test_that_a_removed_project_comes_back_with_its_pictures(full_session: Session) -> None:
    project = full_session.project
    assert project is not None

    full_session.remove_project(project)
    assert full_session.project is None
    assert projects.list_projects(full_session.workspace) == []
    full_session.undo.undo()

    [summary] = projects.list_projects(full_session.workspace)
    assert (summary.project.id, summary.image_count) == (project.id, 10)
    full_session.undo.redo()
    assert projects.list_projects(full_session.workspace) == []
    full_session.undo.undo()
    assert len(projects.list_projects(full_session.workspace)) == 1


def test_that_the_sample_opens_ready_to_train(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.page_requested):
        session.open_sample()

    assert session.image_set is not None
    session.image_set.require_trainable()


def test_that_changed_settings_are_kept(session: Session) -> None:
    from dataclasses import replace

    session.change_settings(replace(session.settings, thread_count=3))

    assert load_settings(session.workspace).thread_count == 3


def test_that_a_project_is_open_once_its_pictures_are_known(full_session: Session, qtbot: QtBot) -> None:
    first = full_session.project
    assert first is not None
    assert full_session.create_project("Other", SubjectKind.CHARACTER, "other") is not None

    with qtbot.waitSignal(full_session.page_requested) as request:
        full_session.open_project(first, "images")
        assert full_session.project is not None and full_session.project.name == "Other"  # it is read in a thread

    assert request.args == ["images"]
    assert full_session.project == first
    assert len(_images(full_session)) == 10


def test_that_the_project_asked_for_last_is_the_open_one(full_session: Session, qtbot: QtBot) -> None:
    first = full_session.project
    second = full_session.create_project("Other", SubjectKind.CHARACTER, "other")
    assert first is not None and second is not None
    opened: list[object] = []
    full_session.project_changed.connect(opened.append)

    full_session.open_project(first)
    full_session.open_project(second)
    wait_for_all_jobs()
    qtbot.waitUntil(lambda: bool(opened))

    assert opened == [second]
