"""Pictures in formats whose readers are libraries of their own, which a package may lack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pillow_heif
from PIL import Image

_ROOT = Path(__file__).resolve().parents[2]
_SHOTS = _ROOT / "tests" / "shots"
_WRITE_RAW = (
    "import sys, pathlib, digital_negative as d; pathlib.Path(sys.argv[1]).write_bytes(d.digital_negative(640, 480))"
)


def draw_pictures(folder: Path) -> list[str]:
    """Write one picture of each such format, all different, and answer with their names."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = Image.effect_mandelbrot((800, 600), (-2.0, -1.1, 0.9, 1.1), 60).convert("RGB")
    pillow_heif.from_pillow(whole).save(folder / "phone.heic", quality=90)
    whole.rotate(90, expand=True).save(folder / "page.avif")
    whole.transpose(Image.Transpose.FLIP_TOP_BOTTOM).crop((0, 0, 500, 600)).save(folder / "page.webp")
    whole.crop((300, 100, 800, 500)).save(folder / "scan.jp2")
    command = [sys.executable, "-c", _WRITE_RAW, str(folder / "camera.dng")]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(_SHOTS)}, check=True)
    return sorted(path.name for path in folder.iterdir())
