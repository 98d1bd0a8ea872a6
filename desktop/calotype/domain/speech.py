"""Texts that the window and a report both say: written once in English, put into another language by who says them."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]  # a text as it stands in the source → the same text in the language of the reader

_MINUTE = 60
_HOUR = 3600


def as_written(text: str) -> str:
    """Say a text as it stands in the source: in English."""
    return text


def duration(seconds: float, say: Say = as_written) -> str:
    """A time the way a person says it: two units at most."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return say("{s} s").format(s=whole)
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return say("{m} min {s} s").format(m=minutes, s=rest) if rest else say("{m} min").format(m=minutes)
    hours, minutes = divmod(round(whole / _MINUTE), _MINUTE)
    return say("{h} h {m} min").format(h=hours, m=minutes) if minutes else say("{h} h").format(h=hours)


def ends(text: str, most: int) -> str:
    """A long text by its two ends, which tell names of files apart; a short one as it is."""
    if len(text) <= most:
        return text
    head = (most - 1) * 3 // 5
    return f"{text[:head]}…{text[-(most - 1 - head) :]}"
