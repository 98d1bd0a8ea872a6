"""Every kind of picture becomes upright sRGB pixels, or is refused with a reason."""

from __future__ import annotations

import io
import logging
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from calotype.domain.errors import ImageTooLargeError, UnreadableImageError
from calotype.imagesets.pixels import LIMIT_MEGAPIXELS, read_upright


def _two_halves(mode: str = "RGB") -> Image.Image:
    """Red above, blue below, wider than high."""
    image = Image.new("RGB", (64, 32), (230, 20, 20))
    ImageDraw.Draw(image).rectangle((0, 16, 63, 31), fill=(20, 20, 230))
    return image.convert(mode)


def _saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def _is_near(pixel: Any, colour: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool(np.abs(np.subtract(pixel, colour)).max() <= tolerance)


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000"])
def test_that_every_format_shows_the_same_picture(format_name: str) -> None:
    data = _saved(_two_halves(), format_name)

    upright = read_upright(data, "halves")

    assert upright.pixels.mode == "RGB" and upright.pixels.size == (64, 32)
    assert _is_near(upright.pixels.getpixel((32, 6)), (230, 20, 20), 20)
    assert _is_near(upright.pixels.getpixel((32, 26)), (20, 20, 230), 20)


def test_that_a_picture_from_a_phone_in_heic_is_read() -> None:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(_two_halves()).save(buffer, quality=95)

    upright = read_upright(buffer.getvalue(), "phone.heic")

    assert _is_near(upright.pixels.getpixel((32, 6)), (230, 20, 20), 20) and not upright.is_plain


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP"])
def test_that_plain_files_may_be_copied_as_they_are(format_name: str) -> None:
    assert read_upright(_saved(_two_halves(), format_name), "a").is_plain


@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_every_exif_orientation_is_turned_upright(orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # transposition that stores the picture as the camera would
    stored = _two_halves().transpose(Image.Transpose(undo[orientation])) if orientation > 1 else _two_halves()
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = _saved(stored, "JPEG", exif=exif, quality=95)

    upright = read_upright(data, "turned.jpg")

    assert upright.pixels.size == (64, 32)
    assert _is_near(upright.pixels.getpixel((32, 6)), (230, 20, 20))
    assert upright.was_turned == (orientation > 1) and upright.is_plain == (orientation == 1)


def test_that_a_turned_picture_with_a_colour_profile_is_both_converted_and_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    data = _saved(_two_halves().rotate(180), "JPEG", exif=exif, icc_profile=_wide_profile(), quality=95)

    upright = read_upright(data, "turned.jpg")

    red, _, blue = np.asarray(upright.pixels)[6, 32]
    assert upright.was_turned and red > 200 and blue < 120


def _wide_profile() -> bytes:
    """A linear RGB profile made by hand: mid grey in it is far lighter in sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag_index in range(struct.unpack(">I", profile[128:132])[0]):
        name, offset, size = struct.unpack(">4sII", profile[132 + tag_index * 12 : 144 + tag_index * 12])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            linear = b"curv" + bytes(4) + struct.pack(">I", 0)
            profile[offset : offset + size] = linear.ljust(size, b"\0")
        if name == b"desc":
            profile[offset : offset + size] = bytes(profile[offset : offset + size]).replace(
                "sRGB".encode("utf-16-be"), "line".encode("utf-16-be")
            )
    return bytes(profile)


def test_that_a_colour_profile_is_converted_to_srgb() -> None:
    linear = Image.new("RGB", (16, 16), (55, 55, 55))

    upright = read_upright(_saved(linear, "PNG", icc_profile=_wide_profile()), "linear.png")

    assert _is_near(upright.pixels.getpixel((8, 8)), (128, 128, 128), 4)  # 55/255 linear is 128/255 in sRGB
    assert not upright.is_plain


def test_that_a_broken_colour_profile_counts_as_srgb() -> None:
    data = _saved(_two_halves(), "PNG", icc_profile=b"this is not a profile")

    upright = read_upright(data, "broken.png")

    assert upright.pixels.getpixel((32, 6)) == (230, 20, 20)


def test_that_cmyk_becomes_rgb() -> None:
    upright = read_upright(_saved(_two_halves("CMYK"), "JPEG", quality=95), "print.jpg")

    assert _is_near(upright.pixels.getpixel((32, 6)), (230, 20, 20), 25) and not upright.is_plain


def test_that_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    deep = Image.fromarray(np.full((32, 32), 128 * 257, dtype=np.uint16))

    upright = read_upright(_saved(deep, "PNG"), "deep.png")

    assert upright.pixels.getpixel((8, 8)) == (128, 128, 128)


def test_that_colours_hidden_behind_transparency_do_not_come_out() -> None:
    hidden = Image.new("RGBA", (16, 16), (255, 0, 0, 0))

    upright = read_upright(_saved(hidden, "PNG"), "cut-out.png")

    assert upright.pixels.getpixel((8, 8)) == (255, 255, 255)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_that_an_animation_gives_its_first_frame(format_name: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    data = _saved(frames[0], format_name, save_all=True, append_images=frames[1:], lossless=True)

    upright = read_upright(data, "moving")

    assert _is_near(upright.pixels.getpixel((8, 8)), (250, 0, 0)) and not upright.is_plain


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_that_a_truncated_file_is_refused(format_name: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    data = _saved(Image.fromarray(noise), format_name)

    with pytest.raises(UnreadableImageError) as refused:
        read_upright(data[: len(data) // 2], "half.jpg")

    assert "half.jpg was left out" in str(refused.value)


@pytest.mark.parametrize(
    ("data", "cause"),
    [(b"", "the file is empty"), (b"hello, I am a text", "not a picture"), (bytes(5000), "not a picture")],
)
def test_that_what_is_no_picture_is_refused_with_the_reason(data: bytes, cause: str) -> None:
    with pytest.raises(UnreadableImageError, match=cause):
        read_upright(data, "x.png")


def test_that_a_mislabelled_picture_is_read_by_what_it_is() -> None:
    upright = read_upright(_saved(_two_halves(), "PNG"), "photo.jpg")

    assert upright.plain_suffix == ".png"


def _png_that_claims(width_px: int, height_px: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width_px", "height_px"), [(12_000, 10_000), (40_000, 40_000)])
def test_that_a_decompression_bomb_is_refused_by_its_header(width_px: int, height_px: int) -> None:
    with pytest.raises(ImageTooLargeError) as refused:
        read_upright(_png_that_claims(width_px, height_px), "bomb.png")

    assert refused.value.fields["megapixels"] == width_px * height_px // 1_000_000
    assert refused.value.fields["limit"] == LIMIT_MEGAPIXELS


def test_that_a_picture_of_a_few_pixels_is_refused() -> None:
    with pytest.raises(UnreadableImageError, match="only 4 × 4 pixels"):
        read_upright(_saved(Image.new("RGB", (4, 4)), "PNG"), "dot.png")


@pytest.mark.parametrize(
    "damage", [lambda d: d[:40] + bytes(60) + d[100:], lambda d: d[: len(d) // 3] + d[len(d) // 2 :]]
)
@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_that_damage_in_the_middle_never_crashes(format_name: str, damage: Callable[[bytes], bytes]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (64, 64, 3), dtype=np.uint8)

    try:
        upright = read_upright(damage(_saved(Image.fromarray(noise), format_name)), "damaged")
    except UnreadableImageError:
        return
    assert upright.pixels.mode == "RGB"  # some damage hits bytes that do not matter


@pytest.mark.filterwarnings("ignore")  # decoders warn about much of what is then refused
@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000"])
def test_that_random_damage_is_either_refused_or_harmless(format_name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # decoders also log what they stumble over
    chance = random.Random(format_name)
    noise = np.random.default_rng(3).integers(0, 255, (7, 9, 3), dtype=np.uint8)
    whole = _saved(Image.fromarray(noise).resize((90, 70)), format_name)

    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 2, 5, 20))):
            damaged[chance.randrange(min(len(whole), chance.choice((60, 300, len(whole)))))] = chance.randrange(256)
        try:
            upright = read_upright(bytes(damaged), "damaged")
        except (UnreadableImageError, ImageTooLargeError):
            continue
        assert upright.pixels.mode == "RGB"
