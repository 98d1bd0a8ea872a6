"""The report for somebody who helps says what is wrong, and not who or where someone is."""

from __future__ import annotations

import getpass
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.domain.checks import Check, CheckResult
from calotype.domain.imageset import SubjectKind
from calotype.services.diagnostic_report import Redaction, save_report
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace

RESULTS = [
    CheckResult(Check.IMPORTS, "9 libraries", seconds=2.0),
    CheckResult(Check.PICTURE, failure="The disk is full: cat.png could not be written.", seconds=1.0),
]


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the name of its owner."""
    home = tmp_path / "Anna-Lena Müller"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(getpass, "getuser", lambda: "annalena")
    return home


Texts = Callable[[], dict[str, str]]


@pytest.fixture
def texts(workspace: Workspace, tmp_path: Path, person: Path) -> Texts:
    """What is in a report that is made now."""

    def read() -> dict[str, str]:
        save_report(workspace, tmp_path / "report.zip", RESULTS)
        with zipfile.ZipFile(tmp_path / "report.zip") as archive:
            return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}

    return read


def test_that_the_report_holds_versions_devices_and_results(texts: Texts) -> None:
    report = texts()["report.txt"]

    assert report.startswith("Calotype ")
    assert "diffusers 0.42" in report
    assert "torch found: 2." in report
    assert "imports (2.0 s) ok: 9 libraries" in report
    assert "picture (1.0 s) FAILED: The disk is full" in report


def test_that_logs_and_the_last_crash_are_in_it_without_names_and_places(
    workspace: Workspace, texts: Texts, person: Path
) -> None:
    create_project(workspace, "Secret Otter", SubjectKind.CHARACTER, "otterx")
    root, program = workspace.folder.root, Path(logging.__file__).parent.parent
    lines = [
        f"saved {root}/projects/secret-otter/runs/1/step.safetensors",
        f"read {person}/Pictures/private/otter.png: not a picture",
        f"File {str(person / 'x' / 'y.png')!r}, by annalena",
        f"opened the project Secret Otter of ANNALENA on {root}",
        f'File "{program}/logging/__init__.py", line 1',
    ]
    (workspace.folder.logs / "calotype.log").write_text("\n".join(lines), encoding="utf-8")
    (workspace.folder.logs / "last-crash.txt").write_text("\n".join(lines), encoding="utf-8")

    found = texts()

    for text in (found["logs/calotype.log"], found["logs/last-crash.txt"]):
        for private in (str(person), person.name, "annalena", str(root), "Secret", "otter", "private"):
            assert private.lower() not in text.lower()
        assert "saved <data>" in text
        assert "not a picture" in text
        assert "logging/__init__.py" in text
    assert str(person) not in found["report.txt"]


def test_that_paths_of_windows_are_hidden_however_they_are_quoted(workspace: Workspace) -> None:
    class WindowsHome(type(Path())):  # type: ignore[misc]
        def __str__(self) -> str:
            return "C:\\Users\\Anna"

        def as_posix(self) -> str:
            return "C:/Users/Anna"

        def resolve(self, strict: bool = False) -> Path:
            return self

        @property
        def name(self) -> str:
            return "Anna"

    hide = Redaction(workspace, WindowsHome("Anna"))

    for text in ("c:\\users\\anna\\Pictures\\cat.png", "'C:\\\\Users\\\\Anna\\\\cat.png'", "C:/Users/Anna/cat.png"):
        assert "anna" not in hide.redacted(text).lower()
        assert "cat" not in hide.redacted(text)


def test_that_a_long_log_is_cut_at_its_beginning(workspace: Workspace, texts: Texts) -> None:
    log = workspace.folder.logs / "calotype.log"
    log.write_bytes(b"first\n" + b"x" * 3_000_000 + b"\nlast")

    text = texts()["logs/calotype.log"]

    assert len(text) <= 2_000_000
    assert text.endswith("last")
