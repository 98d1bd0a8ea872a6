"""What can be asked of a picture in the filter, by key; each answers with a test of one image."""

from __future__ import annotations

import operator
from collections.abc import Callable

from calotype.domain.errors import FilterValueError
from calotype.domain.image_columns import ImageColumns
from calotype.domain.imageset import CaptionedImage, Split

Holds = Callable[[CaptionedImage], bool]
Question = Callable[[str, str, str], Callable[[ImageColumns], Holds]]
"""From key, sign and value, all in lower case, to a test for given columns. Raises FilterValueError."""

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ":": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SAME_ASPECT = 0.01  # two aspects this near, as a share, are the same: 16:9 is never met to the pixel


def _number(value_of: Callable[[CaptionedImage], float]) -> Question:
    def question(key: str, sign: str, value: str) -> Callable[[ImageColumns], Holds]:
        low, dots, high = value.partition("..")
        if dots:
            least, most = _parsed(key, low), _parsed(key, high)
            return lambda _: lambda image: least <= value_of(image) <= most
        compare, wanted = _SIGNS[sign], _parsed(key, value)
        return lambda _: lambda image: compare(value_of(image), wanted)

    return question


def _parsed(key: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise FilterValueError(key, value, f"a number, such as {key}>=3 or {key}:2..4") from None


def _aspect(key: str, sign: str, value: str) -> Callable[[ImageColumns], Holds]:
    words: dict[str, Holds] = {
        "portrait": lambda image: image.width_px < image.height_px,
        "landscape": lambda image: image.width_px > image.height_px,
        "square": lambda image: image.width_px == image.height_px,
    }
    if value in words:
        return lambda _: _signed(sign, words[value])
    wide, _, high = value.partition(":")
    try:
        wanted = float(wide) / float(high or 1)
    except (ValueError, ZeroDivisionError):
        raise FilterValueError(key, value, "portrait, landscape, square, 16:9 or a number such as 1.5") from None
    if sign in (":", "=", "!="):
        near = _SAME_ASPECT * wanted
        return lambda _: _signed(sign, lambda image: abs(image.width_px / image.height_px - wanted) <= near)
    return lambda _: lambda image: _SIGNS[sign](image.width_px / image.height_px, wanted)


def _text(text_of: Callable[[CaptionedImage], str]) -> Question:
    """`:` asks whether the value is in the text, `=` whether it is the text; an empty value asks for no text at all."""

    def question(key: str, sign: str, value: str) -> Callable[[ImageColumns], Holds]:
        if sign not in (":", "=", "!="):
            raise FilterValueError(key, f"{sign}{value}", f"{key}:word, {key}=text or {key}!=text")
        if sign == ":" and value:
            return lambda _: lambda image: value in text_of(image).casefold()
        return lambda _: _signed(sign, lambda image: text_of(image).strip().casefold() == value)

    return question


def _choice(choices: dict[str, Callable[[ImageColumns], Holds]]) -> Question:
    def question(key: str, sign: str, value: str) -> Callable[[ImageColumns], Holds]:
        found = [name for name in choices if name.startswith(value)] if value else []
        if not found or sign not in (":", "=", "!="):
            raise FilterValueError(key, value if sign in (":", "=", "!=") else f"{sign}{value}", " or ".join(choices))
        asked = choices[found[0]]
        return lambda columns: _signed(sign, asked(columns))

    return question


def _issue(_key: str, sign: str, value: str) -> Callable[[ImageColumns], Holds]:
    """Any issue whose name begins so, since more kinds are found than can be listed here; `any` is each of them."""

    def asked(columns: ImageColumns) -> Holds:
        issues = columns.issues
        if value == "any":
            return lambda image: bool(issues.get(image.content_hash))
        return lambda image: any(name.startswith(value) for name in issues.get(image.content_hash, ()))

    return lambda columns: _signed(sign, asked(columns))


def _signed(sign: str, holds: Holds) -> Holds:
    return (lambda image: not holds(image)) if sign == "!=" else holds


def _always(holds: Holds) -> Callable[[ImageColumns], Holds]:
    return lambda _: holds


def _tag_count(image: CaptionedImage) -> int:
    return sum(bool(tag.strip()) for tag in image.caption.split(","))


_IS: dict[str, Callable[[ImageColumns], Holds]] = {
    "duplicate": lambda columns: lambda image: image.content_hash in columns.duplicates,
    "excluded": _always(lambda image: image.is_excluded),
    "included": _always(lambda image: not image.is_excluded),
    "training": _always(lambda image: not image.is_held_out),
    "validation": _always(lambda image: image.is_held_out),
    "rated": _always(lambda image: image.rating > 0),
    "linked": _always(lambda image: image.linked_to is not None),
    "missing": lambda columns: lambda image: image.content_hash in columns.missing,
}
_NO: dict[str, Callable[[ImageColumns], Holds]] = {
    "caption": _always(lambda image: not image.caption.strip()),
    "rating": _always(lambda image: image.rating == 0),
    "issue": lambda columns: lambda image: not columns.issues.get(image.content_hash),
}
_SPLIT = {split.value: _IS[split.value] for split in Split}

QUESTIONS: dict[str, Question] = {
    "caption": _text(lambda image: image.caption),
    "name": _text(lambda image: image.original_name),
    "rating": _number(lambda image: image.rating),
    "size": _number(lambda image: min(image.width_px, image.height_px)),
    "width": _number(lambda image: image.width_px),
    "height": _number(lambda image: image.height_px),
    "aspect": _aspect,
    "split": _choice(_SPLIT),
    "is": _choice(_IS),
    "no": _choice(_NO),
    "issue": _issue,
    "tags": _number(_tag_count),
    "words": _number(lambda image: len(image.caption.split())),
    "repeats": _number(lambda image: image.repeats),
}
FINDING_KEYS = frozenset({"is", "no", "issue"})  # keys whose questions may be about what was found out about pictures
