"""What is said of the split of a set: how much is held out, why it is so much, and what stays together."""

from __future__ import annotations

from calotype.domain.speech import Say, as_written
from calotype.domain.split_report import ShareReason, SplitReport

_COUNTS = "{training} to learn from · {held_out} held out to check the result."
_REASONS = {
    ShareReason.USUAL: "Look-alikes stay together.",
    ShareReason.FEW_IMAGES: "With so few pictures that is a rough check: with 10 or more it is a better one.",
    ShareReason.NOTHING_TO_COMPARE: "All pictures look alike, so that none could check what the others taught. "
    "Add other shots.",
    ShareReason.LARGE_GROUPS: "Look-alikes stay together, which makes it {percent} % instead of 10 to 20 %.",
    ShareReason.EARLIER_CHOICES: "Earlier choices are kept, which makes it {percent} % instead of 10 to 20 %.",
}
_ONE_GO = "Most pictures were taken in one go, and are on both sides: the check is milder than it looks."
_ONE_PICTURE = "With a second picture, one of them could check the result."


def split_text(report: SplitReport, say: Say = as_written) -> str:
    """How the pictures are divided, and why, in two or three short sentences."""
    training, held_out = len(report.training), len(report.held_out)
    parts = [say(_COUNTS).format(training=f"{training:,}", held_out=f"{held_out:,}")]
    is_usual = report.reason is ShareReason.USUAL
    if training + held_out == 1:
        parts.append(say(_ONE_PICTURE))
    elif training + held_out and not (is_usual and report.is_burst_divided):
        parts.append(say(_REASONS[report.reason]).format(percent=round(100 * report.share)))
    if report.is_burst_divided:
        parts.append(say(_ONE_GO))
    return " ".join(parts)
