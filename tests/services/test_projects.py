"""Projects are made, found, changed, removed and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.domain.errors import InvalidProjectError, ProjectBusyError, ProjectNotFoundError
from calotype.domain.imageset import Split, SubjectKind
from calotype.services.library import image_set, remove_images
from calotype.services.project_lock import import_lock
from calotype.services.projects import (
    create_project,
    create_sample_project,
    find_project,
    free_project_name,
    list_projects,
    remove_project,
    restore,
    update_project,
)
from calotype.services.run_files import run_lock
from calotype.services.workspace import Workspace


def test_that_a_project_is_found_by_its_id_and_its_name_in_any_case(workspace: Workspace) -> None:
    project = create_project(workspace, "  My   Cat ", SubjectKind.CHARACTER, "mycat")

    assert project.name == "My Cat"
    assert find_project(workspace, project.id) == find_project(workspace, "my cat") == project
    assert project.images_folder.is_dir()


def test_that_an_unknown_project_is_named_in_the_failure(workspace: Workspace) -> None:
    with pytest.raises(ProjectNotFoundError, match="“Dog”"):
        find_project(workspace, "Dog")


@pytest.mark.parametrize(
    ("name", "trigger_word"),
    [("", "x"), ("a" * 81, "x"), ("ok", ""), ("ok", "two words"), ("ok", "a,b"), ("ok", "<lora>")],
)
def test_that_an_impossible_project_leaves_nothing_behind(workspace: Workspace, name: str, trigger_word: str) -> None:
    with pytest.raises(InvalidProjectError):
        create_project(workspace, name, SubjectKind.STYLE, trigger_word)

    assert list_projects(workspace) == [] and list(workspace.folder.projects.iterdir()) == []


def test_that_a_name_is_given_once(workspace: Workspace) -> None:
    create_project(workspace, "Cat", SubjectKind.CHARACTER, "cat")

    with pytest.raises(InvalidProjectError, match="another project has it"):
        create_project(workspace, "CAT", SubjectKind.CHARACTER, "cat")

    assert free_project_name(workspace, "Cat") == "Cat 2"


@pytest.mark.parametrize("name", ["CON", "../../etc", "a/b\\c", "日本語", ".hidden", "x" * 80, "  dots... "])
def test_that_any_name_makes_a_folder_that_every_system_accepts(workspace: Workspace, name: str) -> None:
    project = create_project(workspace, name, SubjectKind.PRODUCT, "thing")

    assert project.folder.parent == workspace.folder.projects
    assert project.folder.name.isascii() and len(project.folder.name) <= 61
    assert project.folder.name.lower() != "con" and not project.folder.name.startswith(".")


def test_that_names_that_make_the_same_folder_get_two(workspace: Workspace) -> None:
    first = create_project(workspace, "日本", SubjectKind.STYLE, "x")
    second = create_project(workspace, "中国", SubjectKind.STYLE, "x")

    assert first.folder != second.folder


def test_that_a_changed_project_is_changed_on_disk_and_in_the_list(workspace: Workspace) -> None:
    project = create_project(workspace, "Cat", SubjectKind.CHARACTER, "cat")

    changed = update_project(workspace, project, name="Tom", trigger_word="tomcat")

    assert (changed.name, changed.trigger_word, changed.folder) == ("Tom", "tomcat", project.folder)
    assert [summary.project for summary in list_projects(workspace)] == [changed]
    assert "tomcat" in (project.folder / "project.json").read_text()


def test_that_the_sample_has_its_own_split_and_captions(workspace: Workspace) -> None:
    project = create_sample_project(workspace)

    images = image_set(workspace, project)

    assert (len(images.training), len(images.held_out)) == (14, 4)
    assert all(image.caption.startswith("zorbi, 3d render, ") for image in images.images)
    assert {image.split for image in images.images} == set(Split)


def test_that_the_sample_is_made_once_and_completed_again(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)
    remove_images(workspace, project, before.images[:3])

    again = create_sample_project(workspace)

    assert again == project and len(list_projects(workspace)) == 1
    assert {i.content_hash for i in image_set(workspace, again).held_out} == {i.content_hash for i in before.held_out}
    assert len(image_set(workspace, again).images) == 18


def test_that_a_summary_counts_and_shows_a_cover(workspace: Workspace) -> None:
    project = create_sample_project(workspace)

    (summary,) = list_projects(workspace)

    assert (summary.project, summary.image_count, summary.held_out_count) == (project, 18, 4)
    assert summary.cover is not None and summary.cover.is_file()
    assert (summary.run_count, summary.best_ratio) == (0, None)


def test_that_a_removed_project_comes_back_whole(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)
    with workspace.database.transaction() as connection:
        connection.execute(
            "INSERT INTO runs VALUES ('r1', ?, '{}', 'r1', 'completed', 1.0, 9, 8, 0.7, '')", (project.id,)
        )
        connection.execute("INSERT INTO metrics VALUES ('r1', 'loss', 1, 0.5)")

    item = remove_project(workspace, project)
    gone = list_projects(workspace), project.folder.exists()
    restored = restore(workspace, item)

    assert gone == ([], False)
    assert restored == project and image_set(workspace, restored) == before
    (summary,) = list_projects(workspace)
    assert (summary.run_count, summary.best_ratio) == (1, 0.7)
    assert workspace.database.connection().execute("SELECT value FROM metrics").fetchone()[0] == 0.5


def test_that_a_project_is_not_removed_under_an_import_or_a_run(workspace: Workspace) -> None:
    project = create_sample_project(workspace)

    with import_lock(project), pytest.raises(ProjectBusyError):
        remove_project(workspace, project)
    with run_lock(project.runs_folder / "r1", project.name), pytest.raises(ProjectBusyError):
        remove_project(workspace, project)

    assert len(image_set(workspace, project).images) == 18
    remove_project(workspace, project)
    assert list_projects(workspace) == []


def test_that_a_project_whose_folder_was_taken_away_is_not_shown(workspace: Workspace, tmp_path: Path) -> None:
    project = create_project(workspace, "Cat", SubjectKind.CHARACTER, "cat")

    project.folder.rename(tmp_path / "taken")

    assert list_projects(workspace) == []
