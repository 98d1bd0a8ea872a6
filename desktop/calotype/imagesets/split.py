"""Which images are held out: like the whole set, the same when images come and go, never torn from look-alikes."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Mapping, Sequence

import numpy as np

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.kept_together import keep_together
from calotype.domain.look_alikes import AlikePair
from calotype.domain.split_report import most_count, target_count
from calotype.imagesets.signatures import Floats
from calotype.imagesets.strata import Label, labels_of

Group = tuple[CaptionedImage, ...]


def choose_split(
    images: Sequence[CaptionedImage],
    previous: Mapping[str, Split],
    pairs: Sequence[AlikePair],
    signatures: Mapping[str, bytes] | None = None,
    seed: int = 0,
) -> dict[str, Split]:
    """Decide for every image, by content hash; `previous` decisions are kept, and excluded images do not count.

    One exception: if it shows that two groups on different sides are really one, all of it is learned from. The result
    depends on the pictures and not on their order; another seed chooses others where there is a choice.
    """
    groups = keep_together(images, pairs).groups
    sides = [{previous[image.content_hash] for image in group if image.content_hash in previous} for group in groups]
    held_out = [group for group, side in zip(groups, sides, strict=True) if side == {Split.VALIDATION}]
    open_groups = [group for group, side in zip(groups, sides, strict=True) if not side and _size(group)]
    included = [image for image in images if not image.is_excluded]
    if sum(map(_size, held_out)) in (0, len(included)):
        # Nothing is checked, or nothing learned from: there is no decision worth keeping.
        held_out = [group for group in held_out if not _size(group)]
        counted = [group for group in groups if _size(group)]
        open_groups = counted if len(counted) > 1 else []
    labels = labels_of(included, signatures or {}, target_count(len(included)))
    ordered = sorted(open_groups, key=lambda group: _order(group, seed))
    chosen = held_out + _Choice(held_out, labels, len(included)).of(ordered)
    hashes = {image.content_hash for group in chosen for image in group}
    return {
        image.content_hash: Split.VALIDATION if image.content_hash in hashes else Split.TRAINING for image in images
    }


class _Choice:
    """Chooses groups so that what is held out has each label as often, for its size, as the whole set."""

    def __init__(self, held_out: Sequence[Group], labels: Mapping[str, Sequence[Label]], image_count: int) -> None:
        self._labels = labels
        self._target, self._most = target_count(image_count), most_count(image_count)
        self._count = sum(map(_size, held_out))
        whole = Counter(label for each in labels.values() for label in each)
        self._columns = {label: column for column, label in enumerate(sorted(whole))}
        wanted = np.array([whole[label] for label in self._columns], dtype=np.float32) * self._target
        self._lacking = wanted / max(1, image_count) - sum(map(self._row, held_out), np.zeros(len(wanted)))
        self._weights = 1 / np.maximum(wanted / max(1, image_count), 1e-6)

    def of(self, candidates: Sequence[Group]) -> list[Group]:
        """As many of the candidates as are still wanted; those that would hold out too much are left out."""
        kinds = self._kinds(candidates)
        rows = np.array([kind[1:] for kind in kinds], dtype=np.float32).reshape(len(kinds), len(self._columns))
        sizes = np.array([kind[0] for kind in kinds], dtype=np.float32)
        waiting = list(kinds.values())
        counts = np.array([len(groups) for groups in waiting], dtype=np.int64)
        own_loss = (rows * rows) @ self._weights
        chosen: list[Group] = []
        while self._count < self._target:
            fits = (counts > 0) & (sizes <= self._most - self._count)
            if not fits.any():
                break
            loss = (own_loss - 2 * (rows @ (self._lacking * self._weights))) / np.maximum(sizes, 1)
            best = int(np.argmin(np.where(fits, loss, np.inf)))
            chosen.append(waiting[best].popleft())
            counts[best] -= 1
            self._count += int(sizes[best])
            self._lacking = self._lacking - rows[best]
        if self._count == 0 and len(candidates) > 1:
            return [min(candidates, key=_size)]  # every group is large; one of them is better than no check at all
        return chosen

    def _kinds(self, candidates: Sequence[Group]) -> dict[tuple[float, ...], deque[Group]]:
        """Groups of one size with the same labels are as good as each other; each kind in the order given."""
        kinds: dict[tuple[float, ...], deque[Group]] = {}
        for group in candidates:
            kinds.setdefault((_size(group), *self._row(group).tolist()), deque()).append(group)
        return kinds

    def _row(self, group: Group) -> Floats:
        """How often each label is in a group, shape (labels,)."""
        row = np.zeros(len(self._columns), dtype=np.float32)
        for image in group:
            for label in self._labels.get(image.content_hash, ()):
                row[self._columns[label]] += 1
        return row


def _size(group: Group) -> int:
    return sum(not image.is_excluded for image in group)


def _order(group: Group, seed: int) -> str:
    first = min(image.content_hash for image in group)
    return hashlib.sha256(f"{seed}:{first}".encode()).hexdigest() if seed else first
