"""What can be said about the installers of other systems without running them."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "packaging" / "program"
pytestmark = pytest.mark.usefixtures("program_modules")
_TOOLS = ("gcc", "mksquashfs")


@pytest.fixture
def installer() -> dict[str, list[str]]:
    """The sections of the Inno Setup script, without comments."""
    sections: dict[str, list[str]] = {}
    for line in (PROGRAM / "windows" / "calotype.iss").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            lines = sections.setdefault(found[1], [])
        elif sections and line.strip() and not line.startswith((";", "#")):
            lines.append(line)
    return sections


def test_that_the_installer_of_windows_asks_for_no_administrator(installer: dict[str, list[str]]) -> None:
    setup = dict(line.split("=", 1) for line in installer["Setup"])

    assert setup["PrivilegesRequired"] == "lowest"
    assert setup["DefaultDirName"].startswith("{localappdata}")
    assert [line for line in installer["Registry"] if not line.startswith("Root: HKCU;")] == []


def test_that_the_installer_of_windows_starts_the_program_that_the_spec_makes(installer: dict[str, list[str]]) -> None:
    spec = (PROGRAM / "calotype.spec").read_text(encoding="utf-8")
    named = set(re.findall(r"(\w+)\.exe", "\n".join(line for lines in installer.values() for line in lines)))

    assert named == {"Calotype"}
    assert 'program("Calotype", False)' in spec


def test_that_removing_it_on_windows_never_removes_data(installer: dict[str, list[str]]) -> None:
    removed = [line for name in ("UninstallDelete", "InstallDelete") for line in installer[name]]

    assert removed and all('Name: "{app}\\_internal"' in line for line in removed)


def test_that_every_value_which_the_installer_needs_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import windows
    from release import Release

    commands: list[list[object]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    release = Release(tmp_path / "program", tmp_path / "icons", "1.2.3", "2026-11-24")

    made = windows.make_installer(release, tmp_path)

    given = {word[2:].split("=")[0] for word in map(str, commands[0]) if word.startswith("/D")}
    asked = set(re.findall(r"\{#(\w+)\}", windows.SCRIPT.read_text(encoding="utf-8")))
    assert asked == given
    assert made.name == "Calotype-1.2.3-setup.exe"


def test_that_the_entitlements_of_macos_are_a_property_list() -> None:
    entitlements = plistlib.loads((PROGRAM / "mac" / "entitlements.plist").read_bytes())

    assert entitlements == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
        "com.apple.security.cs.disable-library-validation": True,
    }


def test_that_a_portable_zip_keeps_its_data_beside_it(tmp_path: Path) -> None:
    import zipfile

    import windows
    from release import Release

    (tmp_path / "program" / "_internal").mkdir(parents=True)
    (tmp_path / "program" / "Calotype.exe").write_bytes(b"MZ")
    release = Release(tmp_path / "program", tmp_path / "icons", "1.2.3", "2026-11-24")

    with zipfile.ZipFile(windows.make_zip(release, tmp_path)) as archive:
        assert {"Calotype/Calotype.exe", "Calotype/portable.txt"} <= set(archive.namelist())


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in _TOOLS) or not Path("/usr/include/squashfuse").exists(),
    reason="the tools that make an AppImage are not installed",
)
def test_that_an_appimage_unpacks_itself_runs_and_hands_on_its_exit_code(tmp_path: Path) -> None:
    from appimage import make_appimage
    from release import Release

    program = tmp_path / "build" / "calotype"
    program.mkdir(parents=True)
    (program / "calotype").write_text('#!/bin/sh\necho "$APPIMAGE|$1|$(cat "$APPDIR/opt/calotype/data")"\nexit 7\n')
    (program / "calotype").chmod(0o755)
    (program / "data").write_text("data 狐", encoding="utf-8")
    icons = tmp_path / "icons"
    icons.mkdir()
    for name in ("256.png", "calotype.svg"):
        (icons / name).write_bytes(b"")
    image = make_appimage(Release(program, icons, "1.2.3", "2026-11-24"), tmp_path, tmp_path / "build")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    finished = subprocess.run(
        [image, "--appimage-extract-and-run", "a b"],
        env={"TMPDIR": str(scratch), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (finished.returncode, finished.stdout) == (7, f"{image}|a b|data 狐\n")
    assert list(scratch.iterdir()) == []  # nothing is left behind
    assert image.read_bytes()[8:11] == b"AI\x02"
