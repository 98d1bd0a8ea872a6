"""Every split is told with its reason, in plain words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.look_alikes import AlikePair
from calotype.domain.split_report import ShareReason, report_split
from calotype.domain.split_words import split_text


def _images(training: int, held_out: int) -> list[CaptionedImage]:
    one = CaptionedImage(Path("1.png"), 64, 64, "", "", 0, Split.TRAINING, "1.png")
    return [
        replace(one, content_hash=f"{n:03d}", split=Split.VALIDATION if n < held_out else Split.TRAINING)
        for n in range(training + held_out)
    ]


def _all_alike(images: list[CaptionedImage]) -> list[AlikePair]:
    return [AlikePair(images[0].content_hash, image.content_hash, 0.2) for image in images[1:]]


@pytest.mark.parametrize(
    ("training", "held_out", "reason", "words"),
    [
        (17, 3, ShareReason.USUAL, "Look-alikes stay together."),
        (5, 1, ShareReason.FEW_IMAGES, "a rough check"),
        (6, 2, ShareReason.FEW_IMAGES, "a rough check"),
        (14, 4, ShareReason.USUAL, "Look-alikes stay together."),
        (13, 5, ShareReason.EARLIER_CHOICES, "28 % instead of 10 to 20 %"),
        (12, 8, ShareReason.EARLIER_CHOICES, "40 % instead of 10 to 20 %"),
        (20, 0, ShareReason.EARLIER_CHOICES, "0 % instead of 10 to 20 %"),
        (1, 0, ShareReason.NOTHING_TO_COMPARE, "With a second picture"),
    ],
)
def test_that_the_share_has_its_reason(training: int, held_out: int, reason: ShareReason, words: str) -> None:
    report = report_split(_images(training, held_out), [])

    assert report.reason is reason
    assert split_text(report).startswith(f"{training} to learn from · {held_out} held out")
    assert words in split_text(report)


def test_that_a_set_of_copies_is_told_to_need_other_shots() -> None:
    images = _images(6, 0)

    report = report_split(images, _all_alike(images))

    assert report.reason is ShareReason.NOTHING_TO_COMPARE
    assert "Add other shots." in split_text(report)


def test_that_a_large_group_explains_a_large_share() -> None:
    images = _images(7, 5)

    report = report_split(images, _all_alike(images[:5]))

    assert report.reason is ShareReason.LARGE_GROUPS
    assert "Look-alikes stay together, which makes it 42 %" in split_text(report)


def test_that_a_set_that_was_taken_in_one_go_is_told_to_be_checked_mildly() -> None:
    images = [replace(image, taken_at=float(number)) for number, image in enumerate(_images(10, 2))]

    assert "taken in one go" in split_text(report_split(images, []))
