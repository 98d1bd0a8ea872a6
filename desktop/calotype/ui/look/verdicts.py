"""The verdict on a run in words: a headline, and what to do about it."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import Stage, StageChanged
from calotype.domain.metrics import Verdict, VerdictKind


def _tr(text: str) -> str:
    return QCoreApplication.translate("verdicts", text)


def headline(verdict: Verdict, *, is_running: bool) -> str:
    """Name the verdict in two or three words."""
    match verdict.kind:
        case VerdictKind.TOO_EARLY:
            return _tr("Too early to say")
        case VerdictKind.STILL_LEARNING:
            return _tr("Still learning")
        case VerdictKind.LEARNED:
            return _tr("Learned it")
        case VerdictKind.OVERFITTING:
            return _tr("Starting to overfit") if is_running else _tr("Learned it, then too much")
        case VerdictKind.LEARNED_LITTLE:
            return _tr("Learned a little")
        case VerdictKind.LEARNED_NOTHING:
            return _tr("Learned nothing yet")
        case VerdictKind.BROKE:
            return _tr("It broke")
        case _:
            assert_never(verdict.kind)


def advice(verdict: Verdict, *, is_running: bool) -> str:
    """Say what the curve means and what to do next."""
    text = _advice_now(verdict.kind) if is_running else _advice_after(verdict.kind)
    less = 100 * (1 - verdict.best_ratio)
    return text.format(best=verdict.best_step, less=f"{max(0.0, less):.0f}")


def _advice_now(kind: VerdictKind) -> str:
    match kind:
        case VerdictKind.TOO_EARLY:
            return _tr("The curve has only begun. The solid line is pictures it never learns from: that one counts.")
        case VerdictKind.STILL_LEARNING:
            return _tr(
                "Held-out pictures are still getting better: {less} % less error than the base model at step {best}."
            )
        case VerdictKind.LEARNED:
            return _tr(
                "The curve has settled. Best so far is step {best}, with {less} % less error than the base model."
            )
        case VerdictKind.OVERFITTING:
            return _tr(
                "Best so far is step {best}. Since then held-out pictures get worse while training pictures improve. "
                "The best step is kept, so you may stop now."
            )
        case VerdictKind.LEARNED_LITTLE:
            return _tr("Only {less} % less error than the base model so far. Give it more steps.")
        case VerdictKind.LEARNED_NOTHING:
            return _tr(
                "Held-out pictures are no better than with the base model so far. That is normal in the first steps."
            )
        case VerdictKind.BROKE:
            return _tr("Held-out pictures became much worse. Stop, and try again with a lower learning rate.")
        case _:
            assert_never(kind)


def _advice_after(kind: VerdictKind) -> str:
    match kind:
        case VerdictKind.TOO_EARLY:
            return _tr("It ended before anything could be measured. Train again and let it run longer.")
        case VerdictKind.STILL_LEARNING:
            return _tr(
                "{less} % less error than the base model on pictures it has never seen, and still falling at the end: "
                "more steps would make it better."
            )
        case VerdictKind.LEARNED:
            return _tr(
                "{less} % less error than the base model on pictures it has never seen. Step {best} was best and kept."
            )
        case VerdictKind.OVERFITTING:
            return _tr(
                "After step {best} it began to learn its pictures by heart. Step {best} was kept, with {less} % "
                "less error than the base model."
            )
        case VerdictKind.LEARNED_LITTLE:
            return _tr(
                "Only {less} % less error than the base model. Train longer, or add pictures that show more variety."
            )
        case VerdictKind.LEARNED_NOTHING:
            return _tr("Held-out pictures are no better than with the base model. Train longer, or check the captions.")
        case VerdictKind.BROKE:
            return _tr("The pictures became worse than the base model's. Try again with a lower learning rate.")
        case _:
            assert_never(kind)


def stage_text(stage: StageChanged) -> str:
    """Say what is going on besides training steps."""
    text = _stage_name(stage.stage)
    return (
        _tr("{what}, {done} of {total}").format(what=text, done=stage.done, total=stage.total) if stage.total else text
    )


def _stage_name(stage: Stage) -> str:
    match stage:
        case Stage.LOADING_MODEL:
            return _tr("Loading the base model")
        case Stage.CACHING_IMAGES:
            return _tr("Looking at the pictures")
        case Stage.VALIDATING:
            return _tr("Measuring held-out pictures")
        case Stage.DRAWING_PREVIEWS:
            return _tr("Drawing previews")
        case Stage.COMPARING_PREVIEWS:
            return _tr("Comparing the previews with the pictures")
        case Stage.SAVING:
            return _tr("Saving")
        case _:
            assert_never(stage)
