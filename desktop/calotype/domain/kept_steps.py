"""Which checkpoints of a run stay on disk, so that one may choose among them afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence

BUDGET_BYTES = 256 * 2**20  # of one run, besides its best and its newest LoRA
MOST = 12  # more could not be looked at side by side


def steps_to_keep(steps: Sequence[int], file_bytes: int, precious: Collection[int] = ()) -> list[int]:
    """Thin the steps of a run until their files of `file_bytes` each fit into the budget; ascending.

    The step whose neighbours are closest to each other goes first, of equals the older one, so that what stays is
    spread over the run. The first and the newest step and the precious ones stay, whatever they take.
    """
    kept = sorted(set(steps))
    room = max(2, min(MOST, BUDGET_BYTES // max(1, file_bytes)))
    while len(kept) > room:
        gaps = {
            kept[place]: kept[place + 1] - kept[place - 1]
            for place in range(1, len(kept) - 1)
            if kept[place] not in precious
        }
        if not gaps:
            break
        kept.remove(min(gaps, key=lambda step: (gaps[step], step)))
    return kept
