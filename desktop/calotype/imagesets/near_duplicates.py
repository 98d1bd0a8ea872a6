"""Which pictures of a set show the same shot: saved again, resized, mirrored, cut a little, or lit again.

Signatures tell which pairs are worth a look, and laying one over the other decides. A picture that nothing was seen to
be alike stays by itself, so that different shots of one subject do not run together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calotype.domain.look_alikes import NEAR_DUPLICATE, AlikePair
from calotype.imagesets.alignment import SmallCopy, differences
from calotype.imagesets.signatures import IS_ODD, Floats, unpacked

MOST_DIFFERENT = 0.75  # what differs more is not worth remembering
_NEAR = 0.8  # cosine of two signatures
_MOST_STRETCH = 0.09  # logarithm of how much wider one may be for its height: each side may have lost 5 %
_MOST_NEIGHBOURS = 16  # a picture is laid over so many, the nearest
_LARGE = 8  # pictures: in a group of so many not every pair has to be seen, only what joins it with others
_ROWS, _COLUMNS = 256, 2048  # at once: what fits into the caches of a processor

Indices = NDArray[np.intp]


class Look(NamedTuple):
    """One picture as it is compared."""

    content_hash: str
    signature: bytes
    aspect: float  # width divided by height


def alike_pairs(
    known: Sequence[Look], added: Sequence[Look], copy_of: Callable[[str], SmallCopy | None]
) -> Iterator[tuple[int, list[AlikePair]]]:
    """Compare what was added with all that was known and with each other.

    Yields how many of the added pictures are compared by now, and the pairs that were found among those. `copy_of`
    makes the small copy of a content hash, or says None if it cannot be read any more.
    """
    looks = [*known, *added]
    signatures = unpacked([look.signature for look in looks])
    stretches = np.log(np.array([look.aspect for look in looks], dtype=np.float32))
    joined = _Joined(len(looks))
    for start in range(len(known), len(looks), _ROWS):
        end = min(start + _ROWS, len(looks))
        found: dict[tuple[int, int], float] = {}
        for candidates in _by_rank(_candidates(signatures, stretches, start, end)):
            _compare(candidates, looks, copy_of, (found, joined))
        yield end - len(known), [_pair(looks, pair, found[pair]) for pair in found]


class _Joined:
    """Which pictures are in one group by now, and how large it is."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))
        self._sizes = [1] * count

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((self._root(one), self._root(other)))
        if low != high:
            self._parents[high] = low
            self._sizes[low] += self._sizes[high]

    def are_settled(self, one: int, other: int) -> bool:
        """True if both are in one large group."""
        root = self._root(one)
        return self._sizes[root] >= _LARGE and root == self._root(other)

    def _root(self, place: int) -> int:
        while self._parents[place] != place:
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Pairs that are near by their signatures. Shapes: all (pairs,)."""

    row: Indices
    column: Indices
    cosine: Floats
    is_mirrored: NDArray[np.bool_]

    def of(self, chosen: Indices) -> _Candidates:
        """Some of them."""
        return _Candidates(self.row[chosen], self.column[chosen], self.cosine[chosen], self.is_mirrored[chosen])


_NONE = _Candidates(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32), np.zeros(0, np.bool_))


def _candidates(signatures: Floats, stretches: Floats, start: int, end: int) -> list[_Candidates]:
    """Pairs of the rows from start to end with any earlier row."""
    even, odd = (np.ascontiguousarray(signatures[:end, chosen]) for chosen in (~IS_ODD, IS_ODD))
    found = [_NONE]
    for left in range(0, end, _COLUMNS):
        right = min(left + _COLUMNS, end)
        as_is = even[start:] @ even[left:right].T
        turned = odd[start:] @ odd[left:right].T  # what mirroring takes away twice
        place = np.flatnonzero(as_is + np.abs(turned) >= _NEAR)  # near as it is, or mirrored
        if not len(place):
            continue
        row, column = start + place // (right - left), left + place % (right - left)
        is_fit = (column < row) & (np.abs(stretches[row] - stretches[column]) <= _MOST_STRETCH)
        row, column, place = row[is_fit], column[is_fit], place[is_fit]
        for is_mirrored, cosine in ((False, (as_is + turned).flat[place]), (True, (as_is - turned).flat[place])):
            near = cosine >= _NEAR
            found.append(_Candidates(row[near], column[near], cosine[near], np.full(near.sum(), is_mirrored)))
    return found


def _by_rank(found: Sequence[_Candidates]) -> Iterator[_Candidates]:
    """The nearest of each row, then the second nearest of each, and so on."""
    row, column, cosine, is_mirrored = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("row", "column", "cosine", "is_mirrored")
    )
    order = np.lexsort((column, -cosine, row))
    ordered = row[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    together = _Candidates(row, column, cosine, is_mirrored)
    for wanted in range(_MOST_NEIGHBOURS):
        chosen = order[rank == wanted]
        if not len(chosen):
            break
        yield together.of(chosen)


def _compare(
    candidates: _Candidates,
    looks: Sequence[Look],
    copy_of: Callable[[str], SmallCopy | None],
    result: tuple[dict[tuple[int, int], float], _Joined],
) -> None:
    """Lay each pair over each other, note those that differ little, and join near-duplicates."""
    found, joined = result
    numbers, copies, are_mirrored = [], [], []
    for row, column, is_mirrored in zip(
        candidates.row.tolist(), candidates.column.tolist(), candidates.is_mirrored.tolist(), strict=True
    ):
        if joined.are_settled(row, column):
            continue
        one, other = copy_of(looks[row].content_hash), copy_of(looks[column].content_hash)
        if one is not None and other is not None:
            numbers.append((row, column))
            copies.append((one, other))
            are_mirrored.append(is_mirrored)
    if not copies:
        return
    for pair, difference in zip(numbers, differences(copies, np.array(are_mirrored)).tolist(), strict=True):
        if difference <= MOST_DIFFERENT:
            found[pair] = min(difference, found.get(pair, difference))
        if difference <= NEAR_DUPLICATE:
            joined.join(*pair)


def _pair(looks: Sequence[Look], numbers: tuple[int, int], difference: float) -> AlikePair:
    first, second = sorted(looks[number].content_hash for number in numbers)
    return AlikePair(first, second, difference)
