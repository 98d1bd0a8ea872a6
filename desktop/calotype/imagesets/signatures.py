"""What a picture looks like from afar, in 55 numbers: enough to tell which pictures are worth comparing closely.

The lowest frequencies of a 32 x 32 copy, in light and in colour, as a direction: brightening changes its length only,
and mirroring the sign of what is odd from left to right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DIMENSIONS = 55
_SIDE_PX = 32
_LIGHT_ORDERS, _COLOUR_ORDERS = 8, 4  # frequencies that are kept: below this, across and down together
_COLOUR_WEIGHT = 2.0  # differences in colour are small numbers and mean more
_MEAN_WEIGHT = 0.5  # of the mean colour beside the lowest frequency
_LEAST_LENGTH = 60.0  # a picture with less contrast has no direction worth the name

Floats = NDArray[np.float32]


def signature(thumbnail: Image.Image) -> bytes:
    """The signature of an RGB picture as 55 little-endian half floats."""
    small = np.asarray(thumbnail.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX), dtype=np.float32)
    channels = np.moveaxis(small @ _TO_YCC, -1, 0)  # (3, side, side)
    spectrum = _COSINES @ channels @ _COSINES.T
    values = spectrum[_CHANNELS, _ROWS, _COLUMNS] * _WEIGHTS
    direction = values / max(float(np.linalg.norm(values)), _LEAST_LENGTH)
    return direction.astype("<f2").tobytes()


def unpacked(signatures: list[bytes]) -> Floats:
    """Signatures as rows, shape (images, 55)."""
    return np.frombuffer(b"".join(signatures), dtype="<f2").astype(np.float32).reshape(-1, DIMENSIONS)


def _frequencies() -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Channel, row and column of each number."""
    orders = (_LIGHT_ORDERS, _COLOUR_ORDERS, _COLOUR_ORDERS)
    kept = [
        (channel, row, column)
        for channel, order in enumerate(orders)
        for row in range(order)
        for column in range(order - row)
        if channel or row or column  # the mean light is left out: brightening changes it
    ]
    channels, rows, columns = np.array(kept).T
    return channels, rows, columns


def _cosines() -> Floats:
    """The first rows of the orthonormal DCT-II, shape (frequencies, side)."""
    frequency, position = np.arange(_LIGHT_ORDERS)[:, None], np.arange(_SIDE_PX)[None]
    rows = np.cos(np.pi * frequency * (position + 0.5) / _SIDE_PX) * np.sqrt(2 / _SIDE_PX)
    rows[0] /= np.sqrt(2)
    cosines: Floats = rows.astype(np.float32)
    return cosines


def _weights() -> Floats:
    order = (_ROWS + _COLUMNS).astype(np.float32)
    weights = np.where(order > 0, np.sqrt(order), _MEAN_WEIGHT) * np.where(_CHANNELS > 0, _COLOUR_WEIGHT, 1.0)
    single: Floats = weights.astype(np.float32)
    return single


_TO_YCC = np.array(  # red, green and blue to luma and two colour differences; columns; ITU-R BT.601
    [[0.299, -0.168736, 0.5], [0.587, -0.331264, -0.418688], [0.114, 0.5, -0.081312]], dtype=np.float32
)
_CHANNELS, _ROWS, _COLUMNS = _frequencies()
_COSINES = _cosines()
_WEIGHTS = _weights()
IS_ODD = _COLUMNS % 2 == 1  # what changes its sign when a picture is mirrored, shape (55,)
