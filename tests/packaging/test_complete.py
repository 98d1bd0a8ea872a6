"""A package that was copied only in part is told at its start."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("program_modules")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder as an installed program's, with its manifest; `weights` is the only large file."""
    from manifest import write_manifest

    folder = tmp_path / "Calotype 狐"
    (folder / "_internal" / "empty").mkdir(parents=True)
    (folder / "calotype").write_bytes(b"program")
    (folder / "_internal" / "weights").write_bytes(bytes(2_000_000))
    (folder / "_internal" / "link").symlink_to("weights")
    write_manifest(folder, "1.2.3")
    return folder


def test_that_the_manifest_names_every_file_with_size_and_hash(program: Path) -> None:
    manifest = json.loads((program / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["version"] == "1.2.3"
    assert manifest["files"] == {
        "_internal/weights": {"size": 2_000_000, "sha256": hashlib.sha256(bytes(2_000_000)).hexdigest()},
        "calotype": {"size": 7, "sha256": hashlib.sha256(b"program").hexdigest()},
    }


def test_that_a_whole_program_starts(program: Path) -> None:
    from entry import damaged_files

    assert damaged_files(program) == []


def test_that_a_large_file_that_was_cut_is_found(program: Path) -> None:
    from entry import damaged_files

    (program / "_internal" / "weights").write_bytes(bytes(1_999_999))

    assert damaged_files(program) == ["_internal/weights"]


def test_that_a_large_file_that_is_missing_is_found(program: Path) -> None:
    from entry import damaged_files

    (program / "_internal" / "weights").unlink()

    assert damaged_files(program) == ["_internal/weights"]


@pytest.mark.parametrize("text", ["", "{", '{"version": "1.2.3"}'])
def test_that_a_manifest_that_was_cut_is_found(text: str, program: Path) -> None:
    from entry import damaged_files

    (program / "manifest.json").write_text(text, encoding="utf-8")

    assert damaged_files(program) == ["manifest.json"]


def test_that_the_refusal_says_what_and_what_to_do_next(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import entry

    entry._say_damaged(program, ["_internal/weights", "_internal/PySide6/QtCore.abi3.so"])

    said = capsys.readouterr().err
    assert said == (
        f"calotype: Calotype is not complete: _internal/weights and 1 more in {program} is missing or damaged. "
        "Install it again; your projects and settings are kept.\n"
    )
