"""How alike two pictures are, by colours and gradients in their places: a judge that learned nothing here.

Colours: histograms of 4x4x4 RGB bins in a grid of 4x4 cells (Swain and Ballard 1991), as square roots, so that their
product is the Bhattacharyya coefficient. Gradients: orientations in 8x8 cells (Dalal and Triggs 2005). Pictures are
shrunk to 64 pixels first, so that a hair's breadth does not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

BINS, COLOUR_CELLS = 4, 4
ORIENTATIONS, GRADIENT_CELLS = 9, 8
SIDE_PX = 64


def describe(picture: Image.Image) -> Floats:
    """A vector of length 1 for a square picture; the product of two vectors is 1 for the same picture."""
    soft = picture.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    pixels = np.asarray(soft).astype(np.float32) / np.float32(255)  # (side, side, 3)
    parts = [_colours(pixels), _gradients(pixels)]
    whole = np.concatenate([part / (np.linalg.norm(part) + 1e-9) for part in parts])
    unit: Floats = (whole / np.sqrt(2)).astype(np.float32)
    return unit


def best_match(seen: Floats, candidates: Sequence[Sequence[Floats]]) -> int:
    """The place of the candidate that is most alike; each candidate is a few views of one thing."""
    return int(np.argmax([max(float(seen @ view) for view in views) for views in candidates]))


def _colours(pixels: Floats) -> Floats:
    """Bins are shared by their neighbours in proportion, so that a shade on an edge does not jump."""
    place = pixels.reshape(-1, 3) * (BINS - 1)
    low = np.minimum(place.astype(np.int64), BINS - 2)
    high_share = place - low
    rows, columns = np.divmod(np.arange(SIDE_PX**2), SIDE_PX)
    cell = (rows * COLOUR_CELLS // SIDE_PX) * COLOUR_CELLS + columns * COLOUR_CELLS // SIDE_PX
    histogram = np.zeros(COLOUR_CELLS**2 * BINS**3, dtype=np.float32)
    for corner in np.ndindex(2, 2, 2):
        step = np.array(corner)
        weight = np.where(step == 1, high_share, 1 - high_share).prod(axis=1)
        bins = low + step
        index = cell * BINS**3 + (bins[:, 0] * BINS + bins[:, 1]) * BINS + bins[:, 2]
        histogram += np.bincount(index, weight, len(histogram)).astype(np.float32)
    return np.sqrt(histogram)


def _gradients(pixels: Floats) -> Floats:
    """Of the channel that changes most at each pixel; each cell is normalised with its strength kept in part."""
    down, across = np.gradient(pixels, axis=(0, 1))
    strengths = np.hypot(down, across)
    channel = strengths.argmax(axis=2)[..., None]
    strength = np.take_along_axis(strengths, channel, 2)[..., 0]
    angle = np.arctan2(np.take_along_axis(down, channel, 2), np.take_along_axis(across, channel, 2))[..., 0] % np.pi
    turn = np.minimum((angle / np.pi * ORIENTATIONS).astype(np.int64), ORIENTATIONS - 1)
    rows, columns = np.indices(strength.shape) * GRADIENT_CELLS // SIDE_PX
    index = (rows * GRADIENT_CELLS + columns) * ORIENTATIONS + turn
    histogram = np.bincount(index.ravel(), strength.ravel(), GRADIENT_CELLS**2 * ORIENTATIONS)
    return np.sqrt(histogram).astype(np.float32)
