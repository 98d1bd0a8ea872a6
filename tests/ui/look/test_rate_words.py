"""The answer of a learning-rate test, said."""

from __future__ import annotations

import pytest

from calotype.domain.rate_range import RateAnswer, RateAnswerKind
from calotype.ui.look.rate_words import is_as_good, rate_advice, rate_headline

FOUND = RateAnswer(RateAnswerKind.SUGGESTED, 2e-3, 0.0213, 0.618, 9e-3)


def nothing(kind: RateAnswerKind) -> RateAnswer:
    return RateAnswer(kind, None, None, 0.7, 1e-3)


def test_that_a_suggestion_names_the_rate_and_its_evidence() -> None:
    text = rate_advice(FOUND, 2e-4)

    assert rate_headline(FOUND, 2e-4) == "Use 0.002"
    assert "62 %" in text and "0.021" in text and "0.002" in text
    assert "as good" not in text


@pytest.mark.parametrize(("planned", "is_close"), [(2e-3, True), (3e-3, True), (1.4e-3, True), (3.1e-3, False)])
def test_that_a_plan_within_half_of_the_suggestion_stays(planned: float, is_close: bool) -> None:
    assert is_as_good(FOUND, planned) is is_close
    assert (rate_headline(FOUND, planned) == "Use 0.002") is not is_close


@pytest.mark.parametrize("kind", [kind for kind in RateAnswerKind if kind is not RateAnswerKind.SUGGESTED])
def test_that_without_an_answer_the_plan_stays_and_the_reason_is_said(kind: RateAnswerKind) -> None:
    answer = nothing(kind)

    assert rate_headline(answer, 2e-3) == "No clear answer: keep 0.002"
    assert rate_advice(answer, 2e-3).endswith(".")
    assert "{" not in rate_advice(answer, 2e-3)


def test_that_each_reason_has_words_of_its_own() -> None:
    assert (
        len({rate_advice(nothing(kind), 2e-3) for kind in RateAnswerKind if kind is not RateAnswerKind.SUGGESTED}) == 3
    )
