"""The verdict on a run in words: a headline, and what to do about it."""

from __future__ import annotations

from typing import assert_never

from calotype.domain.metrics import Verdict, VerdictKind
from calotype.domain.speech import Say, as_written


def headline(verdict: Verdict, *, is_running: bool, say: Say = as_written) -> str:
    """Name the verdict in two or three words."""
    match verdict.kind:
        case VerdictKind.TOO_EARLY:
            return say("Too early to say")
        case VerdictKind.STILL_LEARNING:
            return say("Still learning")
        case VerdictKind.LEARNED:
            return say("Learned it")
        case VerdictKind.OVERFITTING:
            return say("Starting to overfit") if is_running else say("Learned it, then too much")
        case VerdictKind.LEARNED_LITTLE:
            return say("Learned a little")
        case VerdictKind.LEARNED_NOTHING:
            return say("Learned nothing yet")
        case VerdictKind.BROKE:
            return say("It broke")
        case _:
            assert_never(verdict.kind)


def advice(verdict: Verdict, *, is_running: bool, say: Say = as_written) -> str:
    """Say what the curve means and what to do next."""
    text = _advice_now(verdict.kind, say) if is_running else _advice_after(verdict.kind, say)
    less = 100 * (1 - verdict.best_ratio)
    return text.format(best=verdict.best_step, less=f"{max(0.0, less):.0f}")


def _advice_now(kind: VerdictKind, say: Say) -> str:
    match kind:
        case VerdictKind.TOO_EARLY:
            return say("The curve has only begun. The solid line is pictures it never learns from: that one counts.")
        case VerdictKind.STILL_LEARNING:
            return say(
                "Held-out pictures are still getting better: {less} % less error than the base model at step {best}."
            )
        case VerdictKind.LEARNED:
            return say(
                "The curve has settled. Best so far is step {best}, with {less} % less error than the base model."
            )
        case VerdictKind.OVERFITTING:
            return say(
                "Best so far is step {best}. Since then held-out pictures get worse while training pictures improve. "
                "The best step is kept, so you may stop now."
            )
        case VerdictKind.LEARNED_LITTLE:
            return say("Only {less} % less error than the base model so far. Give it more steps.")
        case VerdictKind.LEARNED_NOTHING:
            return say(
                "Held-out pictures are no better than with the base model so far. That is normal in the first steps."
            )
        case VerdictKind.BROKE:
            return say("Held-out pictures became much worse. Stop, and try again with a lower learning rate.")
        case _:
            assert_never(kind)


def _advice_after(kind: VerdictKind, say: Say) -> str:
    match kind:
        case VerdictKind.TOO_EARLY:
            return say("It ended before anything could be measured. Train again and let it run longer.")
        case VerdictKind.STILL_LEARNING:
            return say(
                "{less} % less error than the base model on pictures it has never seen, and still falling at the end: "
                "more steps would make it better."
            )
        case VerdictKind.LEARNED:
            return say(
                "{less} % less error than the base model on pictures it has never seen. Step {best} was best and kept."
            )
        case VerdictKind.OVERFITTING:
            return say(
                "After step {best} it began to learn its pictures by heart. Step {best} was kept, with {less} % "
                "less error than the base model."
            )
        case VerdictKind.LEARNED_LITTLE:
            return say(
                "Only {less} % less error than the base model. Train longer, or add pictures that show more variety."
            )
        case VerdictKind.LEARNED_NOTHING:
            return say("Held-out pictures are no better than with the base model. Train longer, or check the captions.")
        case VerdictKind.BROKE:
            return say("The pictures became worse than the base model's. Try again with a lower learning rate.")
        case _:
            assert_never(kind)
