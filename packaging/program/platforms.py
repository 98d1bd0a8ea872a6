"""What is made of the folder of the program on each system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from appimage import make_appimage
from deb import make_deb
from mac import make_disk_image
from release import Release
from windows import make_installer, make_zip


def _linux(release: Release, target: Path, scratch: Path) -> list[Path]:
    return [make_deb(release, target, scratch), make_appimage(release, target, scratch)]


def _windows(release: Release, target: Path, _scratch: Path) -> list[Path]:
    return [make_installer(release, target), make_zip(release, target)]


def _macos(release: Release, target: Path, scratch: Path) -> list[Path]:
    return [make_disk_image(release, target, scratch)]


MAKERS: dict[str, Callable[[Release, Path, Path], list[Path]]] = {
    "linux": _linux,
    "win32": _windows,
    "darwin": _macos,
}
