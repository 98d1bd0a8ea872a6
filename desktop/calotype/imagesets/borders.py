"""Find frames and letterboxes: plain bands along opposite sides that are no part of the picture."""

from __future__ import annotations

import numpy as np

from calotype.domain.image_facts import WHOLE, Box

_SAME = 12  # grey levels that compression makes of one colour
_OTHER = 20  # from which a pixel is no part of the band
_PLAIN = 0.98  # of a row that is a band
_LEAST_SHARE, _MOST_SHARE = 0.012, 0.45  # of the side
_MOST_FRAME = 0.06  # of the longer side; a box on a plain backdrop has more around it
_EDGE_ROWS = 3  # within so many rows a band ends all at once; scaling blurs its line
_AT_ONCE = 0.4  # of the row: parts of the picture may have the band's colour
_REACHES = 0.4  # of the height of what is inside: as much touches the sides


def find_content(colours: np.ndarray) -> Box:
    """The part of a picture inside its frame or letterbox; all of it if there is none.

    A plain backdrop is no band: it ends where the subject begins, and not along a straight line from side to side.
    Shape: colours (height, width, 3), uint8.
    """
    height, width = colours.shape[:2]
    values = colours.astype(np.int16)
    top, bottom = _bands(values)
    left, right = _bands(values[top : height - bottom].swapaxes(0, 1))
    if top and left:
        if max(top, bottom, left, right) > _MOST_FRAME * max(height, width):
            return WHOLE
    elif top:
        top, bottom = (top, bottom) if _reaches_sides(values, top, bottom) else (0, 0)
    elif left:
        left, right = (left, right) if _reaches_sides(values.swapaxes(0, 1), left, right) else (0, 0)
    if not (top or left):
        return WHOLE
    return Box(left / width, top / height, 1 - right / width, 1 - bottom / height)


def _reaches_sides(rows: np.ndarray, first: int, last: int) -> bool:
    """Whether what lies between two bands touches both sides, as a picture does and a thing on a backdrop does not."""
    inside = rows[first : len(rows) - last]
    ends = np.abs(inside[:, [0, -1]] - _colour(rows[0])).max(axis=2) > _OTHER  # (rows, 2)
    return bool((ends.mean(axis=0) >= _REACHES).all())


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
