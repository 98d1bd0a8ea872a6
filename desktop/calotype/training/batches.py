"""Which images a step learns from: a pure function of the seed and the step, so that a resumed run repeats nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence


class Batches:
    """Every image once in each round, in a new order each round; images of one batch share a bucket.

    An image comes up as often in a round as its number in `turns` says, which is once where there are none.
    A batch that its bucket cannot fill is filled from the start of the same round's order: no image is ever left out.
    """

    def __init__(self, buckets: Sequence[object], batch_size: int, seed: int, turns: Sequence[int] = ()) -> None:
        self._batch_size = batch_size
        self._seed = seed
        drawn = [i for i, count in enumerate(turns or [1] * len(buckets)) for _ in range(count)]
        self._members = {bucket: [i for i in drawn if buckets[i] == bucket] for bucket in dict.fromkeys(buckets)}
        self.per_round = sum(-(-len(members) // batch_size) for members in self._members.values())

    def at(self, step: int) -> list[int]:
        """The images of a step, counted from 1."""
        round_number, place = divmod(step - 1, self.per_round)
        return self._round(round_number)[place]

    def _round(self, number: int) -> list[list[int]]:
        chance = random.Random(f"{self._seed}/{number}")
        batches: list[list[int]] = []
        for members in self._members.values():
            order = chance.sample(members, len(members))
            starts = range(0, len(order), self._batch_size)
            batches += [[order[(start + i) % len(order)] for i in range(self._batch_size)] for start in starts]
        chance.shuffle(batches)
        return batches
