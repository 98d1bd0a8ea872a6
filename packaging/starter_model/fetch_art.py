"""Make `art.tar` once: the sprites that the Starter learns from, with their names and notices. Needs npm and resvg-py.

    python packaging/starter_model/fetch_art.py packaging/starter_model/art.tar

Everything after this works without a network: the archive is the only input of the recipe. Each package's licence is
read from the package itself and must be the one that was agreed to.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

SIDE_PX = 128
WEBP_QUALITY = 88
VISIBLE_ALPHA = 200  # a sprite that is nowhere more opaque than this is broken


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package, pinned, with the licence that it must state."""

    name: str
    version: str
    licence: str
    author: str


ART_3D = Package(
    "@lobehub/fluent-emoji-3d", "1.1.0", "MIT", "Microsoft Corporation (fluentui-emoji), packed by LobeHub"
)
ART_FLAT = Package("@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", "Microsoft Corporation (fluentui-emoji)")
NAMES = Package("emojibase-data", "17.0.0", "MIT", "Miles Johnson (emojibase)")

# Groups of emojibase that hold things with a shape: no flags, no letters, no people by skin colour and gender.
GROUPS = {0: "faces", 3: "animals and nature", 4: "food and drink", 5: "places", 6: "activities", 7: "objects"}
PEOPLE, PEOPLE_SUBGROUPS = 1, (25, 26)


def unpack(package: Package, folder: Path) -> Path:
    """Fetch one package and unpack it. Raises ValueError if it states another licence."""
    subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True)
    stem = f"{package.name.lstrip('@').replace('/', '-')}-{package.version}"
    with tarfile.open(folder / f"{stem}.tgz") as archive:
        archive.extractall(folder / stem, filter="data")
    root = folder / stem / "package"
    stated = json.loads((root / "package.json").read_text(encoding="utf-8"))["license"]
    if stated != package.licence:
        raise ValueError(f"{package.name} states the licence {stated}, not {package.licence}")
    return root


def is_wanted(entry: dict[str, Any]) -> bool:
    """Whether an emoji is a thing to draw."""
    group, label = entry.get("group"), entry["label"]
    if group == PEOPLE:
        is_gendered = label.split()[0] in ("man", "woman", "men", "women", "person")
        return entry["subgroup"] in PEOPLE_SUBGROUPS and ":" not in label and not is_gendered
    return group in GROUPS and "thirty" not in label


def key_of(hexcode: str) -> str:
    """The code points without the marks that only ask for a coloured glyph."""
    return hexcode.lower().replace("-fe0f", "").replace("-20e3", "")


def webp(picture: Image.Image) -> bytes:
    """The sprite as it is stored."""
    small = picture.convert("RGBA").resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "WEBP", quality=WEBP_QUALITY, method=4)
    return data.getvalue()


class FlatArt:
    """Sprites of an Iconify package, which are SVG; drawn twice as large, then shrunk."""

    def __init__(self, root: Path) -> None:
        self._icons = json.loads((root / "icons.json").read_text(encoding="utf-8"))
        chars = json.loads((root / "chars.json").read_text(encoding="utf-8"))
        self._names = {key_of(code): name for code, name in chars.items()}

    def picture(self, key: str) -> Image.Image | None:
        """The picture of an emoji, or None if the package has none."""
        import resvg_py

        name = self._names.get(key)
        while name in self._icons.get("aliases", {}):
            name = self._icons["aliases"][name]["parent"]
        icon = self._icons["icons"].get(name)
        if icon is None:
            return None
        width, height = (icon.get(side, self._icons.get(side, 32)) for side in ("width", "height"))
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        drawn = resvg_py.svg_to_bytes(svg_string=f"{head}{icon['body']}</svg>", width=SIDE_PX * 2, height=SIDE_PX * 2)
        return Image.open(io.BytesIO(bytes(drawn)))


def sprites(entries: list[dict[str, Any]], art_3d: Path, flat: FlatArt) -> Iterator[tuple[str, bytes]]:
    """File name in the archive and content, style by style."""
    rendered = {key_of(path.stem): path for path in (art_3d / "assets").glob("*.webp")}
    for entry in entries:
        key = key_of(entry["hexcode"])
        found = {"3d": Image.open(rendered[key]) if key in rendered else None, "flat": flat.picture(key)}
        for style, picture in found.items():
            if picture is not None and _is_visible(picture):
                yield f"{style}/{key}.webp", webp(picture)


def write_archive(out: Path, scratch: Path) -> None:
    """Fetch the packages and write the archive."""
    art_3d, flat = unpack(ART_3D, scratch), FlatArt(unpack(ART_FLAT, scratch))
    names = unpack(NAMES, scratch)
    entries = [
        entry for entry in json.loads((names / "en" / "data.json").read_text(encoding="utf-8")) if is_wanted(entry)
    ]
    labels = {key_of(entry["hexcode"]): entry["label"].replace("’", "'").lower() for entry in entries}
    with tarfile.open(out, "w") as archive:
        sources = [asdict(package) for package in (ART_3D, ART_FLAT, NAMES)]
        about = {"side_px": SIDE_PX, "sources": sources, "labels": labels}
        _add(archive, "about.json", json.dumps(about, indent=1, ensure_ascii=False).encode())
        for name, content in sprites(entries, art_3d, flat):
            _add(archive, name, content)
    print(f"{len(entries)} things, {out.stat().st_size / 1e6:.1f} MB")


def _is_visible(picture: Image.Image) -> bool:
    return max(picture.convert("RGBA").getchannel("A").tobytes()) >= VISIBLE_ALPHA


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    with tempfile.TemporaryDirectory() as folder:
        write_archive(parser.parse_args().out, Path(folder))
