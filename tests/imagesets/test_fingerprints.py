"""Exact copies have one hash; pictures that look alike have near ones, and others do not."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from calotype.imagesets.fingerprints import fingerprint, group_by_look
from calotype.imagesets.thumbnails import THUMBNAIL_PX

NEAR_BITS = 5  # of 64


def _pictures() -> list[Image.Image]:
    folder = Path(str(files("calotype_resources") / "sample"))
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("*.png"))]


def _distance(first: Image.Image, second: Image.Image) -> int:
    return (fingerprint(first).perceptual_hash ^ fingerprint(second).perceptual_hash).bit_count()


def _as_jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=50)
    return Image.open(buffer).convert("RGB")


def test_that_a_lossless_copy_in_another_format_has_the_same_content_hash() -> None:
    picture = _pictures()[0]
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True)

    copy = Image.open(buffer).convert("RGB")

    assert fingerprint(copy).content_hash == fingerprint(picture).content_hash


def test_that_one_changed_pixel_changes_the_content_hash() -> None:
    picture = _pictures()[0]
    changed = picture.copy()
    changed.putpixel((3, 3), (1, 2, 3))

    assert fingerprint(changed).content_hash != fingerprint(picture).content_hash


def test_that_a_changed_corner_of_a_large_picture_changes_the_content_hash() -> None:
    large = _pictures()[0].resize((3000, 2000))
    changed = large.copy()
    changed.paste((200, 0, 0), (0, 0, 12, 12))

    assert fingerprint(changed).content_hash != fingerprint(large).content_hash


@pytest.mark.parametrize("size", [(3000, 2000), (200, 3000), (90, 60)])
def test_that_a_thumbnail_keeps_the_shape_and_fits(size: tuple[int, int]) -> None:
    thumbnail = fingerprint(_pictures()[0].resize(size)).thumbnail

    assert max(thumbnail.size) == min(THUMBNAIL_PX, max(size))
    assert abs(thumbnail.width / thumbnail.height - size[0] / size[1]) < 0.02 * size[0] / size[1]


def test_that_resaved_resized_or_brightened_copies_are_near() -> None:
    for picture in _pictures():
        half = picture.resize((128, 128), Image.Resampling.LANCZOS)
        brighter = ImageEnhance.Brightness(picture).enhance(1.05)
        for copy in (_as_jpeg(picture), half, brighter):
            assert _distance(copy, picture) <= NEAR_BITS


def test_that_the_pictures_of_the_sample_are_all_different() -> None:
    groups = group_by_look([fingerprint(picture).perceptual_hash for picture in _pictures()])

    assert len(set(groups)) == len(groups)


def test_that_the_background_alone_tells_pictures_apart() -> None:
    red, blue = Image.new("RGB", (64, 64), (220, 30, 30)), Image.new("RGB", (64, 64), (30, 30, 220))

    assert _distance(red, blue) > NEAR_BITS


def test_that_chains_of_near_hashes_are_one_group() -> None:
    first, second, third, far = 0, 0b11111, 0b1111111111, (1 << 64) - 1

    groups = group_by_look([first, far, second, third])

    assert groups == [0, 1, 0, 0]


def test_that_two_thousand_hashes_are_grouped_like_one_by_one() -> None:
    hashes = [int(value) for value in np.random.default_rng(3).integers(0, 2**63, 2000)]
    hashes[1500] = hashes[7] ^ 0b101

    groups = group_by_look(hashes)

    assert groups[1500] == groups[7] == 7 and len(set(groups)) == 1999
