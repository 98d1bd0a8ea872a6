"""How much wider an interval must be when the spread itself is known from a few values only."""

from __future__ import annotations

NORMAL_975 = 1.959963985  # 97.5 % of a normal distribution lies below it


def student_975(freedom: int) -> float:
    """What 97.5 % of Student's distribution lies below, for intervals that hold 95 %; `freedom` is 2 or more.

    Within 1 % of the exact value. Source: Abramowitz and Stegun, 26.7.5.
    """
    z = NORMAL_975
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, start=1))
