"""One measured line of the table, and how lines travel between the programs that measure them."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, ours, what it is compared with (a plain program or a limit), and ours divided by that."""

    name: str
    ours: str
    compared_with: str
    ratio: float
    is_met: bool


def report(rows: Sequence[Row]) -> None:
    """Hand the rows to whoever runs this program."""
    sys.stdout.write(json.dumps([asdict(row) for row in rows]) + "\n")


def read(text: str) -> list[Row]:
    """The rows that `report` wrote in the last line."""
    return [Row(**values) for values in json.loads(text.strip().splitlines()[-1])]


def markdown(rows: Sequence[Row]) -> str:
    """The table as it stands in the README."""
    head = "| What | Calotype | Compared with | Ratio | Goal met |\n| --- | --- | --- | --- | --- |\n"
    lines = [
        f"| {row.name} | {row.ours} | {row.compared_with} | {row.ratio:.2f} | {'yes' if row.is_met else '**no**'} |"
        for row in rows
    ]
    return head + "\n".join(lines)


def interleaved(rounds: int, *works: Callable[[], float]) -> list[float]:
    """The median seconds of each work; they take turns, so that a busy moment of the machine hits all alike."""
    for work in works:  # the first time fills caches
        work()
    measured: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            measured[place].append(work())
    return [statistics.median(times) for times in measured]


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
