"""calotype projects, calotype runs, and failures as a program reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_that_projects_are_listed_with_what_is_in_them(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Rusty the fox", "--trigger", "rusty")
    call("new", "Blob")
    call("import", "Blob", pictures)

    told, answer = call("projects"), call("projects", "--json")

    listed = {project["name"]: project for project in answer.values["projects"]}
    assert listed["Rusty the fox"]["trigger_word"] == "rusty"
    assert (listed["Blob"]["images"], listed["Blob"]["runs"]) == (6, 0)
    assert listed["Blob"]["images_held_out"] >= 1
    assert len(told.out.splitlines()) == 2
    assert "6 pictures" in told.out


def test_that_no_project_is_said_with_what_to_do(call: Any, home: Path) -> None:
    answer = call("projects")

    assert answer.code == 0
    assert "calotype new NAME" in answer.out


def test_that_runs_are_listed_with_how_far_they_came(call: Any, home: Path, pictures: Path) -> None:
    call("new", "Blob")
    call("import", "Blob", pictures)
    quick = ("--set", "batch_size=1", "--set", "preview_steps=1", "--set", "preview_every=2")
    run = call("train", "Blob", "--steps", "2", *quick, "--json").values["run"]

    told, answer = call("runs", "Blob"), call("runs", "Blob", "--json")

    listed = answer.values["runs"]
    assert [(row["run"], row["state"], row["steps"], row["steps_planned"]) for row in listed] == [
        (run, "completed", 2, 2)
    ]
    assert told.out.startswith(f"{run}  completed  2 of 2 steps  ")


def test_that_a_project_without_runs_says_so(call: Any, home: Path) -> None:
    call("new", "Blob")

    assert call("runs", "Blob").out == "“Blob” has no training run yet.\n"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("runs", "Nobody"), "ProjectNotFoundError"),
        (("export", "norun", "--out", "x.safetensors"), "RunNotFoundError"),
        (("generate", "--prompt", "x", "--model", "nomodel", "--out", "out"), "BaseModelNotFoundError"),
        (("generate", "--prompt", "x", "--lora", "nolora", "--out", "out"), "LoraNotFoundError"),
    ],
)
def test_that_a_program_reads_what_failed(
    call: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], kind: str
) -> None:
    monkeypatch.chdir(tmp_path)

    answer = call(*arguments, "--json")

    assert answer.code == 1
    assert answer.values["error"]["kind"] == kind
    assert answer.err == f"calotype: {answer.values['error']['sentence']}\n"


def test_that_a_failed_import_is_still_one_value(call: Any, home: Path, tmp_path: Path) -> None:
    call("new", "Blob")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")

    answer = call("--json", "import", "Blob", tmp_path / "torn.png")

    assert answer.code == 1
    assert [refused["file"] for refused in answer.values["refused"]] == ["torn.png"]
    assert answer.values["error"]["kind"] == "NoUsableImagesError"


def test_that_an_unknown_run_points_to_the_list(call: Any, home: Path) -> None:
    answer = call("export", "norun", "--out", "x.safetensors")

    assert "calotype runs PROJECT" in answer.err
