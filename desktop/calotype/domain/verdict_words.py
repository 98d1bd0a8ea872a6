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
# Numbers in the order in which the evidence has them.
_SENTENCES: dict[EvidenceKind, str] = {
    EvidenceKind.HELD_OUT: (
        "Held-out pictures: {0:.2f} of the base model's error, {1:.2f} to {2:.2f} with {3:.0f} of them."
    ),
    EvidenceKind.FEW_HELD_OUT: "So few held-out pictures ({0:.0f}) say little: hold out {1:.0f} or more to be surer.",
    EvidenceKind.GAP: "Pictures it learned from: {0:.2f} of the error.",
    EvidenceKind.SINCE_BEST: "After step {0:,.0f}: {2:.0f} of {1:.0f} checks clearly worse.",
    EvidenceKind.DRIFT: "Captions without its word moved by {0:.0f} %.",
    EvidenceKind.CHANGE: "Read back from its file, the LoRA moves predictions by {0:.1f} %.",
    EvidenceKind.EMPTY_LAYERS: "{0:.0f} of {1:.0f} layers of its file are zero.",
    EvidenceKind.CAPTION_FIT: (
        "The base model prefers a picture's own caption to another's in {0:.0f} % of comparisons; half is chance."
    ),
    EvidenceKind.TRIGGER_WORD: "{0:.0f} of {1:.0f} captions have the word.",
    EvidenceKind.KINSHIP: (
        "{1:.0f} pictures pull another way than the rest: kinship {0:.2f}; one subject mostly has {2:.2f} or more."
    ),
    EvidenceKind.CONTRAST: (
        "At step {3:,.0f} {1:.0f} pictures still pulled another way: contrast {0:.2f}; one subject seldom has {2:.2f}."
    ),
    EvidenceKind.HELD_OUT_KINSHIP: (
        "Kinship of held-out pictures with the others: {0:.2f}; with the same subject it is {1:.2f} or more."
    ),
    EvidenceKind.LEAKS: "Held-out pictures that are also learned from: {0:.0f}.",
}
_PER_CENT = frozenset({EvidenceKind.DRIFT, EvidenceKind.CHANGE, EvidenceKind.CAPTION_FIT})


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
    scale = 100 if evidence.kind in _PER_CENT else 1
    return say(_SENTENCES[evidence.kind]).format(*(scale * number for number in evidence.numbers))


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
