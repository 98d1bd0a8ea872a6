"""Proof that the filter means what it says, and says what it does not understand."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.domain.errors import FilterError, FilterUnfinishedError, FilterValueError, UnknownFilterKeyError
from calotype.domain.image_columns import ImageColumns, natural_key
from calotype.domain.image_filter import parse_filter
from calotype.domain.image_parts import ImagePart, count_parts, part_filter
from calotype.domain.imageset import CaptionedImage, Split

WORDS = ("red", "blue", "hat", "asleep", "Côte", "two words", "a-b", "left_out")


def _image(**values: object) -> CaptionedImage:
    known: dict[str, object] = {
        "path": Path("a.png"),
        "width_px": 640,
        "height_px": 480,
        "caption": "Rusty, red hat",
        "content_hash": "a",
        "perceptual_hash": 0,
        "split": Split.TRAINING,
        "original_name": "IMG_0012.jpg",
    }
    return CaptionedImage(**{**known, **values})  # type: ignore[arg-type]


def _lets_through(text: str, image: CaptionedImage) -> bool:
    return parse_filter(text).rows(ImageColumns([image]), [0]) == [0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RED",
        "red rusty",
        "img_0012",
        '"red hat"',
        "blue or red",
        "BLUE | red",
        "-blue",
        "-(blue or green)",
        "(red or blue) hat",
        "- red",
        "caption:red",
        'caption:"red hat"',
        "name:img",
        "rating=0",
        "rating:0",
        "rating<1",
        "rating:0..2",
        "size<512",
        "size:480",
        "width:>=640",
        "height!=640",
        "aspect:landscape",
        "aspect:4:3",
        "aspect>1.3",
        "split:training",
        "split:train",
        "is:included",
        "-is:excluded",
        "no:rating",
        "no:issue",
        "tags=2",
        "tags:=2",
        "words>2",
        "repeats:1",
    ],
)
def test_that_it_lets_the_picture_through(text: str) -> None:
    picture = _image(caption="Rusty, red hat -") if text == "- red" else _image()

    assert _lets_through(text, picture)


@pytest.mark.parametrize(
    "text",
    [
        "blue",
        '"hat red"',
        "-red",
        "red -hat",
        "blue or green",
        "rating>=3",
        "size>=512",
        "aspect:portrait",
        "aspect:16:9",
        "split:validation",
        "is:excluded",
        "is:duplicate",
        "issue:any",
        "no:caption",
        'caption:""',
        "caption=rusty",
        "tags<2",
        "is!=included",
    ],
)
def test_that_it_keeps_the_picture_back(text: str) -> None:
    assert not _lets_through(text, _image())


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [
        ("colour:red", UnknownFilterKeyError, "colour"),
        ("rating>=many", FilterValueError, "many"),
        ("split:west", FilterValueError, "training or validation"),
        ("split>training", FilterValueError, "training or validation"),
        ("aspect:wide", FilterValueError, "landscape"),
        ("aspect:1:0", FilterValueError, "16:9"),
        ("caption>red", FilterValueError, "caption:word"),
        ("is:", FilterUnfinishedError, "is:"),
        ('"red', FilterUnfinishedError, "quote"),
        ('caption:"red', FilterUnfinishedError, "quote"),
        ("(red", FilterUnfinishedError, ")"),
        ("red)", FilterUnfinishedError, "("),
        ("red or", FilterUnfinishedError, "or"),
        ("or red", FilterUnfinishedError, "or"),
    ],
)
def test_that_what_is_wrong_is_named(text: str, error: type[FilterError], named: str) -> None:
    with pytest.raises(error) as raised:
        parse_filter(text)

    assert named in str(raised.value)


def test_that_no_text_whatever_breaks_the_reader() -> None:
    chance = random.Random(5)
    alphabet = 'ab ():"-|<>=!.1é\N{GRINNING FACE}\\*[]rating'

    for _ in range(3000):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(14)))
        try:
            parse_filter(text)
        except FilterError as error:
            assert str(error).endswith(".")


def test_that_pictures_whose_files_are_gone_are_found() -> None:
    columns = ImageColumns([_image(content_hash=key) for key in "abc"])
    columns.missing = frozenset("b")

    assert parse_filter("is:missing").rows(columns, range(3)) == [1]
    assert parse_filter("-is:missing").rows(columns, range(3)) == [0, 2]


Naive = Callable[[CaptionedImage], bool]


def _random_filter(chance: random.Random, depth: int) -> tuple[str, Naive]:
    """A filter as a text, and the same as a plain test of one image."""
    if depth == 0 or chance.random() < 0.3:
        return _random_question(chance)
    left, right = _random_filter(chance, depth - 1), _random_filter(chance, depth - 1)
    kind = chance.choice(("and", "or", "not"))
    if kind == "and":
        return f"({left[0]}) {right[0]}" if " or " not in right[
            0
        ] else f"({left[0]}) ({right[0]})", lambda image: left[1](image) and right[1](image)
    if kind == "or":
        return f"{left[0]} or {right[0]}", lambda image: left[1](image) or right[1](image)
    return f"-({left[0]})", lambda image: not left[1](image)


def _random_question(chance: random.Random) -> tuple[str, Naive]:
    word, number = chance.choice(WORDS), chance.randrange(6)
    return chance.choice(
        [
            (f'"{word}"', lambda image: word.casefold() in f"{image.caption}\n{image.original_name}".casefold()),
            (f"rating>={number}", lambda image: image.rating >= number),
            (f"size<{100 * number}", lambda image: min(image.width_px, image.height_px) < 100 * number),
            ("split:validation", lambda image: image.split is Split.VALIDATION),
            ("is:excluded", lambda image: image.is_excluded),
            ("no:caption", lambda image: not image.caption),
            ("aspect:portrait", lambda image: image.height_px > image.width_px),
        ]
    )


def test_that_any_filter_does_what_a_plain_test_of_each_picture_does() -> None:
    chance = random.Random(11)
    images = [
        _image(
            content_hash=str(number),
            caption=", ".join(chance.sample(WORDS, chance.randrange(4))),
            rating=chance.randrange(6),
            is_excluded=chance.random() < 0.3,
            split=chance.choice(list(Split)),
            width_px=chance.randrange(50, 700),
            height_px=chance.randrange(50, 700),
        )
        for number in range(60)
    ]
    columns = ImageColumns(images)

    for _ in range(400):
        text, naive = _random_filter(chance, 3)
        found = parse_filter(text).rows(columns, range(len(images)))
        assert found == [row for row, image in enumerate(images) if naive(image)], text


def test_that_findings_can_be_asked_for() -> None:
    columns = ImageColumns([_image(content_hash=name) for name in "abc"])
    columns.duplicates, columns.issues = frozenset("b"), {"c": frozenset({"soft focus"})}

    assert parse_filter("is:duplicate").rows(columns, range(3)) == [1]
    assert parse_filter("issue:soft").rows(columns, range(3)) == [2]
    assert parse_filter("issue!=soft").rows(columns, range(3)) == [0, 1]
    assert parse_filter("no:issue -is:dup").rows(columns, range(3)) == [0]


def test_that_each_part_counts_what_it_shows() -> None:
    splits = (Split.TRAINING, Split.VALIDATION)
    images = [_image(content_hash=str(n), split=splits[n % 2], is_excluded=n % 5 == 0) for n in range(20)]
    columns = ImageColumns(images)
    columns.duplicates, columns.issues = frozenset({"0", "1"}), {"2": frozenset({"soft"})}

    counts = count_parts(columns)

    for part in ImagePart:
        assert counts[part] == len(part_filter(part).rows(columns, range(20))), part
    assert counts[ImagePart.TRAINING] + counts[ImagePart.VALIDATION] + counts[ImagePart.LEFT_OUT] == 20


def test_that_numbers_in_names_count_as_numbers() -> None:
    names = ["b", "10", "a10b", "a2", "2", "a", "", "A2b"]

    assert sorted(names, key=natural_key) == ["", "2", "10", "a", "a2", "A2b", "a10b", "b"]
