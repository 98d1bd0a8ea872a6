"""Made-up photographs for telling shots apart: one subject in different poses, and copies of each shot.

The subjects are the 3D drawings that the Starter's recipe holds (Fluent Emoji, MIT), put on backgrounds that stay the
same from shot to shot, as on a shop's table: only the pose, the camera or the light tells the shots apart.
"""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

ART = Path(__file__).resolve().parents[2] / "packaging" / "starter_model" / "art.tar"
SHAPES = ((1.0, 1.0), (1.25, 0.94), (0.94, 1.25), (1.4, 0.93))
BACKGROUNDS = ("plain", "gradient", "patches", "texture")
SHOTS = ("first", "turned", "from the side", "moved", "other camera and light")
_MARGIN = 1.3  # how much larger than a picture its background is, so that a camera can move

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the subject is, as shares of the picture, and how it and the camera stand."""

    size: float
    x: float
    y: float
    angle_deg: float = 0.0
    squeeze: float = 1.0  # width as seen from further to the side
    camera: tuple[float, float] = (0.0, 0.0)  # -1 to 1 of the background's margin
    shade: float = 0.0  # how much darker the lower edge is


def subjects(count: int, seed: int = 0) -> list[Image.Image]:
    """Drawings without a background, chosen by chance."""
    with tarfile.open(ART) as tar:
        names = [member.name for member in tar.getmembers() if member.name.startswith("3d/")]
        return [_opened(tar, name) for name in random.Random(seed).sample(names, count)]


def shots(
    number: int, subject: Image.Image, side_px: int = 512, photographs: Sequence[Path] = ()
) -> dict[str, Image.Image]:
    """Five genuinely different shots of one subject, by name, each with grain of its own."""
    chance = np.random.default_rng(number)
    size = tuple(round(side_px * share) for share in SHAPES[number % len(SHAPES)])
    background = _background(chance, (round(size[0] * _MARGIN), round(size[1] * _MARGIN)), number, photographs)
    first = Pose(chance.uniform(0.35, 0.7), chance.uniform(0.4, 0.6), chance.uniform(0.45, 0.6))
    side = chance.choice((-1, 1))
    poses = (
        first,
        replace(first, angle_deg=side * chance.uniform(25, 60)),
        replace(first, squeeze=chance.uniform(0.5, 0.7)),
        # Further back as well: a symmetric thing that only moved sideways is its own mirror image cut anew.
        replace(first, x=first.x + side * chance.uniform(0.15, 0.25), y=first.y - 0.1, size=first.size * 0.85),
        replace(
            first,
            angle_deg=side * 15,
            squeeze=0.9,
            size=first.size * 0.8,
            camera=(chance.uniform(-0.8, 0.8), chance.uniform(-0.8, 0.8)),
            shade=0.4,
        ),
    )
    return {name: _taken(chance, background, subject, size, pose) for name, pose in zip(SHOTS, poses, strict=True)}


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """What is left after saving as JPEG."""
    return _saved(image, "JPEG", quality)


def as_webp(image: Image.Image, quality: int) -> Image.Image:
    """What is left after saving as WebP."""
    return _saved(image, "WEBP", quality)


def resized(image: Image.Image, scale: float) -> Image.Image:
    """The picture with this many times as many pixels along each side."""
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def cut(image: Image.Image, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Image.Image:
    """The picture without these shares of its width and height."""
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def brightened(image: Image.Image, factor: float) -> Image.Image:
    """The picture with all values multiplied, and cut off at white."""
    return ImageEnhance.Brightness(image).enhance(factor)


def cut_all_around(image: Image.Image) -> Image.Image:
    """The picture without 5 % at each side."""
    return cut(image, 0.05, 0.05, 0.05, 0.05)


COPIES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 70": lambda image: as_jpeg(image, 70),
    "JPEG, quality 40": lambda image: as_jpeg(image, 40),
    "WebP, quality 60": lambda image: as_webp(image, 60),
    "a quarter of the size": lambda image: resized(image, 0.25),
    "half the size": lambda image: resized(image, 0.5),
    "twice the size": lambda image: resized(image, 2),
    "mirrored": ImageOps.mirror,
    "5 % cut off at the left": lambda image: cut(image, left=0.05),
    "5 % cut off at the right": lambda image: cut(image, right=0.05),
    "5 % cut off at the top": lambda image: cut(image, top=0.05),
    "5 % cut off at the bottom": lambda image: cut(image, bottom=0.05),
    "5 % cut off at every side": cut_all_around,
    "15 % brighter": lambda image: brightened(image, 1.15),
    "15 % darker": lambda image: brightened(image, 0.85),
    "mirrored, half the size, JPEG 60": lambda image: as_jpeg(resized(ImageOps.mirror(image), 0.5), 60),
    "cut at every side, brighter, JPEG 50": lambda image: as_jpeg(brightened(cut_all_around(image), 1.15), 50),
}


def _opened(tar: tarfile.TarFile, name: str) -> Image.Image:
    handle = tar.extractfile(name)
    assert handle is not None, name  # only folders have no content
    return Image.open(io.BytesIO(handle.read())).convert("RGBA")


def _saved(image: Image.Image, format_name: str, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, format_name, quality=quality)
    return Image.open(buffer).convert("RGB")


def _background(chance: Random, size: tuple[int, int], number: int, photographs: Sequence[Path]) -> Image.Image:
    kinds = (*BACKGROUNDS, *(["photograph"] * 2 if photographs else []))
    kind = kinds[number % len(kinds)]
    if kind == "photograph":
        with Image.open(chance.choice(np.array(photographs, dtype=object))) as opened:
            return ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.LANCZOS)
    if kind == "plain":
        colour = chance.integers(0, 256, 3) if chance.random() < 0.5 else (245, 245, 245)
        return Image.new("RGB", size, tuple(int(value) for value in colour))
    if kind == "texture":
        return _texture(chance, size)
    return _coloured_noise(chance, (2, 2) if kind == "gradient" else (8, 7), size)


def _texture(chance: Random, size: tuple[int, int]) -> Image.Image:
    """Noise of several sizes, as of stone or cloth."""
    values = np.full((size[1], size[0], 3), float(chance.integers(60, 190)))
    for count, strength in ((6, 60), (24, 30), (90, 20), (250, 14)):
        values += (np.asarray(_coloured_noise(chance, (count, count), size)) / 128.0 - 1) * strength
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _coloured_noise(chance: Random, count: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    coarse = chance.integers(0, 256, (count[1], count[0], 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def _taken(
    chance: Random, background: Image.Image, subject: Image.Image, size: Sequence[int], pose: Pose
) -> Image.Image:
    width, height = size
    left, top = (
        int((whole - part) / 2 * (1 + move))
        for whole, part, move in zip(background.size, size, pose.camera, strict=True)
    )
    picture = background.crop((left, top, left + width, top + height))
    tall = int(min(size) * pose.size)
    posed = subject.resize((max(8, int(tall * pose.squeeze)), tall), Image.Resampling.BICUBIC)
    posed = posed.rotate(pose.angle_deg, Image.Resampling.BICUBIC, expand=True)
    corner = (int(width * pose.x - posed.width / 2), int(height * pose.y - posed.height / 2))
    shadow = posed.getchannel("A").point(lambda value: value * 0.35).filter(ImageFilter.GaussianBlur(tall / 50))
    picture.paste((0, 0, 0), (corner[0] + tall // 40, corner[1] + tall // 30), shadow)
    picture.paste(posed, corner, posed)
    if pose.shade:
        ramp = Image.linear_gradient("L").resize((width, height)).point(lambda value: 255 - value * pose.shade)
        picture = ImageChops.multiply(picture, Image.merge("RGB", [ramp] * 3))
    grainy = np.asarray(picture) + chance.normal(0, 3, (height, width, 1))
    return Image.fromarray(grainy.clip(0, 255).astype(np.uint8))
