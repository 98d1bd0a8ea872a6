"""What a Linux desktop needs to show a program: its entry, its icon, its kinds of files and its page in the store."""

from __future__ import annotations

import shutil
from pathlib import Path

IDENTIFIER = "io.github.calotype.calotype"
_SOURCE = Path(__file__).resolve().parent / "linux"


def place_desktop_files(share: Path, icons: Path, version: str, date: str) -> None:
    """Write everything to its place below a `share` folder, such as /usr/share."""
    for path in icons.glob("*.png"):
        _place(path, share / "icons" / "hicolor" / f"{path.stem}x{path.stem}" / "apps" / "calotype.png")
    _place(icons / "calotype.svg", share / "icons" / "hicolor" / "scalable" / "apps" / "calotype.svg")
    _place(_SOURCE / "calotype.desktop", share / "applications" / "calotype.desktop")
    _place(_SOURCE / "calotype-mime.xml", share / "mime" / "packages" / "calotype.xml")
    metainfo = share / "metainfo" / f"{IDENTIFIER}.metainfo.xml"
    metainfo.parent.mkdir(parents=True, exist_ok=True)
    text = (_SOURCE / "calotype.metainfo.xml").read_text(encoding="utf-8")
    metainfo.write_text(text.replace("@VERSION@", version).replace("@DATE@", date), encoding="utf-8")


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
