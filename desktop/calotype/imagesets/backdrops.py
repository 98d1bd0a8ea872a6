"""How a picture is lit as a whole, and what lies behind the subject, as far as its edge shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from calotype.domain.image_facts import Backdrop

_SIDE_PX = 64
_STRIP_PX = 6
_WHITE_POINT = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)  # D65, as sRGB has it
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The backdrop, and the mean lightness of the whole picture in CIELAB, 0 to 100."""

    backdrop: Backdrop
    lightness: int


def find_surroundings(pixels: Image.Image) -> Surroundings:
    """Mean and spread of the colours along the left, upper and right edge; below often stands the subject itself."""
    small = pixels.convert("RGB").resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    colours = _lab(np.asarray(small, dtype=np.float32) / 255)
    strip = np.concatenate(
        [
            colours[:_STRIP_PX].reshape(-1, 3),
            colours[_STRIP_PX:, :_STRIP_PX].reshape(-1, 3),
            colours[_STRIP_PX:, -_STRIP_PX:].reshape(-1, 3),
        ]
    )
    lightness, a, b = np.rint(strip.mean(axis=0)).astype(int).tolist()
    backdrop = Backdrop(lightness, a, b, round(float(np.sqrt(strip.var(axis=0).sum()))))
    return Surroundings(backdrop, round(float(colours[..., 0].mean())))


def _lab(colours: np.ndarray) -> np.ndarray:
    """From sRGB to CIELAB. Shapes: (height, width, 3), 0 to 1. Source: IEC 61966-2-1 and CIE 15."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE_POINT
    curved = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(curved, -1, 0)
    lab: np.ndarray = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return lab
