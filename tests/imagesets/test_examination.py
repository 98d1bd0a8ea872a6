"""Each fault of a picture is found where it is, and not where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from calotype.domain.image_facts import WHOLE, Box
from calotype.imagesets.examination import examine
from calotype.imagesets.faces import find_faces

ASTRONAUT = Path(__file__).with_name("pictures") / "astronaut.jpg"
WHITE, SKY = (255, 255, 255), (90, 130, 190)


def _photograph(seed: int = 1, size: tuple[int, int] = (600, 440)) -> Image.Image:
    """Shapes with shading and texture on a shaded ground, with a little grain: as hard to judge as a real one."""
    chance = np.random.default_rng(seed)
    ground = Image.fromarray(chance.integers(60, 190, (4, 5, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(ground)
    for _ in range(14):
        x, y, side = (int(value) for value in chance.integers((0, 0, 40), (520, 360, 180)))
        colour = tuple(int(value) for value in chance.integers(30, 225, 3))
        (pen.ellipse if chance.random() < 0.5 else pen.rectangle)((x, y, x + side, y + side // 2 + 20), fill=colour)
    grain = chance.normal(0, 3, (size[1], size[0], 1))
    smooth = np.asarray(ground.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float32)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def _drawing(backdrop: tuple[int, int, int] = SKY) -> Image.Image:
    """Flat colours and nothing else, a white one among them, drawn large and made smaller for soft steps."""
    picture = Image.new("RGB", (1024, 1024), backdrop)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((200, 180, 800, 880), fill=WHITE)
    pen.ellipse((330, 380, 430, 480), fill=(30, 30, 40))
    pen.ellipse((570, 380, 670, 480), fill=(30, 30, 40))
    pen.polygon([(450, 560), (560, 560), (505, 640)], fill=(240, 140, 40))
    return picture.resize((512, 512), Image.Resampling.LANCZOS)


def _shaken(picture: Image.Image, reach_px: int) -> Image.Image:
    values = np.asarray(picture, dtype=np.float32)
    moved = [np.roll(values, step, axis=1) for step in range(-reach_px, reach_px + 1)]
    return Image.fromarray(np.mean(moved, axis=0).astype(np.uint8))


def _numbers(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom


@pytest.mark.parametrize("sigma_px", [1.5, 2.0, 3.0])
def test_that_a_blur_is_measured_whatever_the_picture(sigma_px: float) -> None:
    for picture in (_photograph(1), _photograph(2), _drawing()):
        blurred = picture.filter(ImageFilter.GaussianBlur(sigma_px))

        assert examine(blurred).blur_px == pytest.approx(sigma_px, rel=0.25)


def test_that_sharp_photographs_and_flat_drawings_are_sharp() -> None:
    with Image.open(ASTRONAUT) as photograph:
        pictures = [_photograph(1), _photograph(2), _drawing(), _drawing(WHITE), photograph.convert("RGB")]

    assert max(examine(picture).blur_px for picture in pictures) < 0.8


def test_that_noise_hides_no_blur_and_looks_like_none() -> None:
    grain = np.random.default_rng(3).normal(0, 8, (440, 600, 3))

    def noisy(picture: Image.Image) -> Image.Image:
        return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))

    assert examine(noisy(_photograph())).blur_px < 0.8
    assert examine(noisy(_photograph().filter(ImageFilter.GaussianBlur(2.5)))).blur_px > 1.6


def test_that_a_shaken_camera_is_found_although_half_of_the_edges_are_sharp() -> None:
    assert examine(_shaken(_photograph(), 5)).blur_px > 1.5


def test_that_a_soft_background_is_no_fault_and_a_soft_subject_is_one() -> None:
    sharp = _photograph()
    subject = np.zeros((440, 600), dtype=bool)
    subject[60:380, 150:450] = True
    mask = Image.fromarray(subject)
    soft = sharp.filter(ImageFilter.GaussianBlur(4))

    portrait = examine(Image.composite(sharp, soft, mask), subject)
    missed = examine(Image.composite(soft, sharp, mask), subject)

    assert portrait.blur_px < 0.8 < 2 < missed.blur_px
    assert portrait.subject == Box(0.25, 0.1364, 0.75, 0.8636)


def test_that_a_picture_without_any_edge_is_as_soft_as_can_be() -> None:
    assert examine(Image.new("RGB", (300, 200), SKY)).blur_px == 8


def test_that_burnt_out_parts_are_found() -> None:
    bright = ImageEnhance.Brightness(_photograph()).enhance(2.0)

    assert examine(_photograph()).blown_share < 0.02
    assert examine(bright).blown_share > 0.1


def test_that_a_face_in_warm_light_is_burnt_out_although_its_blue_is_not() -> None:
    warm = np.asarray(_photograph(), dtype=np.float32) * (2.4, 2.1, 1.1)
    lit = Image.fromarray(np.clip(warm, 0, 255).astype(np.uint8))

    assert float((np.asarray(lit).min(axis=2) >= 252).mean()) < 0.01  # nothing is white
    assert examine(lit).blown_share > 0.1


@pytest.mark.parametrize("colour", [(255, 25, 40), (120, 180, 255), (255, 253, 30), (210, 235, 255)])
def test_that_a_strong_colour_and_a_pale_sky_are_not_burnt_out(colour: tuple[int, int, int]) -> None:
    """A red dress, a blue sky, a yellow flower, a sky in haze: shaded, and at the top of a channel over half of it."""
    picture = np.asarray(_photograph(), dtype=np.float32).copy()
    shade = np.linspace(0.94, 1.08, 220, dtype=np.float32)[None, :, None]
    picture[100:380, 190:410] = np.clip(np.array(colour, dtype=np.float32) * shade, 0, 255)

    shown = Image.fromarray(picture.astype(np.uint8))

    assert float((np.asarray(shown).max(axis=2) >= 252).mean()) > 0.1
    assert examine(shown).blown_share < 0.02


def test_that_white_that_is_meant_is_not_burnt_out() -> None:
    product = Image.new("RGB", (600, 440), WHITE)
    product.paste(_photograph().crop((100, 100, 400, 340)), (150, 100))

    assert examine(product).blown_share < 0.02
    assert examine(_drawing()).blown_share == 0
    assert examine(_drawing(WHITE)).blown_share == 0


def test_that_a_dark_picture_is_found_and_a_black_backdrop_is_not() -> None:
    studio = Image.new("RGB", (600, 440), (0, 0, 0))
    studio.paste(_photograph().crop((100, 100, 400, 340)), (150, 100))

    assert examine(ImageEnhance.Brightness(_photograph()).enhance(0.25)).crushed_share > 0.3
    assert examine(studio).crushed_share == 0


@pytest.mark.parametrize("colour", ["black", "white", (40, 60, 90)])
def test_that_frames_and_letterboxes_are_found_where_they_are(colour: str | tuple[int, int, int]) -> None:
    letterbox = examine(ImageOps.expand(_photograph(), (0, 55), colour)).content
    pillars = examine(ImageOps.expand(_photograph(), (60, 0), colour)).content
    frame = examine(ImageOps.expand(_photograph(), 20, colour)).content

    assert _numbers(letterbox) == pytest.approx((0, 0.1, 1, 0.9), abs=0.01)
    assert _numbers(pillars) == pytest.approx((60 / 720, 0, 660 / 720, 1), abs=0.01)
    assert _numbers(frame) == pytest.approx((20 / 640, 20 / 480, 620 / 640, 460 / 480), abs=0.01)


def test_that_a_plain_backdrop_is_no_border() -> None:
    product = Image.new("RGB", (600, 440), WHITE)
    product.paste(_photograph().crop((100, 100, 400, 340)), (150, 100))
    table = _drawing(WHITE)
    ImageDraw.Draw(table).rectangle((0, 400, 511, 511), fill=(120, 80, 50))
    box = Image.new("RGB", (600, 600), WHITE)
    box.paste(_photograph().resize((440, 440)), (80, 80))

    pictures = (product, table, box, _drawing(), _photograph())
    assert [examine(picture).content for picture in pictures] == [WHOLE] * 5


def test_that_what_is_inside_a_border_is_judged_by_itself() -> None:
    framed = examine(ImageOps.expand(_photograph().filter(ImageFilter.GaussianBlur(2.5)), 30, "black"))

    assert framed.has_border
    assert framed.blur_px > 2
    assert framed.backdrop.lightness > 20


def test_that_backdrops_of_one_colour_are_near_and_others_are_far() -> None:
    white, off_white = examine(_drawing(WHITE)).backdrop, examine(_drawing((248, 248, 250))).backdrop
    sky, busy = examine(_drawing(SKY)).backdrop, examine(_photograph()).backdrop

    assert white.distance(off_white) < 5 < 30 < white.distance(sky)
    assert white.spread < 2 and busy.spread > 8


def test_that_light_and_dark_pictures_are_told_apart() -> None:
    day = _photograph()

    night, day_lit, snow = (
        examine(p).lightness for p in (ImageEnhance.Brightness(day).enhance(0.2), day, _drawing(WHITE))
    )

    assert night is not None and day_lit is not None and snow is not None
    assert night < 25 < day_lit < 75 < snow
    assert examine(Image.new("RGB", (64, 64), (119, 119, 119))).lightness == 50  # by definition of CIELAB


def test_that_a_face_is_found_where_it_is() -> None:
    with Image.open(ASTRONAUT) as opened:
        picture = opened.convert("RGB")

    mirrored = ImageOps.mirror(picture)
    (face,), (other,) = find_faces(picture), find_faces(mirrored)

    assert face.left == pytest.approx(0.37, abs=0.05) and face.top == pytest.approx(0.2, abs=0.06)
    assert face.width == pytest.approx(0.28, abs=0.06)
    assert other.left == pytest.approx(1 - face.right, abs=0.05)


def test_that_two_faces_are_counted_the_larger_first() -> None:
    with Image.open(ASTRONAUT) as opened:
        picture = opened.convert("RGB")
    pair = Image.new("RGB", (600, 320), (70, 80, 90))
    pair.paste(picture, (0, 0))
    pair.paste(picture.resize((220, 220)), (350, 60))

    faces = find_faces(pair)

    assert len(faces) == 2 and faces[0].area > faces[1].area and faces[0].right < faces[1].left


def test_that_no_face_is_invented() -> None:
    pictures = [_photograph(seed) for seed in range(4)] + [_drawing(), Image.new("RGB", (20, 300), SKY)]

    assert [find_faces(picture) for picture in pictures] == [()] * 6


def test_that_faces_are_looked_for_only_when_asked() -> None:
    assert examine(_drawing()).faces is None
    assert examine(_drawing(), with_faces=True).faces == ()
