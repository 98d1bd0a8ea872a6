"""Pictures as part of a page: small, and without anything that the file of the picture says about itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from calotype.domain.errors import CalotypeError
from calotype.imagesets.pixels import open_rgb

LARGEST_PX = 384
QUALITY = 88
MOST_STEPS = 16  # of one prompt; a page with hundreds of pictures opens slowly and tells no more


def data_uri(path: Path) -> str | None:
    """The picture as a JPEG of at most 384 pixels a side, None if it is gone or damaged.

    It is always encoded anew: a preview's own file holds its prompt, which is a caption.
    """
    try:
        picture = open_rgb(path)
    except (CalotypeError, OSError):
        return None
    picture.thumbnail((LARGEST_PX, LARGEST_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def chosen_steps(steps: Sequence[int], best: int | None, most: int = MOST_STEPS) -> list[int]:
    """All steps, or an even choice with the first, the last and the best one."""
    if len(steps) <= most:
        return list(steps)
    places = {round(place * (len(steps) - 1) / (most - 1)) for place in range(most)}
    chosen = sorted(steps[place] for place in places)
    if best in steps and best is not None and best not in chosen:
        nearest = min(chosen[1:-1], key=lambda step: abs(step - best))
        chosen = sorted([step for step in chosen if step != nearest] + [best])
    return chosen
