"""The package that people install holds everything that the app needs, and works away from the source."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources" / "calotype_resources"
LICENCES = RESOURCES / "licences"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("calotype-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries are those of the tests, which saves a download of 1.5 GB."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
    python = _program(folder, "python")
    answer = subprocess.run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], **_TEXT)
    site = Path(answer.stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    # Plain paths only: the path files of those folders would bring the source tree back in.
    (site / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return python


def test_that_the_wheel_holds_every_resource_and_nothing_else(wheel: Path) -> None:
    shipped = {path.relative_to(ROOT / "resources").as_posix() for path in RESOURCES.rglob("*") if path.is_file()}
    shipped = {name for name in shipped if "__pycache__" not in name}

    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert shipped - names == set()
    assert {name.split("/")[0] for name in names} == {"calotype", "calotype_resources", _dist_info(names)}


def test_that_the_installed_program_says_its_version(installed: Path, tmp_path: Path) -> None:
    finished = subprocess.run([str(installed), "-m", "calotype", "--version"], cwd=tmp_path, env=_bare(), **_TEXT)

    assert re.fullmatch(r"\d+\.\d+\.\d+", finished.stdout.strip())


def test_that_the_installed_program_finds_its_own_starter_model(installed: Path, tmp_path: Path) -> None:
    command = [str(installed), "-m", "calotype", "models", "list", "--home", str(tmp_path / "home")]

    finished = subprocess.run(command, cwd=tmp_path, env=_bare(), **_TEXT)

    assert "Starter" in finished.stdout
    assert str(installed.parents[1]) in finished.stdout


@pytest.mark.slow
def test_that_the_installed_program_passes_its_selftest(installed: Path, tmp_path: Path) -> None:
    finished = subprocess.run([str(installed), "-m", "calotype", "selftest"], cwd=tmp_path, env=_bare(), **_TEXT)

    assert "All 7 checks passed" in finished.stdout


def test_that_every_folder_of_resources_names_its_licence() -> None:
    listed = set(re.findall(r"`(\w+)/`", (LICENCES / "THIRD_PARTY.md").read_text(encoding="utf-8")))
    folders = {path.name for path in RESOURCES.iterdir() if path.is_dir() and not path.name.startswith("_")}

    assert folders - listed - {"licences"} == set()


def test_that_every_licence_that_is_named_ships() -> None:
    text = (LICENCES / "THIRD_PARTY.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\.\./)?[\w/-]+\.txt)`", text)

    assert len(named) >= 5
    assert [name for name in named if not (LICENCES / name).resolve().is_file()] == []


def test_that_resources_are_found_through_the_package() -> None:
    assert files("calotype_resources").joinpath("starter", "model_index.json").is_file()


_TEXT: dict[str, Any] = {"check": True, "capture_output": True, "text": True}


def _program(folder: Path, name: str) -> Path:
    return folder / ("Scripts" if os.name == "nt" else "bin") / name


def _bare() -> dict[str, str]:
    """The environment without anything that leads to the source tree."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _dist_info(names: set[str]) -> str:
    return next(name.split("/")[0] for name in names if ".dist-info/" in name)
