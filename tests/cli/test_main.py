"""The program as a whole: its version, its help, its exit codes, and what it says of its own faults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import calotype
from calotype.services import model_catalog

COMMANDS = ("demo", "projects", "new", "import", "train", "runs", "generate", "models", "export", "selftest")


def test_that_the_version_is_said_without_loading_torch_or_qt() -> None:
    code = (
        "import sys; sys.argv = ['calotype', '--version']; from calotype.__main__ import main\n"
        "try:\n    code = main()\nexcept SystemExit as leaving:\n    code = leaving.code\n"
        'sys.stderr.write(f\'{code} {sorted({"torch", "PySide6", "diffusers"} & set(sys.modules))}\')'
    )

    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=_with_source()
    )

    assert finished.stdout == calotype.__version__ + "\n"
    assert finished.stderr in ("0 []", "None []")


@pytest.mark.parametrize("command", COMMANDS)
def test_that_every_command_has_help(call: Any, command: str) -> None:
    answer = call(command, "--help")

    assert answer.code == 0
    assert answer.out.startswith(f"Usage: calotype {command}")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "models"])
def test_that_every_command_takes_home_and_json(call: Any, command: str) -> None:
    answer = call(command, "--help")

    assert "--home" in answer.out
    assert "--json" in answer.out


def test_that_the_models_are_listed(call: Any, home: Path) -> None:
    answer = call("models", "list", "--json")

    assert [model["id"] for model in answer.values["models"]] == ["starter"]
    assert answer.values["models"][0]["resolution_px"] == 128


def test_that_a_folder_that_is_no_model_is_one_line_and_no_success(call: Any, home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    answer = call("models", "add", tmp_path / "empty")

    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.startswith("calotype: ")
    assert answer.err.count("\n") == 1


def test_that_a_misspelt_command_is_not_understood(call: Any) -> None:
    answer = call("trian")

    assert answer.code == 2
    assert "trian" in answer.err


@pytest.mark.parametrize("arguments", [("trian",), ("runs",), ("train", "fox", "--set", "rank"), ("--bogus",)])
def test_that_a_program_hears_what_was_not_understood(call: Any, home: Path, arguments: tuple[str, ...]) -> None:
    answer = call(*arguments, "--json")

    assert answer.code == 2
    assert answer.values["error"]["kind"] == "UsageError"
    assert answer.values["error"]["sentence"] in answer.err


@pytest.mark.parametrize("arguments", [("new", "x\udcff"), ("generate", "--prompt", "x\udcff", "--out", "out")])
def test_that_bytes_that_are_no_text_are_not_understood(call: Any, home: Path, arguments: tuple[str, ...]) -> None:
    answer = call(*arguments)

    assert answer.code == 2
    assert "not text" in answer.err


def test_that_a_fault_of_ours_is_one_line_and_its_traceback_is_in_the_log(
    call: Any, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_workspace: object) -> None:
        raise ZeroDivisionError("a deliberate fault")

    monkeypatch.setattr(model_catalog, "list_base_models", fail)

    answer = call("models", "list")

    log = home / "logs" / "terminal.log"
    assert answer.code == 1
    assert answer.err == (
        f"calotype: a fault in Calotype: ZeroDivisionError: a deliberate fault. The details are in {log}\n"
    )
    assert "Traceback" in log.read_text(encoding="utf-8")


def _with_source() -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "desktop"), str(root / "resources")])}
