"""The verdict on a run, for people and for programs."""

from __future__ import annotations

from calotype.domain.verdict import Verdict
from calotype.domain.verdict_words import advice, confidence, evidence, headline


def verdict_text(verdict: Verdict) -> str:
    """What it is called, what to do about it, and below it what it rests on."""
    first = f"{headline(verdict, is_running=False)} ({confidence(verdict).lower()}). "
    return "\n".join(
        [first + advice(verdict, is_running=False), *(f"  - {sentence}" for sentence in evidence(verdict))]
    )


def verdict_values(verdict: Verdict) -> dict[str, object]:
    """The same in names and numbers, as `calotype.domain.verdict` explains them."""
    return {
        "kind": verdict.kind,
        "confidence": verdict.confidence,
        "headline": headline(verdict, is_running=False),
        "evidence": {one.kind.value: list(one.numbers) for one in verdict.evidence},
    }
