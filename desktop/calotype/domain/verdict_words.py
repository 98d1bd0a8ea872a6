"""The verdict on a run in words: a headline, what to do about it, and what it rests on."""

from __future__ import annotations

from typing import assert_never

from calotype.domain.speech import Say, as_written
from calotype.domain.verdict import Confidence, Evidence, EvidenceKind, Verdict, VerdictKind

# What comes first under each verdict: the measurement that decided it.
_DECISIVE: dict[VerdictKind, tuple[EvidenceKind, ...]] = {
    VerdictKind.LEAK: (EvidenceKind.LEAKS,),
    VerdictKind.NO_TRIGGER_WORD: (EvidenceKind.TRIGGER_WORD,),
    VerdictKind.CAPTIONS_DO_NOT_FIT: (EvidenceKind.CAPTION_FIT,),
    VerdictKind.HELD_OUT_DIFFERS: (EvidenceKind.HELD_OUT_KINSHIP,),
    VerdictKind.TWO_SUBJECTS: (EvidenceKind.KINSHIP, EvidenceKind.CONTRAST),
    VerdictKind.NO_EFFECT: (EvidenceKind.CHANGE,),
    VerdictKind.OVERFITTING: (EvidenceKind.SINCE_BEST,),
}


def headline(verdict: Verdict, *, is_running: bool, say: Say = as_written) -> str:
    """Name the verdict in two or three words."""
    match verdict.kind:
        case VerdictKind.TOO_EARLY:
            return say("Too early to say")
        case VerdictKind.TOO_LITTLE_DATA:
            return say("Too little data to tell")
        case VerdictKind.STILL_LEARNING:
            return say("Still learning")
        case VerdictKind.LEARNED:
            return say("It has settled") if is_running else say("Learned it")
        case VerdictKind.OVERFITTING:
            return say("Starting to overfit") if is_running else say("Learned it, then too much")
        case VerdictKind.LEARNED_LITTLE:
            return say("Learned a little")
        case VerdictKind.LEARNED_NOTHING:
            return say("Learned nothing yet") if is_running else say("Learned nothing")
        case VerdictKind.BROKE:
            return say("It broke")
        case VerdictKind.NO_EFFECT:
            return say("The LoRA does nothing")
        case VerdictKind.LEAK:
            return say("The check is not fair")
        case VerdictKind.NO_TRIGGER_WORD:
            return say("Nothing to call it by")
        case VerdictKind.CAPTIONS_DO_NOT_FIT:
            return say("Captions do not fit their pictures")
        case VerdictKind.HELD_OUT_DIFFERS:
            return say("Held-out pictures show something else")
        case VerdictKind.TWO_SUBJECTS:
            return say("Perhaps two subjects")
        case _:
            assert_never(verdict.kind)


def advice(verdict: Verdict, *, is_running: bool, say: Say = as_written) -> str:
    """Say what the measurements mean and what to do next."""
    fault = _advice_on_fault(verdict.kind, say)
    text = fault or (_advice_now(verdict.kind, say) if is_running else _advice_after(verdict.kind, say))
    less = 100 * (1 - verdict.best_ratio)
    return text.format(best=verdict.best_step, less=f"{max(0.0, less):.0f}")


def confidence(verdict: Verdict, say: Say = as_written) -> str:
    """How sure the verdict is, in a few words."""
    match verdict.confidence:
        case Confidence.LOW:
            return say("Low confidence")
        case Confidence.MEDIUM:
            return say("Medium confidence")
        case Confidence.HIGH:
            return say("High confidence")
        case _:
            assert_never(verdict.confidence)


def evidence(verdict: Verdict, say: Say = as_written) -> list[str]:
    """What the verdict rests on, one sentence for each measurement, the decisive one first."""
    first = _DECISIVE.get(verdict.kind, ())
    return [_sentence(one, say) for one in sorted(verdict.evidence, key=lambda one: one.kind not in first)]


def _sentence(evidence: Evidence, say: Say) -> str:
    a, b, c, d = (*evidence.numbers, 0.0, 0.0, 0.0, 0.0)[:4]
    match evidence.kind:
        case EvidenceKind.HELD_OUT:
            text = say("Held-out pictures: {ratio} of the base model's error, {low} to {high} with {count} of them.")
            return text.format(ratio=f"{a:.2f}", low=f"{b:.2f}", high=f"{c:.2f}", count=f"{d:.0f}")
        case EvidenceKind.GAP:
            return say("Pictures it learned from: {ratio} of the error.").format(ratio=f"{a:.2f}")
        case EvidenceKind.SINCE_BEST:
            text = say("After step {step}: {worse} of {count} checks clearly worse.")
            return text.format(step=f"{a:,.0f}", count=f"{b:.0f}", worse=f"{c:.0f}")
        case EvidenceKind.DRIFT:
            return say("Captions without its word moved by {share} %.").format(share=f"{100 * a:.0f}")
        case EvidenceKind.CHANGE:
            text = say("Read back from its file, the LoRA moves predictions by {share} %.")
            return text.format(share=f"{100 * a:.1f}")
        case EvidenceKind.EMPTY_LAYERS:
            text = say("{empty} of {all} layers of its file are zero.")
            return text.format(empty=f"{a:.0f}", all=f"{b:.0f}")
        case EvidenceKind.CAPTION_FIT:
            text = say("The base model prefers a picture's own caption to another's in {share} % of comparisons.")
            return text.format(share=f"{100 * a:.0f}")
        case EvidenceKind.TRIGGER_WORD:
            text = say("{some} of {all} captions have the word.")
            return text.format(some=f"{a:.0f}", all=f"{b:.0f}")
        case EvidenceKind.KINSHIP:
            text = say(
                "{count} pictures pull another way than the rest: kinship {value}, where one subject reaches 0.4."
            )
            return text.format(count=f"{b:.0f}", value=f"{a:.2f}")
        case EvidenceKind.CONTRAST:
            text = say(
                "After training, {count} pictures still pull another way: contrast {value}; one subject: up to 0.5."
            )
            return text.format(count=f"{b:.0f}", value=f"{a:.2f}")
        case EvidenceKind.HELD_OUT_KINSHIP:
            text = say("Kinship of held-out pictures with the others: {value}, where one subject reaches 0.5.")
            return text.format(value=f"{a:.2f}")
        case EvidenceKind.LEAKS:
            return say("Held-out pictures that are also learned from: {count}.").format(count=f"{a:.0f}")
        case _:
            assert_never(evidence.kind)


def _advice_on_fault(kind: VerdictKind, say: Say) -> str:
    """What is to be done about the pictures or captions, whether the run goes on or not; empty for other verdicts."""
    match kind:
        case VerdictKind.LEAK:
            return say(
                "Some pictures are both learned from and held out, so the curve cannot tell learning from remembering. "
                "Remove the copies on the Images page and train again."
            )
        case VerdictKind.NO_TRIGGER_WORD:
            return say(
                "Most captions do not have its word, so it will come whatever is asked for, or never. "
                "Add the word to the captions and train again."
            )
        case VerdictKind.CAPTIONS_DO_NOT_FIT:
            return say(
                "Captions of other pictures fit as well as their own. Check on the Images page that each caption "
                "belongs to its picture, and train again."
            )
        case VerdictKind.HELD_OUT_DIFFERS:
            return say(
                "What it learns does not help with the held-out pictures. Check that they show the same subject, "
                "and hold out others if they do not."
            )
        case VerdictKind.TWO_SUBJECTS:
            return say(
                "Part of the pictures pulls another way than the rest. If they show two things, give each its own "
                "project; if it is one thing from very different sides, go on. Best so far is step {best}."
            )
        case _:
            return ""


def _advice_now(kind: VerdictKind, say: Say) -> str:
    match kind:
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
            return say("The curve has only begun. The solid line is pictures it never learns from: that one counts.")


def _advice_after(kind: VerdictKind, say: Say) -> str:
    match kind:
        case VerdictKind.TOO_LITTLE_DATA:
            return say(
                "{less} % less error than the base model, but so few pictures were held out that it may be luck. "
                "Add pictures, so that more can be held out."
            )
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
        case VerdictKind.NO_EFFECT:
            return say("Pictures are the same with it and without. Try again with a higher learning rate.")
        case _:
            return say("It ended before anything could be measured. Train again and let it run longer.")
