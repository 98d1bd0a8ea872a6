"""A data folder opens whatever state it is in, and nothing in it is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from calotype.domain.errors import (
    AlreadyOpenError,
    DatabaseCorruptError,
    DatabaseTooNewError,
    FolderNotWritableError,
    OlderVersionOpenError,
    SettingsDamagedError,
)
from calotype.domain.runs import Run
from calotype.domain.settings import Settings, Theme
from calotype.services.library import image_set
from calotype.services.projects import create_sample_project, find_project, list_projects
from calotype.services.training_runs import find_run
from calotype.services.workspace import (
    Workspace,
    change_settings,
    close_workspace,
    disk_free_bytes,
    load_settings,
    lock_window,
    open_workspace,
    remember_root,
    save_settings,
)
from calotype.startup.data_root import default_root
from calotype.storage import database

MakeRun = Callable[..., Run]


def _reopened(workspace: Workspace) -> Workspace:
    close_workspace(workspace)
    return open_workspace(workspace.folder.root)


def test_that_the_environment_chooses_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALOTYPE_HOME", str(tmp_path / "elsewhere"))

    assert default_root() == tmp_path / "elsewhere"


def test_that_a_chosen_data_folder_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALOTYPE_HOME")
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")

    before = default_root()
    remember_root(tmp_path / "my pictures")

    assert before == tmp_path / "data"
    assert default_root() == tmp_path / "my pictures"


def test_that_settings_survive_closing(workspace: Workspace) -> None:
    save_settings(workspace, Settings(theme=Theme.LIGHT, thread_count=2))

    again = _reopened(workspace)

    assert load_settings(again) == Settings(theme=Theme.LIGHT, thread_count=2)
    close_workspace(again)


def test_that_a_choice_keeps_what_another_program_chose_meanwhile(workspace: Workspace) -> None:
    seen_by_the_window = load_settings(workspace)
    save_settings(workspace, replace(seen_by_the_window, comparison_model="/clip"))

    kept = change_settings(workspace, seen_by_the_window, replace(seen_by_the_window, theme=Theme.DARK))

    assert kept == load_settings(workspace)
    assert (kept.theme, kept.comparison_model) == (Theme.DARK, "/clip")


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty", "missing"])
def test_that_a_lost_index_is_rebuilt_from_the_project_folders(workspace: Workspace, damage: str) -> None:
    project = create_sample_project(workspace)
    before = image_set(workspace, project)
    close_workspace(workspace)
    path = workspace.folder.database
    data = path.read_bytes()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if damage != "missing":
        path.write_bytes({"garbage": b"nonsense" * 999, "truncated": data[: len(data) // 2], "empty": b""}[damage])

    again = open_workspace(workspace.folder.root)

    assert image_set(again, find_project(again, project.id)) == before
    if damage in ("garbage", "truncated"):
        (notice,) = again.notices
        assert isinstance(notice, DatabaseCorruptError)
        assert (workspace.folder.root / str(notice.fields["backup"])).exists()
    close_workspace(again)


def test_that_a_project_folder_copied_in_by_hand_is_found(workspace: Workspace, tmp_path: Path) -> None:
    project = create_sample_project(workspace)
    other = open_workspace(tmp_path / "other")
    close_workspace(other)
    project.folder.rename(other.folder.projects / "copied")

    other = open_workspace(other.folder.root)

    (summary,) = list_projects(other)
    assert (summary.image_count, summary.held_out_count) == (18, 4)
    assert list_projects(workspace) == []
    close_workspace(other)


def test_that_a_copy_of_a_project_folder_is_a_project_of_its_own(workspace: Workspace, make_run: MakeRun) -> None:
    run = make_run("one")
    original = find_project(workspace, run.project_id)
    shutil.copytree(original.folder, original.folder.with_name("a copy"))

    again = _reopened(workspace)
    twice = _reopened(again)

    shown = {summary.project.folder.name: summary for summary in list_projects(twice)}
    assert set(shown) == {original.folder.name, "a copy"}
    assert shown[original.folder.name].project == original
    assert len({summary.project.id for summary in shown.values()}) == 2
    assert len({summary.project.name.casefold() for summary in shown.values()}) == 2
    assert [summary.image_count for summary in shown.values()] == [18, 18]
    assert find_run(twice, "one").project_id == original.id
    close_workspace(twice)


def test_that_a_project_folder_that_was_renamed_by_hand_is_the_same_project(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    project.folder.rename(project.folder.with_name("renamed"))

    again = _reopened(workspace)

    (summary,) = list_projects(again)
    assert (summary.project.id, summary.project.folder.name) == (project.id, "renamed")
    close_workspace(again)


@pytest.mark.parametrize("text", ["", "{", '{"id": 1}', '{"id": "a", "name": "", "kind": "none"}', "[]"])
def test_that_a_damaged_project_file_does_not_stop_the_others(workspace: Workspace, text: str) -> None:
    broken = workspace.folder.projects / "broken"
    broken.mkdir()
    (broken / "project.json").write_text(text)
    project = create_sample_project(workspace)

    again = _reopened(workspace)

    assert [summary.project for summary in list_projects(again)] == [project]
    close_workspace(again)


def test_that_a_damaged_entry_of_a_set_costs_only_itself(workspace: Workspace) -> None:
    project = create_sample_project(workspace)
    path = project.folder / "set.json"
    values = json.loads(path.read_text())
    values["images"][3] = {"file": 7}
    path.write_text(json.dumps(values))
    close_workspace(workspace)
    workspace.folder.database.unlink()

    again = open_workspace(workspace.folder.root)

    assert len(image_set(again, project).images) == 17
    close_workspace(again)


def test_that_a_newer_index_is_refused_and_untouched(workspace: Workspace) -> None:
    workspace.database.connection().execute("PRAGMA user_version = 99")
    close_workspace(workspace)
    before = workspace.folder.database.read_bytes()

    with pytest.raises(DatabaseTooNewError, match="newer version"):
        open_workspace(workspace.folder.root)

    assert workspace.folder.database.read_bytes() == before


@pytest.fixture
def older_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A data folder with a project as the version before the newest migration left it, open there."""
    scripts = database._migrations()
    with monkeypatch.context() as older:
        older.setattr(database, "_migrations", lambda: scripts[:-1])
        opened = open_workspace(tmp_path / "older")
        create_sample_project(opened)
    return opened


def test_that_an_index_is_not_changed_while_a_window_of_an_older_version_uses_it(older_workspace: Workspace) -> None:
    root = older_workspace.folder.root
    window = lock_window(older_workspace)

    with pytest.raises(OlderVersionOpenError, match=r"An older version .* Close that window"):
        open_workspace(root)

    assert older_workspace.database.is_older
    window.release()
    close_workspace(older_workspace)
    newer = open_workspace(root)
    assert not newer.database.is_older
    assert [summary.image_count for summary in list_projects(newer)] == [18]
    lock_window(newer).release()
    close_workspace(newer)


def test_that_an_older_version_refuses_what_a_newer_one_has_changed_and_changes_nothing(
    older_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, scripts = older_workspace.folder.root, database._migrations()
    close_workspace(older_workspace)
    close_workspace(open_workspace(root))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    monkeypatch.setattr(database, "_migrations", lambda: scripts[:-1])

    with pytest.raises(DatabaseTooNewError, match="Update Calotype, or choose another data folder"):
        open_workspace(root)

    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_that_damaged_settings_are_told_and_replaced_by_standard_ones(workspace: Workspace) -> None:
    workspace.folder.settings.write_text('{"theme": "dar')

    again = _reopened(workspace)

    assert isinstance(again.notices[0], SettingsDamagedError)
    assert load_settings(again) == Settings()
    close_workspace(again)


@pytest.mark.parametrize("text", ["{torn", "[1, 2]", '{"models": 3}'])
def test_that_a_damaged_list_of_models_is_told_and_kept(workspace: Workspace, text: str) -> None:
    workspace.folder.models.write_text(text, encoding="utf-8")
    close_workspace(workspace)

    again = open_workspace(workspace.folder.root)

    close_workspace(again)
    assert [str(notice).split(";")[0] for notice in again.notices] == [
        "models.json is damaged. It was put aside as models.damaged.json"
    ]
    assert (workspace.folder.root / "models.damaged.json").read_text(encoding="utf-8") == text


def test_that_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FolderNotWritableError, match="cannot be written to"):
        open_workspace(tmp_path / "file" / "home")


def test_that_a_second_window_is_refused_until_the_first_is_closed(workspace: Workspace) -> None:
    first = lock_window(workspace)

    with pytest.raises(AlreadyOpenError):
        lock_window(workspace)
    first.release()

    lock_window(workspace).release()


def test_that_the_lock_of_a_killed_window_is_free(workspace: Workspace) -> None:
    script = (
        "import sys; from pathlib import Path; from calotype.services.workspace import *\n"
        "lock = lock_window(open_workspace(Path(sys.argv[1]))); print('held', flush=True); sys.stdin.read()"
    )
    root = str(workspace.folder.root)
    with subprocess.Popen(
        [sys.executable, "-c", script, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"

        with pytest.raises(AlreadyOpenError):
            lock_window(workspace)
        other.kill()
        other.wait()

    lock_window(workspace).release()


def test_that_free_space_is_known(workspace: Workspace) -> None:
    assert disk_free_bytes(workspace) > 0
