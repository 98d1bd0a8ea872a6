"""On which side of the split a few images are that join many, without weighing the whole set anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from calotype.domain.imageset import Split
from calotype.domain.kept_together import Taken, burst_ties
from calotype.domain.look_alikes import AlikePair, connected
from calotype.domain.split_report import most_count, target_count


class Placed(Taken, Protocol):
    """An image as far as its side depends on it."""

    @property
    def split(self) -> Split:
        """Where it is; for one that joins this says nothing yet."""


def sides_of_joining(
    images: Sequence[Placed], joining: Collection[str], pairs: Sequence[AlikePair], held_out_count: int, count: int
) -> Mapping[str, Split] | None:
    """The side of each image that joins, by content hash: that of its look-alikes, else held out while too few are.

    `images` are those that join and those that they may belong to, `pairs` their look-alikes; of the `count` images
    that there are then, `held_out_count` are held out so far. Everybody else stays. None if the whole set has to be
    weighed: it has no check yet, or groups on two sides prove to be one.
    """
    if held_out_count in (0, count - len(joining)):
        return None
    sides = {image.content_hash: image.split for image in images if image.content_hash not in joining}
    found: dict[str, Split] = {}
    for group in _groups(images, joining, pairs):
        new = [content_hash for content_hash in group if content_hash in joining]
        fixed = {sides[content_hash] for content_hash in group if content_hash in sides}
        if len(fixed) > 1:
            return None
        is_wanted = held_out_count < target_count(count)
        has_room = held_out_count + len(new) <= most_count(count)
        side = fixed.pop() if fixed else Split.VALIDATION if is_wanted and has_room else Split.TRAINING
        held_out_count += len(new) if side is Split.VALIDATION else 0
        found.update(dict.fromkeys(new, side))
    return found


def _groups(images: Sequence[Placed], joining: Collection[str], pairs: Sequence[AlikePair]) -> list[list[str]]:
    """The images that join, with those that they belong to; in the order of their hashes."""
    near = [(pair.first, pair.second) for pair in pairs if pair.is_near_duplicate]
    ties = [tie for tie in (*near, *burst_ties(images, pairs)) if tie[0] in joining or tie[1] in joining]
    return sorted(connected(sorted({*joining, *(content_hash for tie in ties for content_hash in tie)}), ties))
