"""What a learning-rate test found, in words."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

from calotype.domain.rate_range import RateAnswer, RateAnswerKind

AS_GOOD = 1.5  # two rates this close make no difference that a run could show


def _tr(text: str) -> str:
    return QCoreApplication.translate("rates", text)


def rate_text(rate: float) -> str:
    """A rate as it is written in the settings."""
    return f"{rate:g}"


def measured_rate_text(rate: float) -> str:
    """A rate that a test came by, with the two digits that say something."""
    return f"{rate:.2g}"


def is_as_good(answer: RateAnswer, planned: float) -> bool:
    """True if the planned rate is so close to the suggestion that there is nothing to change."""
    suggested = answer.suggested_rate
    return suggested is not None and 1 / AS_GOOD <= planned / suggested * (1 + 1e-9) <= AS_GOOD * (1 + 2e-9)


def rate_headline(answer: RateAnswer, planned: float) -> str:
    """The answer in a few words."""
    if answer.suggested_rate is None:
        return _tr("No clear answer: keep {planned}").format(planned=rate_text(planned))
    if is_as_good(answer, planned):
        return _tr("{planned} is a good rate").format(planned=rate_text(planned))
    return _tr("Use {rate}").format(rate=rate_text(answer.suggested_rate))


def rate_advice(answer: RateAnswer, planned: float) -> str:
    """Why, and what it means for the plan."""
    match answer.kind:
        case RateAnswerKind.SUGGESTED:
            return _suggestion(answer, planned)
        case RateAnswerKind.NEVER_FELL:
            return _tr(
                "At no rate did the error fall clearly below the base model's before the model broke or the test "
                "ended. A long run may still learn something; more pictures per step make the curve clearer."
            )
        case RateAnswerKind.NEVER_BROKE:
            return _tr(
                "The error fell to {lowest} % of the base model's, but even the highest rate did not break the model, "
                "so the test does not show where the limit is."
            ).format(lowest=_percent(answer.lowest_ratio))
        case RateAnswerKind.STOPPED_EARLY:
            return _tr("The test was stopped before the model broke. Let it run to its end for an answer.")
        case _:
            assert_never(answer.kind)


def _suggestion(answer: RateAnswer, planned: float) -> str:
    found = _tr(
        "The error fell to {lowest} % of the base model's, and the model broke at {broke}. A tenth of that, {rate}, "
        "leaves room for a whole run."
    ).format(
        lowest=_percent(answer.lowest_ratio),
        broke=measured_rate_text(answer.broke_at or 0.0),
        rate=rate_text(answer.suggested_rate or planned),
    )
    if not is_as_good(answer, planned):
        return found
    if answer.suggested_rate == planned:
        return _tr("{found} It is what the plan has.").format(found=found)
    return _tr("{found} The plan's {planned} is as good.").format(found=found, planned=rate_text(planned))


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.0f}"
