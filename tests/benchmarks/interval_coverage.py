"""How often the interval of a ratio holds the truth on real pictures: `python tests/benchmarks/interval_coverage.py`.

Reads the losses that `validation_draws.py` left, of 48 held-out pictures at five stages of two runs. Sets of n pictures
are drawn from the 48, and the truth is the ratio of all. Compared with the 2.5 and 97.5 % points of 400 resampled sets
(the bootstrap that was used before; with fewer than three pictures it resamples timesteps as well).
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from validation_pool import OUT, read_pools

from calotype.domain.events import Interval
from calotype.domain.metrics import mean_ratio, ratio_to_base

COUNTS = (1, 2, 3, 4, 8, 16)
TRIES, RESAMPLES = 300, 400
Rows = Sequence[Sequence[float]]


def bootstrap(losses: Rows, base: Rows) -> Interval:
    """The interval by resampling images."""
    images, timesteps, chance = range(len(losses)), range(len(losses[0])), random.Random(0)
    resampled = sorted(
        mean_ratio(
            losses,
            base,
            columns=chance.choices(timesteps, k=len(timesteps)) if len(images) < 3 else None,
            rows=chance.choices(images, k=len(images)),
        )
        for _ in range(RESAMPLES)
    )
    low, high = resampled[int(0.025 * RESAMPLES)], resampled[int(0.975 * RESAMPLES) - 1]
    return Interval(mean_ratio(losses, base), low, high)


def measured(
    losses: Rows, base: Rows, count: int, tries: int, interval_of: Callable[[Rows, Rows], Interval]
) -> tuple[float, float]:
    """The share of intervals that hold the truth, and their median width."""
    truth, chance = mean_ratio(losses, base), random.Random(count)
    found = []
    for _ in range(tries):
        # More than a few are drawn with replacement, as if the 48 stood for all pictures there are.
        rows = chance.sample(range(len(losses)), count) if count < 8 else chance.choices(range(len(losses)), k=count)
        found.append(interval_of([losses[row] for row in rows], [base[row] for row in rows]))
    held = sum(interval.low <= truth <= interval.high for interval in found) / tries
    return held, statistics.median(interval.high - interval.low for interval in found)


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    pools = read_pools(Path(arguments[0]) if arguments else OUT / "pool.pt")
    stages = [(wide.tolist(), pool.wide[0].tolist()) for pool in pools for wide in pool.wide[1:]]
    print("| pictures | " + " | ".join(map(str, COUNTS)) + " |\n| --- |" + " --- |" * len(COUNTS))
    for name, interval_of, tries in (("the app's", ratio_to_base, TRIES), ("bootstrap", bootstrap, TRIES // 6)):
        cells = []
        for count in COUNTS:
            found = [measured(losses, base, count, tries, interval_of) for losses, base in stages]
            shares, widths = zip(*found, strict=True)
            share, width = statistics.fmean(shares), statistics.fmean(widths)
            cells.append(f"{share:.0%} ({min(shares):.0%}), {width:.2f} wide")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(f"\n{len(stages)} stages; in brackets the worst of them")


if __name__ == "__main__":
    main(sys.argv[1:])
