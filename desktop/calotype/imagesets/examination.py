"""Look at the pixels of one picture and write down what later judgements need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from calotype.domain.courtesy import give_way
from calotype.domain.image_facts import Box, ImageFacts, facts_from, facts_values
from calotype.imagesets.backdrops import find_surroundings
from calotype.imagesets.borders import find_content
from calotype.imagesets.exposure import find_clipping
from calotype.imagesets.faces import find_faces
from calotype.imagesets.pixels import open_reduced
from calotype.imagesets.sharpness import blur_px
from calotype.imagesets.subject_masks import box_around, read_mask

WORKING_AREA_PX = 512 * 512  # every picture is looked at as large as that, so that numbers can be compared


def examine_file(pixels_path: Path, image_path: Path, mask_mark: str, *, with_faces: bool) -> ImageFacts:
    """Look at a picture of a project; its mask lies beside `image_path`, if `mask_mark` says that there is one.

    Raises UnreadableImageError, ImageTooLargeError or FolderNotReadableError.
    """
    pixels = open_reduced(pixels_path, WORKING_AREA_PX)
    subject = read_mask(image_path, pixels.size) if mask_mark else None
    return examine(pixels, subject, mask_mark=mask_mark, with_faces=with_faces)


def examine(
    pixels: Image.Image, subject: np.ndarray | None = None, *, mask_mark: str = "", with_faces: bool = False
) -> ImageFacts:
    """Look at an upright RGB picture of about `WORKING_AREA_PX`; `subject` (height, width): where its mask is white."""
    content = find_content(np.asarray(pixels))
    inside, subject_inside = pixels, subject
    if content.area < 1:
        left, top, right, bottom = _corners(content, pixels.size)
        inside = pixels.crop((left, top, right, bottom))
        subject_inside = subject[top:bottom, left:right] if subject is not None else None
    give_way()
    clipping, surroundings = find_clipping(inside), find_surroundings(inside)
    give_way()
    found = ImageFacts(
        blur_px=blur_px(np.asarray(inside.convert("L"), dtype=np.float32), subject_inside),
        blown_share=clipping.blown_share,
        crushed_share=clipping.crushed_share,
        content=content,
        backdrop=surroundings.backdrop,
        faces=find_faces(pixels) if with_faces else None,
        subject=box_around(subject) if subject is not None else None,
        mask_mark=mask_mark,
        lightness=surroundings.lightness,
    )
    return facts_from(facts_values(found))  # as they are stored: the first judgement is that of every later time


def _corners(part: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    return round(part.left * width), round(part.top * height), round(part.right * width), round(part.bottom * height)
