"""How blurred the sharpest edges of a picture are."""

from __future__ import annotations

import math

import numpy as np

MOST_BLUR_PX = 8.0  # wider edges cannot be told apart from shading
_FINE_PX, _COARSE_PX = 1.0, 2.2  # deviations of the Gaussians whose answers to one edge are compared
_TILE_PX = 32
_AS_STEEP = 0.8  # of the steepest slope of a tile: what belongs to an edge
_SHARPEST = 0.2  # of the tiles: a blurred background is no fault as long as so much is in focus
_LEAST_SLOPE = 3.0  # grey levels a pixel; fainter ones are shading
_ABOVE_NOISE = 4.0  # times the noise that is left in a slope
_LEAST_TILES = 6  # that know one direction; fewer say nothing about motion
_CLEARLY = 2.0  # times as steep in one direction as in the other: an edge of that direction
# Of white noise with deviation 1: what is left of it in a slope after the fine Gaussian, and what the second
# differences below make of it.
_NOISE_IN_SLOPE, _NOISE_IN_DIFFERENCES = 0.2, 4.47


def blur_px(grey: np.ndarray, subject: np.ndarray | None = None) -> float:
    """Estimate the deviation of the Gaussian that has blurred the sharpest fifth of a picture, in pixels.

    Where an edge was blurred by `s`, its slope after another blur by `g` is as 1 / sqrt(s² + g²): the ratio of the
    slopes after a fine and a coarse blur tells `s`, whatever the contrast. Flat areas do not count, noise is smoothed
    away, and a thin line reads as sharp. Each direction is judged by itself, because camera shake blurs one only.
    Shapes: grey (height, width) float32; subject the same, bool: the part to look at.
    Source: Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011.
    """
    fine = _blurred(grey, _FINE_PX)
    coarse = _blurred(fine, math.sqrt(_COARSE_PX**2 - _FINE_PX**2))
    least = _LEAST_SLOPE + _ABOVE_NOISE * _noise(grey)
    (fine_x, fine_y), (coarse_x, coarse_y) = _slopes(fine), _slopes(coarse)
    if subject is not None:
        fine_x, fine_y = fine_x * subject[1:-1, 1:-1], fine_y * subject[1:-1, 1:-1]
    upright = _tile_blurs(np.where(fine_x > _CLEARLY * fine_y, fine_x, 0), coarse_x, least)
    level = _tile_blurs(np.where(fine_y > _CLEARLY * fine_x, fine_y, 0), coarse_y, least)
    known = [found for found in (upright, level) if len(found) >= _LEAST_TILES]
    if not known:
        known = [_tile_blurs(np.hypot(fine_x, fine_y), np.hypot(coarse_x, coarse_y), least)]
    return max((float(np.quantile(found, _SHARPEST)) for found in known if len(found)), default=MOST_BLUR_PX)


def _tile_blurs(fine: np.ndarray, coarse: np.ndarray, least: float) -> np.ndarray:
    """The blur of each tile whose edges are steep enough to tell. Shapes: slopes (height, width), result (tiles,)."""
    fine_tiles, coarse_tiles = _tiles(fine), _tiles(coarse)
    steepest = fine_tiles.max(axis=1)
    has_edge = steepest > least
    fine_tiles, coarse_tiles = fine_tiles[has_edge], coarse_tiles[has_edge]
    is_edge = fine_tiles >= _AS_STEEP * steepest[has_edge, None]
    fine_slope, coarse_slope = (fine_tiles * is_edge).sum(axis=1), (coarse_tiles * is_edge).sum(axis=1)
    ratio = (fine_slope / np.maximum(coarse_slope, 1e-6)) ** 2
    blurs: np.ndarray = np.sqrt(np.maximum((_COARSE_PX**2 - ratio * _FINE_PX**2) / np.maximum(ratio - 1, 1e-3), 0))
    limited: np.ndarray = np.minimum(blurs, MOST_BLUR_PX)
    return limited


def _tiles(values: np.ndarray) -> np.ndarray:
    """Cut into tiles, the rest at the right and below as well. Shapes: (height, width) to (tiles, area)."""
    rows, columns = (max(1, -(-side // _TILE_PX)) for side in values.shape)
    whole = np.zeros((rows * _TILE_PX, columns * _TILE_PX), dtype=values.dtype)
    whole[: values.shape[0], : values.shape[1]] = values
    parts = whole.reshape(rows, _TILE_PX, columns, _TILE_PX).swapaxes(1, 2)
    return parts.reshape(rows * columns, _TILE_PX**2)


def _slopes(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    across = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2]) / 2
    down = np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1]) / 2
    return across, down


def _noise(grey: np.ndarray) -> float:
    """The noise that is left in a slope, from the median of second differences, which edges hardly move."""
    inner = grey[1:-1, 1:-1]
    differences = 4 * inner - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, 2:] - grey[1:-1, :-2]
    deviation = 1.4826 * float(np.median(np.abs(differences))) / _NOISE_IN_DIFFERENCES
    return _NOISE_IN_SLOPE * deviation


def _blurred(grey: np.ndarray, deviation_px: float) -> np.ndarray:
    reach = math.ceil(3 * deviation_px)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * deviation_px**2)).astype(np.float32)
    weights /= weights.sum()
    height, width = grey.shape
    padded = np.pad(grey, reach, mode="edge")
    across = sum(weight * padded[:, place : place + width] for place, weight in enumerate(weights))
    down = sum(weight * across[place : place + height] for place, weight in enumerate(weights))
    return np.asarray(down)
