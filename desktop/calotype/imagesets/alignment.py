"""Lay small pictures over each other: how one was cut, resized and lit to make the other, and what differs then.

The cut and the light are found by Gauss-Newton steps on the difference, from coarse to fine (Lucas and Kanade, 1981),
with weights that let a part that does not fit, such as a subject that moved, not pull at the rest (Cauchy's). Then
the pictures are compared part by part: what was only saved, resized, cut or lit again differs nowhere much, and
another pose differs much somewhere, however large and alike the background is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE_PX = 64  # of a small copy
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green and blue
_PARTS = 8  # on a side: what is compared by itself
_ROUGH_PX = 16
_ROUGH_STEPS = ((8, 3), (_ROUGH_PX, 3))  # side in pixels, steps
_WORTH_A_CLOSER_LOOK = 0.5  # of the contrast: what differs more after the rough steps will not fit after the fine ones
_FINE_STEPS = ((32, 3), (64, 2))
_FINE_PAIRS = 32  # at once: what fits into the caches of a processor
_NOISE = 16.0  # grey levels: what differs less, in a part without contrast, is nothing to see
_GLOBAL = 0.25  # how much the contrast of the whole picture counts beside that of a part
_SEEN = 0.3  # share of a part that has to lie in both pictures
_MOST_SCALE, _MOST_SHIFT, _MOST_GAIN = 1.13, 0.12, 1.43
_LIGHT_STEPS, _LEAST_PLACES = 3, 50
_WHITE, _BLACK = 250, 4  # beyond, brightening or darkening may have cut something off

Floats = NDArray[np.float32]
Truths = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SmallCopy:
    """Few pixels of a picture, and fewer for a first look. Shapes: pixels (64, 64, 3), shades (2, 16, 16)."""

    pixels: NDArray[np.uint8]
    shades: Floats


def small_copy(picture: Image.Image) -> SmallCopy:
    """Shrink an RGB picture, whatever its shape, to the square that is compared."""
    pixels = np.asarray(picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR))
    return SmallCopy(pixels, _reduced(_shades(_channels_first(pixels[None])), _ROUGH_PX)[0])


def differences(pairs: Sequence[tuple[SmallCopy, SmallCopy]], is_mirrored: Truths) -> Floats:
    """How much the most different parts of each pair differ after the best overlay, shape (pairs,).

    0 is the same picture; 1 means that some part, or the whole from afar, has nothing in common. `is_mirrored` tells
    which pairs to compare with the first picture turned left to right.
    """
    one, other = (np.stack([pair[place].shades for pair in pairs]) for place in (0, 1))
    one[is_mirrored] = one[is_mirrored, ..., ::-1]
    fits = _Fits(len(pairs))
    for side_px, step_count in _ROUGH_STEPS:
        fits.improve(_reduced(one, side_px), _reduced(other, side_px), step_count)
    found = np.ones(len(pairs), dtype=np.float32)
    is_near = _rough_difference(fits, one, other) < _WORTH_A_CLOSER_LOOK
    if is_near.any():
        for chosen in np.array_split(np.flatnonzero(is_near), -(-int(is_near.sum()) // _FINE_PAIRS)):
            some = [pairs[place] for place in chosen]
            found[chosen] = _fine_differences(some, is_mirrored[chosen], fits.of(chosen))
    return found


def _fine_differences(pairs: Sequence[tuple[SmallCopy, SmallCopy]], is_mirrored: Truths, fits: _Fits) -> Floats:
    first, second = (_channels_first(np.stack([pair[place].pixels for pair in pairs])) for place in (0, 1))
    first[is_mirrored] = first[is_mirrored, ..., ::-1]
    one, other = _shades(first), _shades(second)
    for side_px, step_count in _FINE_STEPS:
        fits.improve(_reduced(one, side_px), _reduced(other, side_px), step_count)
    return _most_different_part(first, second, fits)


class _Fits:
    """For each pair: where in the first picture to look for each place of the second, and the light to add.

    Places run from -1 to 1; `cut` holds scale and shift along x, then along y, shape (pairs, 4).
    """

    def __init__(self, count: int) -> None:
        self.cut = np.tile(np.array([1, 0, 1, 0], dtype=np.float32), (count, 1))
        self.gain = np.ones(count, dtype=np.float32)
        self.offset = np.zeros(count, dtype=np.float32)

    def of(self, chosen: Indices) -> _Fits:
        """Those of some pairs."""
        fits = _Fits(0)
        fits.cut, fits.gain, fits.offset = self.cut[chosen], self.gain[chosen], self.offset[chosen]
        return fits

    def overlay(self, first: Floats) -> tuple[Floats, Truths]:
        """The first pictures as the second ones were cut, and where they have pixels.

        Shapes: first and overlaid (pairs, channels, side, side), where (pairs, side, side).
        """
        across, is_in_x = _resampling(self.cut[:, 0], self.cut[:, 1], first.shape[-1])
        down, is_in_y = _resampling(self.cut[:, 2], self.cut[:, 3], first.shape[-1])
        overlaid = (down[:, None] @ first @ across.transpose(0, 2, 1)[:, None]).astype(np.float32, copy=False)
        return overlaid, is_in_y[:, :, None] & is_in_x[:, None, :]

    def lit(self, overlaid: Floats) -> Floats:
        """The overlaid pictures in the light of the second ones; the same shape."""
        each = (len(overlaid), *[1] * (overlaid.ndim - 1))
        lit: Floats = (self.gain.reshape(each) * overlaid + self.offset.reshape(each)).clip(0, 255)
        return lit

    def improve(self, first: Floats, second: Floats, step_count: int) -> None:
        """Take some steps. Shapes: (pairs, 2, side, side), the channels are those of `_shades`."""
        for _ in range(step_count):
            self._step(first, second)

    def _step(self, first: Floats, second: Floats) -> None:
        side_px = first.shape[-1]
        place = _places(side_px)
        both, is_in = self.overlay(first)
        overlaid = both[:, 0]
        rest = second[:, 0] - self.gain[:, None, None] * overlaid - self.offset[:, None, None]
        is_cut_off = ((both[:, 1] >= _WHITE) & (rest > 0)) | ((second[:, 1] >= _WHITE) & (rest < 0))
        by_x = np.gradient(overlaid, axis=2) * (side_px / 2 * self.gain / self.cut[:, 0])[:, None, None]
        by_y = np.gradient(overlaid, axis=1) * (side_px / 2 * self.gain / self.cut[:, 2])[:, None, None]
        slopes = np.stack([by_x * place, by_x, by_y * place[:, None], by_y, overlaid, np.ones_like(overlaid)], axis=-1)
        step = _least_squares(slopes, rest, _trust(rest, is_in & ~is_cut_off))
        self.cut += step[:, :4]
        self.cut[:, ::2] = self.cut[:, ::2].clip(1 / _MOST_SCALE, _MOST_SCALE)
        self.cut[:, 1::2] = self.cut[:, 1::2].clip(-_MOST_SHIFT, _MOST_SHIFT)
        self.gain = (self.gain + step[:, 4]).clip(1 / _MOST_GAIN, _MOST_GAIN)
        self.offset += step[:, 5]

    def improve_light(self, overlaid: Floats, second: Floats, is_in: Truths) -> None:
        """Find the light again where no colour was cut off at white or black. Shapes: (pairs, 3, side, side)."""
        is_whole = is_in[:, None] & (np.maximum(overlaid, second) < _WHITE) & (np.minimum(overlaid, second) > _BLACK)
        for _ in range(_LIGHT_STEPS):
            lit = self.gain[:, None, None, None] * overlaid + self.offset[:, None, None, None]
            trust = _trust(second - lit, is_whole)
            weight = trust.sum(axis=(1, 2, 3)) + 1
            mean, other = ((values * trust).sum(axis=(1, 2, 3)) / weight for values in (overlaid, second))
            around = (overlaid - mean[:, None, None, None]) * trust
            slope = (around * second).sum(axis=(1, 2, 3)) + _NOISE**2 * weight * self.gain
            spread = (around * overlaid).sum(axis=(1, 2, 3)) + _NOISE**2 * weight
            self.gain = (slope / spread).clip(1 / _MOST_GAIN, _MOST_GAIN)
            self.offset = np.where(weight > _LEAST_PLACES, other - self.gain * mean, self.offset)


def _shades(pictures: Floats) -> Floats:
    """The grey of each place, and its strongest colour, which tells where brightening cut something off.

    Shapes: (pairs, 3, side, side) to (pairs, 2, side, side).
    """
    return np.stack([np.tensordot(pictures, _GREY, (1, 0)), pictures.max(axis=1)], axis=1)


def _channels_first(pixels: NDArray[np.uint8]) -> Floats:
    """Shapes: (pairs, side, side, 3) to (pairs, 3, side, side)."""
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)


def _reduced(values: Floats, side_px: int) -> Floats:
    """Average over squares; the last two axes become `side_px` long."""
    if values.shape[-1] == side_px:
        return values
    averaging = _averaging(side_px, values.shape[-1])
    return (averaging @ values @ averaging.T).astype(np.float32, copy=False)


@cache
def _averaging(short: int, long: int) -> Floats:
    # As a matrix: several times faster than a mean over axes of two and four.
    return (np.repeat(np.eye(short), long // short, axis=1) * (short / long)).astype(np.float32)


def _places(side_px: int) -> Floats:
    return ((np.arange(side_px, dtype=np.float32) + 0.5) * 2 / side_px - 1).astype(np.float32)


def _resampling(scale: Floats, shift: Floats, side_px: int) -> tuple[Floats, Truths]:
    """Linear interpolation along one axis as matrices, shape (pairs, side, side), and which places lie inside."""
    wanted = scale[:, None] * _places(side_px) + shift[:, None]
    pixel = (wanted + 1) * (side_px / 2) - 0.5  # (pairs, side)
    is_inside = (pixel > -0.5) & (pixel < side_px - 0.5)
    distance = np.abs(pixel.clip(0, side_px - 1)[:, :, None] - np.arange(side_px, dtype=np.float32))
    return np.maximum(0, 1 - distance).astype(np.float32), is_inside


def _trust(rest: Floats, is_in: Truths) -> Floats:
    """How much each place counts, less the more it differs. Shapes: all (pairs, …)."""
    inside = is_in.astype(np.float32)
    axes = tuple(range(1, rest.ndim))
    spread = np.sqrt(
        (rest * rest * inside).sum(axis=axes, keepdims=True) / inside.sum(axis=axes, keepdims=True).clip(1)
    )
    trust: Floats = inside / (1 + (rest / (spread + 2)) ** 2)
    return trust


def _least_squares(slopes: Floats, rest: Floats, trust: Floats) -> Floats:
    """The change that explains the rest best, shape (pairs, 6). `slopes`: (pairs, side, side, 6)."""
    flat = slopes.reshape(len(slopes), -1, slopes.shape[-1])
    weighted = (flat * trust.reshape(len(slopes), -1, 1)).transpose(0, 2, 1)
    squares = weighted @ flat
    size = np.sqrt(np.einsum("pii->pi", squares)) + 1e-3
    # Scaled, with a little added: a picture without contrast tells nothing of its cut, and must not move far for it.
    squares = squares / (size[:, :, None] * size[:, None, :]) + 1e-3 * np.eye(slopes.shape[-1], dtype=np.float32)
    towards = weighted @ rest.reshape(len(slopes), -1, 1) / size[:, :, None]
    step: Floats = np.linalg.solve(squares, towards)[..., 0] / size
    return step


def _rough_difference(fits: _Fits, first: Floats, second: Floats) -> Floats:
    both, is_in = fits.overlay(first)
    rest = second[:, 0] - fits.lit(both[:, 0])
    rest[~is_in | ((both[:, 1] >= _WHITE) & (rest > 0))] = 0
    rough: Floats = np.sqrt((rest * rest).mean(axis=(1, 2)) / (second[:, 0].var(axis=(1, 2)) + _NOISE**2))
    return rough


def _most_different_part(first: Floats, second: Floats, fits: _Fits) -> Floats:
    """Shapes: first and second (pairs, 3, side, side), result (pairs,)."""
    overlaid, is_in = fits.overlay(first)
    fits.improve_light(overlaid, second, is_in)
    error, allowed = np.zeros((2, len(first), _PARTS, _PARTS), dtype=np.float32)
    seen = _by_part(is_in)
    for place, weight in enumerate(_GREY):
        one, other = overlaid[:, place], second[:, place]
        lit = fits.lit(one)
        rest = other - lit
        rest[((one >= _WHITE) & (rest > 0)) | ((one <= _BLACK) & (rest < 0))] = 0
        error += weight * np.where(seen < _SEEN, 0, _by_part(rest * rest * is_in) / seen.clip(1e-6))
        contrast = np.maximum(_spread(other, is_in, seen), _spread(lit, is_in, seen))
        allowed += weight * (contrast + _GLOBAL * other.var(axis=(1, 2))[:, None, None])
    most: Floats = np.sqrt((error / (allowed + _NOISE**2)).max(axis=(1, 2)))
    return most


def _by_part(values: Floats | Truths) -> Floats:
    """The mean of each part, shape (pairs, parts, parts)."""
    return _reduced(values.astype(np.float32), _PARTS)


def _spread(values: Floats, is_in: Truths, seen: Floats) -> Floats:
    share = seen.clip(1e-6)
    mean = _by_part(values * is_in) / share
    spread: Floats = (_by_part(values * values * is_in) / share - mean * mean).clip(0)
    return spread
