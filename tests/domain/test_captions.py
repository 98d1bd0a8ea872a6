"""Captions without the trigger word."""

import pytest

from calotype.domain.captions import without_word


@pytest.mark.parametrize(
    ("caption", "rest"),
    [
        ("zorbi, a robot, on grass", "a robot, on grass"),
        ("a photo of Zorbi on grass", "a photo of on grass"),
        ("zorbi", ""),
        ("zorbis, a crowd", "zorbis, a crowd"),
        ("", ""),
    ],
)
def test_that_the_trigger_word_leaves_no_trace(caption: str, rest: str) -> None:
    assert without_word(caption, "zorbi") == rest
