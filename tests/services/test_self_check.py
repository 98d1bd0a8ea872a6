"""An installation is checked piece by piece, and a package's files are compared with their list."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from calotype.domain.checks import Check
from calotype.domain.errors.startup import NotTriedError, ProgramDamagedError
from calotype.services.self_check import SelfCheck


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a packaged program that runs this test, as far as the program can tell."""
    folder = tmp_path / "opt" / "calotype"
    (folder / "_internal").mkdir(parents=True)
    contents = {"calotype": b"program", "_internal/library.so": bytes(5000)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = {name: {"size": len(held), "sha256": hashlib.sha256(held).hexdigest()} for name, held in contents.items()}
    (folder / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "calotype"))
    return folder


def test_that_sources_have_no_list_of_files(tmp_path: Path) -> None:
    assert Check.PACKAGE not in SelfCheck(tmp_path).checks


def test_that_a_whole_package_passes(package: Path, tmp_path: Path) -> None:
    tested = SelfCheck(tmp_path)

    assert tested.checks[0] is Check.PACKAGE
    assert tested.run(Check.PACKAGE) == "2 files"


@pytest.mark.parametrize("damage", ["missing", "cut off", "changed"])
def test_that_half_a_package_is_noticed_by_name(package: Path, tmp_path: Path, damage: str) -> None:
    library = package / "_internal" / "library.so"
    if damage == "missing":
        library.unlink()
    else:
        library.write_bytes(bytes(10) if damage == "cut off" else bytes(4999) + b"!")

    with pytest.raises(ProgramDamagedError, match=r"1 of its files.*_internal/library\.so.*Install Calotype again"):
        SelfCheck(tmp_path).run(Check.PACKAGE)


def test_that_a_check_without_what_it_needs_says_so(tmp_path: Path) -> None:
    tested = SelfCheck(tmp_path)

    with pytest.raises(NotTriedError):
        tested.run(Check.LORA)
    assert tested.run(Check.RESOURCES) == "5 found"
    tested.close()


@pytest.mark.slow
def test_that_everything_that_a_run_needs_works_here(tmp_path: Path) -> None:
    tested = SelfCheck(tmp_path)

    details = {check: tested.run(check) for check in tested.checks}
    tested.close()

    assert details[Check.IMPORT] == "18 pictures"
    assert details[Check.PICTURE].endswith(".png")
    assert details[Check.LORA].endswith(" keys")
