"""What the checks of single pictures find: `python tests/benchmarks/picture_checks.py FOLDER` with sharp photographs.

Each photograph is looked at as it is and made worse in known ways. Those with a face belong in a folder `faces` below.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from calotype.domain.image_facts import ImageFacts
from calotype.domain.image_issues import BLOWN_SHARE, CRUSHED_SHARE, SOFT_BLUR_PX
from calotype.imagesets.examination import WORKING_AREA_PX, examine
from calotype.imagesets.pixels import open_reduced

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
Change = Callable[[Image.Image], Image.Image]


def _blurred(sigma_px: float) -> Change:
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(sigma_px))


def _lit(factor: float) -> Change:
    return lambda picture: ImageEnhance.Brightness(picture).enhance(factor)


def _warmly_lit(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.clip(np.asarray(picture) * (2.2, 1.8, 1.0), 0, 255).astype(np.uint8))


def _shaken(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture, dtype=np.float32)
    return Image.fromarray(np.mean([np.roll(values, step, axis=1) for step in range(-4, 5)], axis=0).astype(np.uint8))


def _noisy(picture: Image.Image) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, 8, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


CHANGES: dict[str, Change] = {
    "as it is": lambda picture: picture,
    "blurred by 1.5 px": _blurred(1.5),
    "blurred by 2 px": _blurred(2),
    "blurred by 3 px": _blurred(3),
    "shaken by 9 px": _shaken,
    "noise of 8 levels": _noisy,
    "blurred by 2 px under noise of 8 levels": lambda picture: _noisy(_blurred(2)(picture)),
    "1.4 times as bright": _lit(1.4),
    "2 times as bright": _lit(2.0),
    "too bright in warm light: red 2.2, green 1.8 times": _warmly_lit,
    "0.25 times as bright": _lit(0.25),
    "letterboxed": lambda picture: ImageOps.expand(picture, (0, picture.height // 8), "black"),
    "framed": lambda picture: ImageOps.expand(picture, picture.width // 20, "white"),
}
FOUND: dict[str, Callable[[ImageFacts], bool]] = {
    "soft": lambda facts: facts.blur_px > SOFT_BLUR_PX,
    "burnt out": lambda facts: facts.blown_share > BLOWN_SHARE,
    "too dark": lambda facts: facts.crushed_share > CRUSHED_SHARE,
    "border": lambda facts: facts.has_border,
}


def main(folder: Path) -> None:
    """Print a table: how many of the photographs are called what after each change."""
    pictures = [open_reduced(path, WORKING_AREA_PX) for path in _pictures(folder)]
    print(f"| {len(pictures)} photographs | {' | '.join(FOUND)} |")
    print("| --- |" + " --- |" * len(FOUND))
    for name, change in CHANGES.items():
        looked_at = [examine(change(picture)) for picture in pictures]
        print(f"| {name} | {' | '.join(str(sum(map(is_so, looked_at))) for is_so in FOUND.values())} |")
    with_face = list(_pictures(folder / "faces")) if (folder / "faces").is_dir() else []
    for name, paths in (("with a face", with_face), ("without", [p for p in _pictures(folder) if p not in with_face])):
        seen = [examine(open_reduced(path, WORKING_AREA_PX), with_faces=True).faces for path in paths]
        print(f"\n{name}: a face was found in {sum(map(bool, seen))} of {len(seen)}")


def _pictures(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
