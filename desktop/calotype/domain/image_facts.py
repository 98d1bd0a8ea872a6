"""What was found in the pixels of one picture, once for each content: numbers that later judgements rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = 3  # of the way of looking: facts of another version are found again
_DIGITS = 4  # of what is stored: finer differences are noise


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, as shares of its width and height from the top left corner: 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left <= self.right <= 1 and 0 <= self.top <= self.bottom <= 1):
            raise ValueError(f"no part of a picture: {self}")

    @property
    def width(self) -> float:
        """How much of the picture's width it takes."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How much of the picture's height it takes."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """How much of the picture it takes."""
        return self.width * self.height

    def outside(self, other: Box) -> float:
        """The share of this part that lies outside another one."""
        width = max(0.0, min(self.right, other.right) - max(self.left, other.left))
        height = max(0.0, min(self.bottom, other.bottom) - max(self.top, other.top))
        return 1 - width * height / self.area if self.area else 0.0


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The strip along the left, upper and right edge: its mean colour in CIELAB and how busy it is, in whole units."""

    lightness: int  # 0 to 100
    a: int  # green to red
    b: int  # blue to yellow
    spread: int  # the standard deviation of its colours: below about 6 it is plain

    def distance(self, other: Backdrop) -> float:
        """How far apart two backdrops look, in CIELAB units; a difference of 10 is seen at a glance."""
        colour = (self.lightness - other.lightness, self.a - other.a, self.b - other.b)
        return math.hypot(*colour, self.spread - other.spread)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Everything that was found in one picture."""

    blur_px: float  # the deviation of the Gaussian that blurred the subject's sharpest edges, at 512 x 512 pixels
    blown_share: float  # of the picture: white without any detail that is no background
    crushed_share: float  # of the picture: too dark for any detail, where nothing is bright
    content: Box  # what is left without borders and letterboxes
    backdrop: Backdrop
    faces: tuple[Box, ...] | None = None  # the largest first; drawn ones are not found; None: nobody looked for any
    subject: Box | None = None  # around the white part of the mask, where there is one
    mask_mark: str = ""  # tells one version of the mask's file from another; empty without a mask
    lightness: int | None = None  # of the whole picture in CIELAB, 0 to 100; None: not known

    @property
    def has_border(self) -> bool:
        """True if something around the picture is no part of it."""
        return self.content != WHOLE


def facts_values(facts: ImageFacts) -> dict[str, object]:
    """The facts as plain numbers for JSON; what is usual is left out, so that the index stays small."""
    backdrop = facts.backdrop
    values: dict[str, object] = {
        "blur_px": round(facts.blur_px, _DIGITS),
        "backdrop": [backdrop.lightness, backdrop.a, backdrop.b, backdrop.spread],
    }
    if facts.blown_share:
        values["blown"] = round(facts.blown_share, _DIGITS)
    if facts.crushed_share:
        values["crushed"] = round(facts.crushed_share, _DIGITS)
    if facts.has_border:
        values["content"] = _numbers(facts.content)
    if facts.faces is not None:
        values["faces"] = [_numbers(face) for face in facts.faces]
    if facts.subject is not None:
        values["subject"] = _numbers(facts.subject)
    if facts.mask_mark:
        values["mask"] = facts.mask_mark
    if facts.lightness is not None:
        values["light"] = facts.lightness
    return values


def facts_from(values: Mapping[str, object]) -> ImageFacts:
    """Read what `facts_values` wrote. Raises ValueError, KeyError or TypeError if it is damaged."""
    faces, subject = values.get("faces"), values.get("subject")
    if not isinstance(faces, list | None):
        raise TypeError("faces are no list")
    return ImageFacts(
        blur_px=_number(values["blur_px"]),
        blown_share=_number(values.get("blown", 0.0)),
        crushed_share=_number(values.get("crushed", 0.0)),
        content=_box(values["content"]) if "content" in values else WHOLE,
        backdrop=Backdrop(*(round(value) for value in _four(values["backdrop"]))),
        faces=None if faces is None else tuple(_box(face) for face in faces),
        subject=None if subject is None else _box(subject),
        mask_mark=str(values.get("mask", "")),
        lightness=round(_number(values["light"])) if "light" in values else None,
    )


def _numbers(box: Box) -> list[float]:
    return [round(value, _DIGITS) for value in (box.left, box.top, box.right, box.bottom)]


def _box(value: object) -> Box:
    return Box(*_four(value))


def _four(value: object) -> tuple[float, float, float, float]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"not four numbers: {value!r}")
    first, second, third, fourth = value
    return _number(first), _number(second), _number(third), _number(fourth)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"not a number: {value!r}")
    return float(value)
