"""The data folder is where the environment, a portable program, the user or the system says, in this order."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calotype.startup.data_root import root_named_in

Start = Callable[..., Any]


def _where(start: Start, *arguments: object, **options: object) -> dict[str, object]:
    finished = start("where", "--json", *arguments, **options)
    assert finished.returncode == 0, finished.stderr
    values: dict[str, object] = json.loads(finished.stdout)
    return values


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A packaged program, as far as the file system is concerned."""
    folder = tmp_path / "Calotype portable"
    folder.mkdir()
    (folder / "calotype").write_bytes(b"")
    return folder / "calotype"


def test_that_a_program_without_portable_file_uses_the_home(start: Start, person: Path, program: Path) -> None:
    found = _where(start, program=program)

    assert Path(str(found["data"])).is_relative_to(person)
    assert found["portable"] is False
    assert found["program"] == str(program.parent)


def test_that_portable_keeps_everything_beside_the_program(start: Start, person: Path, program: Path) -> None:
    (program.parent / "portable.txt").write_bytes(b"")

    made = start("new", "Rusty", program=program)

    data = program.parent / "Calotype data"
    assert made.returncode == 0, made.stderr
    assert (data / "calotype.sqlite").is_file()
    assert _where(start, program=program)["data"] == str(data)
    assert [path for path in person.rglob("*") if path.is_file()] == []


def test_that_the_window_of_a_portable_program_leaves_nothing_at_home(
    start: Start, person: Path, program: Path
) -> None:
    (program.parent / "portable.txt").write_bytes(b"")
    code = (
        "from calotype import app as calotype_app\n"
        "from calotype.services.workspace import close_workspace, open_workspace\n"
        "from calotype.ui.workers.background_job import wait_for_all_jobs\n"
        "app, workspace = calotype_app.make_application(), open_workspace()\n"
        "session, window = calotype_app.make_window(app, workspace)\n"
        "window.show()\napp.processEvents()\nwindow.show_page('settings')\nwindow.close()\n"
        "wait_for_all_jobs()\nclose_workspace(workspace)"
    )

    finished = start(code=code, program=program)

    assert finished.returncode == 0, finished.stderr
    assert (program.parent / "Calotype data" / "window.ini").is_file()
    assert list(person.iterdir()) == []


def test_that_loading_what_computes_leaves_nothing_elsewhere(start: Start, person: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    code = (
        "from pathlib import Path\n"
        "from calotype.services.compute_modules import load_compute_modules\n"
        "from calotype.services.workspace import close_workspace, open_workspace\n"
        "workspace = open_workspace(Path(sys.argv[1]))\nload_compute_modules()\nclose_workspace(workspace)"
    )

    finished = start(tmp_path / "data", code=code, environment={"TMPDIR": shared})

    assert finished.returncode == 0, finished.stderr
    assert list(shared.iterdir()) == []
    assert list(person.rglob("*")) == []


def test_that_an_image_is_portable_by_the_file_beside_it(start: Start, program: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "portable.txt").write_bytes(b"")

    found = _where(start, program=program, environment={"APPIMAGE": stick / "Calotype.AppImage"})

    assert found["data"] == str(stick / "Calotype data")
    assert found["program"] == str(program.parent)


def test_that_a_bundle_is_portable_by_the_file_beside_it(start: Start, tmp_path: Path) -> None:
    inside = tmp_path / "Calotype.app" / "Contents" / "MacOS"
    inside.mkdir(parents=True)
    (tmp_path / "portable.txt").write_bytes(b"")

    found = _where(start, program=inside / "calotype")

    assert found["data"] == str(tmp_path / "Calotype data")


def test_that_the_environment_and_the_command_line_come_before_portable(
    start: Start, program: Path, tmp_path: Path
) -> None:
    (program.parent / "portable.txt").write_bytes(b"")

    named = _where(start, program=program, environment={"CALOTYPE_HOME": tmp_path / "named"})
    asked = _where(start, "--home", tmp_path / "asked", program=program)

    assert named["data"] == str(tmp_path / "named")
    assert asked["data"] == str(tmp_path / "asked")


@pytest.mark.skipif(sys.platform == "win32", reason="folders of Windows have no such permission")
def test_that_a_portable_program_in_a_read_only_place_is_a_sentence(start: Start, program: Path) -> None:
    (program.parent / "portable.txt").write_bytes(b"")
    program.parent.chmod(0o555)

    refused = start("projects", program=program, **_without_rights())

    program.parent.chmod(0o755)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "portable.txt" in refused.stderr
    assert str(program.parent) in refused.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="folders of Windows have no such permission")
def test_that_a_data_folder_that_cannot_be_written_to_is_a_sentence(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "read only"
    folder.mkdir()
    folder.chmod(0o555)

    refused = start("projects", "--home", folder, **_without_rights())

    folder.chmod(0o755)
    assert refused.returncode == 1
    assert "cannot be written to" in refused.stderr
    assert "Choose another folder" in refused.stderr


def _without_rights() -> dict[str, object]:
    """What makes a process obey the permissions of folders, even one of root."""
    return {"preexec_fn": _drop_rights} if os.getuid() == 0 else {}


def _drop_rights() -> None:
    drop_from_bounding_set, override_permissions = 24, 1  # PR_CAPBSET_DROP and CAP_DAC_OVERRIDE of prctl(2)
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions)


@pytest.mark.parametrize(
    "arguments",
    [["--home", "{home}"], ["--home={home}"], ["train", "x", "--home", "{home}"], ["--json", "--home={home}", "runs"]],
)
def test_that_the_data_folder_is_found_in_any_command_line(arguments: list[str], tmp_path: Path) -> None:
    assert root_named_in([word.format(home=tmp_path) for word in arguments]) == tmp_path
