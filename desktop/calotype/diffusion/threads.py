"""How many processor threads compute fastest: more is not always better, and only a measurement can tell."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

PATIENCE_S = 1.0  # a prediction that takes longer is large enough to keep every core busy
ROUNDS = 3


def fastest_thread_count(predict: Callable[[], object]) -> int:
    """Time one prediction with one thread, with half of the cores and with all, and choose the fastest.

    A small network does so little between two barriers that waking the other threads costs more than they give: the
    starter takes 0.18 s for a step on one thread and 0.39 s on two. Ends with that many threads set.
    """
    most = torch.get_num_threads()
    if _seconds(predict) > PATIENCE_S:  # the first call also warms up
        return most
    counts = sorted({1, max(1, most // 2), most})
    times = {count: _seconds_with(count, predict) for count in counts}
    fastest = min(counts, key=lambda count: times[count])
    torch.set_num_threads(fastest)
    return fastest


def _seconds_with(count: int, predict: Callable[[], object]) -> float:
    """The best of a few rounds: what disturbs a measurement only ever makes it longer."""
    torch.set_num_threads(count)
    return min(_seconds(predict) for _ in range(ROUNDS))


def _seconds(predict: Callable[[], object]) -> float:
    began = time.perf_counter()
    predict()
    return time.perf_counter() - began
