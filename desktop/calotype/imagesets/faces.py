"""Find the faces in a photograph, and where they are; drawn faces are mostly not found."""

from __future__ import annotations

import numpy as np
from PIL import Image

from calotype.domain.image_facts import Box
from calotype.imagesets.face_networks import decide, propose, refine

_WINDOW_PX, _STEP_PX = 12, 2  # of the first network
_SMALLEST_PX = 24
_NEXT_SIZE = 0.709  # of the last one: the area halves
_LIKELY = (0.6, 0.7, 0.9)  # scores from which a network passes a window on; the last is strict: no face is invented
_OVERLAP_SAME, _OVERLAP_OTHER = 0.5, 0.7  # of two windows that show one face, of one size or of several
_MOST_WINDOWS = 400  # after the first network; a busy pattern would be looked at for seconds


def find_faces(pixels: Image.Image) -> tuple[Box, ...]:
    """The faces of an upright RGB picture, the largest first; those under 24 pixels are not looked for.

    Source: Zhang et al., Joint face detection and alignment using multitask cascaded convolutional networks, 2016.
    """
    if min(pixels.size) < _SMALLEST_PX:
        return ()
    picture = pixels.convert("RGB")
    windows = _proposed(picture)
    for network, side_px, likely in ((refine, 24, _LIKELY[1]), (decide, 48, _LIKELY[2])):
        if not len(windows):
            return ()
        squares = _squared(windows)
        scores, offsets = network(_patches(picture, squares, side_px))
        passed = scores > likely
        windows = _moved(np.column_stack([squares[passed, :4], scores[passed]]), offsets[passed])
        windows = windows[_best(windows, _OVERLAP_OTHER, is_inside_same=network is decide)]
    boxes = [_box(window, picture.size) for window in windows]
    return tuple(sorted((box for box in boxes if box.area), key=lambda box: -box.area))


def _proposed(picture: Image.Image) -> np.ndarray:
    """Windows that may show a face. Shape: (n, 5): left, top, right, bottom in pixels, score."""
    scale = _WINDOW_PX / _SMALLEST_PX
    found = [np.empty((0, 9), dtype=np.float32)]
    while min(picture.size) * scale >= _WINDOW_PX:
        size = (round(picture.width * scale), round(picture.height * scale))
        scores, offsets = propose(np.asarray(picture.resize(size, Image.Resampling.BOX)))
        rows, columns = np.nonzero(scores > _LIKELY[0])
        first = np.stack([columns, rows], axis=1) * _STEP_PX
        corners = np.concatenate([first, first + _WINDOW_PX], axis=1) / scale
        windows = np.column_stack([corners, scores[rows, columns], offsets[rows, columns]])
        found.append(windows[_best(windows, _OVERLAP_SAME)])
        scale *= _NEXT_SIZE
    every = np.concatenate(found)
    every = every[_best(every, _OVERLAP_OTHER)][:_MOST_WINDOWS]
    return _moved(every[:, :5], every[:, 5:])


def _moved(windows: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Windows moved to where the network saw the face. Shapes: (n, 5), (n, 4)."""
    sides = windows[:, 2:4] - windows[:, :2]
    return np.column_stack([windows[:, :4] + offsets * np.tile(sides, 2), windows[:, 4]])


def _squared(windows: np.ndarray) -> np.ndarray:
    """The same middles, as squares of the longer side."""
    half = (windows[:, 2:4] - windows[:, :2]).max(axis=1, keepdims=True) / 2
    middle = (windows[:, :2] + windows[:, 2:4]) / 2
    return np.column_stack([middle - half, middle + half, windows[:, 4]])


def _best(windows: np.ndarray, overlap: float, *, is_inside_same: bool = False) -> np.ndarray:
    """The places of the windows that are left when each drops those less likely that show the same face.

    The overlap is a share of both together or, with `is_inside_same`, of the smaller one.
    """
    order = np.argsort(-windows[:, 4])
    areas = (windows[:, 2] - windows[:, 0]) * (windows[:, 3] - windows[:, 1])
    kept = []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(first)
        low = np.maximum(windows[first, :2], windows[rest, :2])
        high = np.minimum(windows[first, 2:4], windows[rest, 2:4])
        shared = np.maximum(high - low, 0).prod(axis=1)
        whole = np.minimum(areas[first], areas[rest]) if is_inside_same else areas[first] + areas[rest] - shared
        order = rest[shared <= overlap * whole]
    return np.array(kept, dtype=np.intp)


def _patches(picture: Image.Image, squares: np.ndarray, side_px: int) -> np.ndarray:
    """The pixels of windows; what lies outside the picture is black. Shape: (n, side, side, 3), uint8."""
    patches = [
        picture.crop(tuple(np.rint(square[:4]).astype(int).tolist())).resize(
            (side_px, side_px), Image.Resampling.BILINEAR
        )
        for square in squares
    ]
    return np.stack([np.asarray(patch) for patch in patches])


def _box(window: np.ndarray, size: tuple[int, int]) -> Box:
    """The part of the window that lies in the picture."""
    left, top, right, bottom = np.clip(window[:4] / np.tile(size, 2), 0, 1).tolist()
    return Box(left, top, max(left, right), max(top, bottom))
