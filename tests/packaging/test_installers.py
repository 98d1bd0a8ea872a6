"""What can be said about the installers of other systems without running them."""

from __future__ import annotations

import configparser
import plistlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PIL import Image

from calotype.startup.data_root import pointer_file

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


def test_that_the_uninstaller_names_the_folder_that_the_program_uses(installer: dict[str, list[str]]) -> None:
    code = "\n".join(installer["Code"])
    remembered = re.search(r"'\\(data-folder\.txt)'", code)

    assert remembered is not None and remembered[1] == pointer_file().name
    assert code.count("begin") == len(re.findall(r"\bend;", code))
    assert len(re.findall(r"(?<!')'(?!')", code)) % 2 == 0  # every text ends


def test_that_files_can_be_given_to_the_program_on_every_system(installer: dict[str, list[str]]) -> None:
    from mac_bundle import info_plist

    windows = set(re.findall(r'SupportedTypes"; .*ValueName: "(\.\w+)"', "\n".join(installer["Registry"])))
    linux = configparser.ConfigParser(interpolation=None)
    linux.read(PROGRAM / "linux" / "calotype.desktop", encoding="utf-8")
    declared = ElementTree.parse(PROGRAM / "linux" / "calotype-mime.xml").getroot()
    suffixes = {glob.attrib["pattern"].lstrip("*") for glob in declared.iter() if glob.tag.endswith("glob")}
    plist = plistlib.loads(plistlib.dumps(info_plist("1.2.3")))
    kinds = [*plist["UTImportedTypeDeclarations"], *plist["UTExportedTypeDeclarations"]]

    own = {f".{end}" for kind in kinds for end in kind["UTTypeTagSpecification"]["public.filename-extension"]}
    assert own == suffixes == {".safetensors", ".calopack"}
    assert own <= windows
    opened = {name for document in plist["CFBundleDocumentTypes"] for name in document["LSItemContentTypes"]}
    assert {kind["UTTypeIdentifier"] for kind in kinds} <= opened
    pictures = {
        f".{kind.removeprefix('image/')}" for kind in linux["Desktop Entry"]["MimeType"].split(";") if "image/" in kind
    }
    assert {{".heif": ".heic"}.get(kind, kind) for kind in pictures} <= windows
    assert windows - own <= set(Image.registered_extensions()) | {".heic", ".heif"}


def test_that_an_app_of_macos_holds_the_licences_before_it_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mac
    from release import Release

    program, app = tmp_path / "build" / "calotype", tmp_path / "build" / "Calotype.app"
    (app / "Contents" / "Resources").mkdir(parents=True)
    program.mkdir()
    for name in ("LICENCES.txt", "sbom.cdx.json"):
        (program / name).write_text(name, encoding="utf-8")
    seen: list[tuple[str, set[str]]] = []

    def run(command: list[object], **_: object) -> None:
        seen.append((str(command[0]), {path.name for path in app.rglob("*") if path.is_file()}))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.delenv("CODESIGN_IDENTITY", raising=False)

    image = mac.make_disk_image(Release(program, tmp_path, "1.2.3", "2026-11-24"), tmp_path, tmp_path / "build")

    assert [name for name, _ in seen] == ["codesign", "codesign", "hdiutil"]
    assert seen[0][1] == {"LICENCES.txt", "sbom.cdx.json"}
    assert image.name == "Calotype-1.2.3-macos-arm64.dmg"


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
