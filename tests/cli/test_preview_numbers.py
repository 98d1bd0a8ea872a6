"""What the terminal says of previews."""

from __future__ import annotations

from calotype.cli.preview_numbers import likeness_text, preview_numbers
from calotype.domain.events import PreviewsMeasured

PLAIN = PreviewsMeasured(20, 0.5, 0.9, 0, "abc", "one.png", 1.2, False, 0.1)
BY_MODEL = PreviewsMeasured(40, 0.718, 0.9, 0, "abc", "one.png", 1.2, False, 0.1, 0.64, -0.0214)


def test_that_the_comparison_model_is_told_where_there_is_one() -> None:
    plain, by_model = preview_numbers([PLAIN, BY_MODEL], 20), preview_numbers([PLAIN, BY_MODEL], 40)

    assert plain is not None and by_model is not None
    assert (plain["subject_similarity_by_model"], plain["prompt_adherence"]) == (None, None)
    assert (by_model["subject_similarity_by_model"], by_model["prompt_adherence"]) == (0.64, -0.0214)
    assert likeness_text(PLAIN) == "Step 20: subject similarity of the previews 0.50."
    assert likeness_text(BY_MODEL) == (
        "Step 40: subject similarity of the previews 0.72, by the comparison model 0.64, "
        "prompt adherence -0.021 against the base model's."
    )
