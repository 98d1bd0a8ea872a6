"""The mask beside a picture of a project, white where the subject is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from calotype.domain.errors import ImageSetError
from calotype.domain.image_facts import Box
from calotype.imagesets.masks import mask_path
from calotype.imagesets.pixels import open_reduced

_SUBJECT = 128


def read_mask(image_path: Path, size: tuple[int, int]) -> np.ndarray | None:
    """Where the subject is, for a picture made smaller to this size; None without a mask that can be used.

    Shape: (height, width), bool.
    """
    try:
        mask = (
            open_reduced(mask_path(image_path), 4 * size[0] * size[1]).convert("L").resize(size, Image.Resampling.BOX)
        )
    except ImageSetError:
        return None
    subject: np.ndarray = np.asarray(mask) >= _SUBJECT
    return subject if subject.any() else None


def box_around(subject: np.ndarray) -> Box:
    """The smallest part of the picture that holds the subject. Shape: (height, width), bool, not all False."""
    height, width = subject.shape
    rows, columns = np.nonzero(subject.any(axis=1))[0], np.nonzero(subject.any(axis=0))[0]
    return Box(
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )
