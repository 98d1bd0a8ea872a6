"""Change captions as values."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CutText:
    """A text that is longer than a model reads: how much is read, and how many tokens there are and are read."""

    read: str
    token_count: int
    limit: int


def without_word(caption: str, word: str) -> str:
    """The caption without a word, in whatever case, and without the commas and spaces that it leaves behind."""
    rest = _as_word(word).sub("", caption) if word else caption
    parts = (" ".join(part.split()) for part in rest.split(","))
    return ", ".join(part for part in parts if part)


def has_word(caption: str, word: str) -> bool:
    """True if the caption names the word, in whatever case, and not only as a part of another word."""
    return bool(word) and _as_word(word).search(caption) is not None


def with_word(caption: str, word: str) -> str:
    """The caption with a word at its beginning; a caption that has the word stays as it is."""
    if not word or has_word(caption, word):
        return caption
    return f"{word}, {caption.strip()}" if caption.strip() else word


def with_words(caption: str, words: str) -> str:
    """The caption with words behind a comma at its end, unless it names them already."""
    if has_word(caption, words.strip()):
        return caption
    return ", ".join(part for part in (caption.strip().rstrip(","), words.strip()) if part)


@functools.lru_cache(maxsize=32)
def _as_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
