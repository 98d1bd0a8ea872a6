"""Which pictures of a set show the same shot: saved again, resized, mirrored, cut a little, or lit again.

Signatures tell which pairs are worth a look, and laying one over the other decides. A picture that nothing was seen to
be alike stays by itself, so that different shots of one subject do not run together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calotype.domain.look_alikes import AlikePair
from calotype.imagesets.alignment import SmallCopy, differences
from calotype.imagesets.signatures import IS_ODD, Floats, unpacked

VERSION = 1  # of the way of comparing: pictures that were compared in another way are compared again
MOST_DIFFERENT = 0.75  # what differs more is not worth remembering
_NEAR = 0.8  # cosine of two signatures
_MOST_STRETCH = 0.09  # logarithm of how much wider one may be for its height: each side may have lost 5 %
_MOST_NEIGHBOURS = 24  # a picture is laid over so many, the nearest; of a thousand copies not every pair has to be seen
_ROWS, _COLUMNS, _PAIRS = 256, 16384, 32  # at once: what fits into the caches of a processor

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Look:
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
    for start in range(len(known), len(looks), _ROWS):
        end = min(start + _ROWS, len(looks))
        found: dict[tuple[int, int], float] = {}
        candidates = _nearest(_candidates(signatures, stretches, start, end))
        for first in range(0, len(candidates.row), _PAIRS):
            _compare(candidates.part(first, first + _PAIRS), looks, copy_of, found)
        yield end - len(known), [_pair(looks, pair, found[pair]) for pair in found]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Pairs that are near by their signatures. Shapes: all (pairs,)."""

    row: Indices
    column: Indices
    cosine: Floats
    is_mirrored: NDArray[np.bool_]

    def part(self, start: int, end: int) -> _Candidates:
        chosen = slice(start, end)
        return _Candidates(self.row[chosen], self.column[chosen], self.cosine[chosen], self.is_mirrored[chosen])


def _candidates(signatures: Floats, stretches: Floats, start: int, end: int) -> list[_Candidates]:
    """Pairs of the rows from start to end with any earlier row."""
    even, odd = signatures[:, ~IS_ODD], signatures[:, IS_ODD]
    found = []
    for left in range(0, end, _COLUMNS):
        right = min(left + _COLUMNS, end)
        as_is = even[start:end] @ even[left:right].T
        turned = odd[start:end] @ odd[left:right].T
        for is_mirrored in (False, True):
            cosines = as_is - turned if is_mirrored else as_is + turned
            row, column = np.nonzero(cosines >= _NEAR)
            cosine = cosines[row, column]
            row, column = row + start, column + left
            is_fit = (column < row) & (np.abs(stretches[row] - stretches[column]) <= _MOST_STRETCH)
            found.append(_Candidates(row[is_fit], column[is_fit], cosine[is_fit], np.full(is_fit.sum(), is_mirrored)))
    return found


def _nearest(found: Sequence[_Candidates]) -> _Candidates:
    """The nearest of each row, in the order of rows."""
    row, column, cosine, is_mirrored = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("row", "column", "cosine", "is_mirrored")
    )
    order = np.lexsort((column, -cosine, row))
    ordered = row[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    kept = order[rank < _MOST_NEIGHBOURS]
    return _Candidates(row[kept], column[kept], cosine[kept], is_mirrored[kept])


def _compare(
    candidates: _Candidates,
    looks: Sequence[Look],
    copy_of: Callable[[str], SmallCopy | None],
    found: dict[tuple[int, int], float],
) -> None:
    """Lay each pair over each other, and note those that differ little."""
    numbers, copies, are_mirrored = [], [], []
    for row, column, is_mirrored in zip(candidates.row, candidates.column, candidates.is_mirrored, strict=True):
        one, other = copy_of(looks[row].content_hash), copy_of(looks[column].content_hash)
        if one is not None and other is not None:
            numbers.append((int(row), int(column)))
            copies.append((one, other))
            are_mirrored.append(bool(is_mirrored))
    if not copies:
        return
    for pair, difference in zip(numbers, differences(copies, np.array(are_mirrored)).tolist(), strict=True):
        if difference <= MOST_DIFFERENT:
            found[pair] = min(difference, found.get(pair, difference))


def _pair(looks: Sequence[Look], numbers: tuple[int, int], difference: float) -> AlikePair:
    first, second = sorted(looks[number].content_hash for number in numbers)
    return AlikePair(first, second, difference)
