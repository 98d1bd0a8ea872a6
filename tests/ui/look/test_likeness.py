"""What is said of previews."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calotype.domain.events import PreviewsMeasured
from calotype.ui.look.likeness import likeness_text

NOTHING = PreviewsMeasured(40, None, None, 0, "abc", "one.png", None, False, 0.1)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ({}, ""),
        ({"similarity": 0.718}, "Subject similarity 0.72."),
        ({"model_similarity": 0.5}, "Subject similarity by the comparison model 0.50."),
        ({"adherence": -0.0214}, "Prompt adherence \N{MINUS SIGN}0.021 against the base model's."),
        ({"similarity": 1.0, "adherence": 0.004}, "Subject similarity 1.00. Prompt adherence +0.004 against the base"),
    ],
)
def test_that_only_what_is_known_is_said(numbers: dict[str, Any], text: str) -> None:
    said = likeness_text(replace(NOTHING, **numbers))

    assert said.startswith(text) and bool(said) == bool(text)
    assert likeness_text(None) == ""
