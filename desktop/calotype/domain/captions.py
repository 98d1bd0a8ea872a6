"""Change captions as values."""

from __future__ import annotations

import re


def without_word(caption: str, word: str) -> str:
    """The caption without a word, in whatever case, and without the commas and spaces that it leaves behind."""
    rest = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", caption, flags=re.IGNORECASE) if word else caption
    parts = (" ".join(part.split()) for part in rest.split(","))
    return ", ".join(part for part in parts if part)
