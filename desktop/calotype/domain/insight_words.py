"""What is said of a picture that learns unlike the others."""

from __future__ import annotations

from typing import assert_never

from calotype.domain.image_insight import ImageInsight, InsightKind
from calotype.domain.speech import Say


def insight_text(insight: ImageInsight, say: Say) -> str:
    """Say in one or two plain sentences what is odd about a picture and what to look at."""
    match insight.kind:
        case InsightKind.FIGHTS_OTHERS if insight.is_held_out:
            return say("Held-out picture: it did not get better while the others did. Look at its caption.")
        case InsightKind.FIGHTS_OTHERS:
            return say(
                "Training picture: it did not get better while the others did. Look at its caption, or leave it out."
            )
        case InsightKind.LEARNED_BY_HEART:
            return say(
                "Training picture: it is being learned by heart while held-out pictures get worse. "
                "Look for copies of it, or keep fewer steps."
            )
        case InsightKind.ON_BOTH_SIDES:
            return say("Held-out picture: it is learned from as well. Remove one of the two.")
        case InsightKind.PULLS_ANOTHER_WAY:
            return say("Training picture: it pulls another way than most. Does it show the same subject?")
        case _:
            assert_never(insight.kind)


def insight_numbers(insight: ImageInsight, say: Say) -> str:
    """The evidence: its ratio beside that of its group; empty if it rests on something else."""
    if insight.ratio is None or insight.group_ratio is None:
        return ""
    text = say("Step {step}: {ratio} of the base model's error, the others about {group}.")
    return text.format(step=f"{insight.step:,}", ratio=f"{insight.ratio:.2f}", group=f"{insight.group_ratio:.2f}")
