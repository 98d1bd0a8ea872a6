"""Imports, names and sizes stay as the house has them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "desktop").rglob("*.py")) + sorted((ROOT / "resources").rglob("*.py"))
SCRIPTS = sorted((ROOT / "packaging").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
BANNED_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "handler", "misc", "core"}
# The loop of training is read from top to bottom, so it may be longer than other functions.
LONGEST_FUNCTION = {"training/engine.py": 80}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_that_the_import_contracts_hold() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_that_no_contract_has_an_exception() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    contracts = project["tool"]["importlinter"]["contracts"]

    assert [contract["name"] for contract in contracts if contract.get("ignore_imports")] == []


@pytest.mark.parametrize("path", SOURCES + SCRIPTS + TESTS, ids=_name)
def test_that_a_file_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=_name)
def test_that_functions_and_classes_stay_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    limit = next((limit for end, limit in LONGEST_FUNCTION.items() if _name(path).endswith(end)), 40)

    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]

    assert [f"{node.name}: {_length(node)} lines" for node in functions if _length(node) > limit] == []
    assert [f"{node.name}: {_length(node)} lines" for node in classes if _length(node) > 200] == []


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=_name)
def test_that_names_say_the_thing_and_not_the_pattern(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [path.stem] + [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]

    assert [name for name in names if _words(name) & BANNED_WORDS] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_that_bugs_are_not_swallowed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    doors = ("ui/workers/background_job.py", "calotype/app.py", "cli/failures.py")

    assert "BLE001" not in text or _name(path).endswith(doors)


def test_that_only_widgets_and_windows_draw() -> None:
    below = [path for path in SOURCES if "ui/models/" in _name(path) or "ui/workers/" in _name(path)]

    assert [_name(path) for path in below if "QtWidgets" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_that_no_test_waits_for_time(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    slept = [call for call in calls if isinstance(call, ast.Attribute) and call.attr in ("sleep", "msleep", "qSleep")]
    waited = [
        call
        for call in calls
        if isinstance(call, ast.Attribute)
        and call.attr == "wait"
        and isinstance(call.value, ast.Name)
        and call.value.id == "qtbot"
    ]

    assert [ast.unparse(call) for call in slept + waited] == []


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=_name)
def test_that_the_name_of_a_test_is_its_claim(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]

    assert [name for name in names if not name.startswith("test_that_")] == []


def test_that_packaging_and_tests_are_not_packages() -> None:
    roots = [ROOT / "packaging", ROOT / "tests", ROOT / "desktop", ROOT / "resources"]

    assert [_name(root) for root in roots if (root / "__init__.py").exists()] == []
    assert [_name(path) for path in TESTS if path.name == "__init__.py"] == []


def test_that_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for lines in extras for line in lines)]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()

    names = [re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in wanted]

    assert [name for name in names if not any(pin.startswith(f"{name}==") for pin in pins)] == []
