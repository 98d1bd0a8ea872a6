"""What desktops are told is true and complete."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("program_modules")


@pytest.fixture
def share(tmp_path: Path, qapp: object) -> Path:
    """A `share` folder as a package has it."""
    from desktop_files import place_desktop_files
    from icons import draw_icons

    draw_icons(tmp_path / "icons")
    place_desktop_files(tmp_path / "share", tmp_path / "icons", "1.2.3", "2026-11-24")
    return tmp_path / "share"


def test_that_the_icon_is_there_in_every_size(share: Path) -> None:
    from icons import SIZES_PX

    drawn = {
        path.parts[-3]: Image.open(path).convert("RGBA").getchannel("A")
        for path in share.glob("icons/hicolor/*/apps/calotype.png")
    }

    assert {name: image.size for name, image in drawn.items()} == {f"{side}x{side}": (side, side) for side in SIZES_PX}
    assert all(image.getpixel((0, 0)) == 0 for image in drawn.values())  # its corners are round
    assert all(image.getpixel((image.width // 2, image.height // 2)) == 255 for image in drawn.values())


def test_that_the_icons_of_windows_and_macos_hold_every_size(share: Path) -> None:
    icons = share.parent / "icons"

    with Image.open(icons / "calotype.ico") as windows, Image.open(icons / "calotype.icns") as macos:
        assert windows.info["sizes"] == {(side, side) for side in (16, 24, 32, 48, 64, 128, 256)}
        assert {(16, 16, 2), (128, 128, 2), (512, 512, 2)} <= set(macos.info["sizes"])


def test_that_pictures_and_models_can_be_dropped_onto_the_icon(share: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(share / "applications" / "calotype.desktop", encoding="utf-8")
    kinds = ElementTree.parse(share / "mime" / "packages" / "calotype.xml").getroot()

    described = entry["Desktop Entry"]
    declared = [kind.attrib["type"] for kind in kinds]
    assert described["Exec"] == "calotype %F"
    assert {"image/png", "image/jpeg", "image/webp", *declared} <= set(described["MimeType"].split(";"))
    assert declared == ["application/vnd.safetensors", "application/vnd.calotype.pack"]


def test_that_the_page_in_the_store_says_this_version(share: Path) -> None:
    page = ElementTree.parse(share / "metainfo" / "io.github.calotype.calotype.metainfo.xml")

    release = page.find("releases/release")
    assert release is not None and release.attrib == {"version": "1.2.3", "date": "2026-11-24"}
    assert page.findtext("launchable") == "calotype.desktop"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils is not installed")
def test_that_the_entry_passes_the_validator(share: Path) -> None:
    command = ["desktop-file-validate", str(share / "applications" / "calotype.desktop")]

    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="appstream is not installed")
def test_that_the_page_in_the_store_passes_the_validator(share: Path) -> None:
    page = share / "metainfo" / "io.github.calotype.calotype.metainfo.xml"

    finished = subprocess.run(
        ["appstreamcli", "validate", "--no-net", page], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stdout
