"""Find frames and letterboxes: plain bands along opposite sides that are no part of the picture."""

from __future__ import annotations

import numpy as np

from calotype.domain.image_facts import WHOLE, Box

_SAME = 12  # grey levels that compression makes of one colour
_OTHER = 20  # from which a pixel is no part of the band
_PLAIN = 0.98  # of a row that is a band
_LEAST_SHARE, _MOST_SHARE = 0.012, 0.45  # of the side
_EDGE_ROWS = 3  # within so many rows a band ends all at once; scaling blurs its line
_AT_ONCE = 0.6  # of the row


def find_content(colours: np.ndarray) -> Box:
    """The part of a picture inside its frame or letterbox; all of it if there is none.

    A plain backdrop is no band: it ends where the subject begins, and not along a straight line from side to side.
    Shape: colours (height, width, 3), uint8.
    """
    height, width = colours.shape[:2]
    values = colours.astype(np.int16)
    top, bottom = _bands(values)
    left, right = _bands(values[top : height - bottom].swapaxes(0, 1))
    if left and not top:  # a frame whose rows are plain only without its sides
        top, bottom = _bands(values[:, left : width - right])
    if not (top or left):
        return WHOLE
    return Box(left / width, top / height, 1 - right / width, 1 - bottom / height)


def _bands(rows: np.ndarray) -> tuple[int, int]:
    """How many rows at the beginning and at the end are bands of one colour; none unless both are."""
    first, last = _band(rows), _band(rows[::-1])
    if not first or not last:
        return 0, 0
    is_same = np.abs(_colour(rows[0]) - _colour(rows[-1])).max() <= _OTHER
    return (first, last) if is_same else (0, 0)


def _band(rows: np.ndarray) -> int:
    count = len(rows)
    if (np.abs(rows[0] - _colour(rows[0])).max(axis=1) <= _SAME).mean() < _PLAIN:
        return 0  # most pictures are done with here
    distance = np.abs(rows[: count // 2] - _colour(rows[0])).max(axis=2)  # (rows, pixels)
    is_plain = (distance <= _SAME).mean(axis=1) >= _PLAIN
    depth = len(is_plain) if is_plain.all() else int(np.argmin(is_plain))
    if not _LEAST_SHARE * count <= depth <= _MOST_SHARE * count:
        return 0
    behind = distance[depth : depth + _EDGE_ROWS]
    if not len(behind) or (behind[-1] > _OTHER).mean() < _AT_ONCE:
        return 0
    return depth + int(np.argmax((behind > _OTHER).mean(axis=1) >= _AT_ONCE))


def _colour(row: np.ndarray) -> np.ndarray:
    colour: np.ndarray = np.median(row, axis=0).astype(np.int16)
    return colour
