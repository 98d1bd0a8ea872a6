"""The spec, run for each system without the build itself: what would be collected, and what it would be called."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "packaging" / "program" / "calotype.spec"
pytestmark = pytest.mark.usefixtures("program_modules")
HERE = str(Path(sys.prefix, "lib", "file"))  # as if a wheel had brought it

COLLECTED = {
    "linux": [
        ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", "BINARY"),
        ("libGL.so.1", "/usr/lib/libGL.so.1", "BINARY"),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", HERE, "BINARY"),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", HERE, "BINARY"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
    ],
    "win32": [("torch/lib/torch_cpu.dll", HERE, "BINARY"), ("PySide6/Qt6Qml.dll", HERE, "BINARY")],
    "darwin": [("torch/lib/libtorch_cpu.dylib", HERE, "BINARY")],
}


class _Build:
    """Takes what the spec hands to PyInstaller, and answers with what an analysis would have found."""

    def __init__(self, system: str) -> None:
        self.binaries = COLLECTED[system]
        self.asked: dict[str, Any] = {}
        self.programs: list[dict[str, Any]] = []
        self.collected: tuple[Any, ...] = ()
        self.bundle: dict[str, Any] = {}

    def names(self) -> dict[str, Any]:
        """What a spec finds as globals."""
        return {
            "SPECPATH": str(SPEC.parent),
            "Analysis": self._analysis,
            "PYZ": lambda pure: pure,
            "EXE": self._program,
            "COLLECT": self._collect,
            "BUNDLE": self._bundle,
        }

    def _analysis(self, scripts: list[str], **asked: Any) -> SimpleNamespace:
        self.asked = {**asked, "scripts": scripts}
        pure = [("calotype", HERE, "PYMODULE"), ("transformers.models.llama", HERE, "PYMODULE")]
        return SimpleNamespace(pure=pure, binaries=list(self.binaries), datas=[], scripts=[])

    def _program(self, *_: Any, **asked: Any) -> dict[str, Any]:
        self.programs.append(asked)
        return asked

    def _collect(self, *parts: Any, **_: Any) -> str:
        self.collected = parts
        return "collected"

    def _bundle(self, _: Any, **asked: Any) -> None:
        self.bundle = asked


@pytest.fixture
def build(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> _Build:
    """The spec, evaluated for one system."""
    made = _Build(request.param)
    text = SPEC.read_text(encoding="utf-8").replace('HERE.parents[1] / "build" / "package"', f"Path({str(tmp_path)!r})")
    __import__("collected")  # its own imports know only the system that this really is
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr("collected.needed_names", lambda _: [])
    exec(compile(text, SPEC, "exec"), made.names())
    return made


@pytest.mark.parametrize("build", ["linux"], indirect=True)
def test_that_on_linux_one_program_answers_in_terminals_and_opens_the_window(build: _Build) -> None:
    assert [(program["name"], program["console"]) for program in build.programs] == [("calotype", True)]
    assert build.bundle == {}


@pytest.mark.parametrize("build", ["linux"], indirect=True)
def test_that_on_linux_nothing_of_the_system_and_no_link_is_packed(build: _Build) -> None:
    places = [place for place, _, _ in build.collected[1]]

    assert places == ["libpython3.11.so.1.0", "PySide6/Qt/plugins/platforms/libqxcb.so"]


@pytest.mark.parametrize("build", ["win32"], indirect=True)
def test_that_on_windows_the_window_has_no_console_and_the_terminal_has_its_own_program(build: _Build) -> None:
    programs = {program["name"]: program["console"] for program in build.programs}

    assert programs == {"Calotype": False, "calotype-cli": True}
    assert all(program["icon"].endswith("calotype.ico") for program in build.programs)
    assert [place for place, _, _ in build.collected[2]] == ["torch/lib/torch_cpu.dll"]


@pytest.mark.parametrize("build", ["darwin"], indirect=True)
def test_that_on_macos_an_app_is_made_that_says_what_it_opens(build: _Build) -> None:
    plist = build.bundle["info_plist"]

    assert build.bundle["name"] == "Calotype.app" and build.bundle["icon"].endswith("calotype.icns")
    assert plist["LSMinimumSystemVersion"] == "14.0"
    opened = [kind for document in plist["CFBundleDocumentTypes"] for kind in document["LSItemContentTypes"]]
    assert "public.image" in opened
    declared = [kind["UTTypeIdentifier"] for kind in plist["UTImportedTypeDeclarations"]]
    assert set(declared) <= set(opened)


@pytest.mark.parametrize("build", ["linux", "win32", "darwin"], indirect=True)
def test_that_everything_of_ours_is_asked_for_on_every_system(build: _Build) -> None:
    hidden, datas = build.asked["hiddenimports"], build.asked["datas"]

    assert {"calotype.cli.selftest", "calotype.ui.windows.train_page", "sqlite3", "zipfile"} <= set(hidden)
    assert any("starter" in place and "unet" in place for _, place in datas)
    assert any("torch" in source and "dist-info" in source for source, _ in datas)
    assert {"networkx", "PySide6.QtNetwork", "transformers.models.llama"} <= set(build.asked["excludes"])
    assert build.asked["module_collection_mode"]["transformers"] == "pyz+py"
