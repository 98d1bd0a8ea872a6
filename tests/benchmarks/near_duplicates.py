"""How many copies of a picture are found, and how often other shots of the subject are taken for copies.

Each kind of copy is a set of its own: all shots, and one copy of each, as in a folder of exports. Photographs in a
folder that CALOTYPE_BENCH_PHOTOGRAPHS names serve as backgrounds too, beside the ones that are made up.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from table import Row, report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shots"))

from subject_shots import COPIES, shots, subjects

from calotype.domain.look_alikes import AlikePair, connected
from calotype.imagesets.alignment import SmallCopy, small_copy
from calotype.imagesets.near_duplicates import Look, alike_pairs
from calotype.imagesets.signatures import DIMENSIONS, signature, unpacked
from calotype.imagesets.thumbnails import shrunk

SUBJECTS, SIDE_PX = 80, 400
RECALL, PRECISION = 0.95, 0.98
MANY, ADDED = 100_000, 100
MANY_S = 60
PHOTOGRAPHS = os.environ.get("CALOTYPE_BENCH_PHOTOGRAPHS", "")


@dataclass(slots=True)
class Gallery:
    """Every picture once, as it is compared; the content hash is its place."""

    looks: list[Look] = field(default_factory=list)
    copies: dict[str, SmallCopy] = field(default_factory=dict)

    def add(self, picture: Image.Image) -> Look:
        small = shrunk(picture)
        look = Look(f"{len(self.looks):06d}", signature(small), picture.width / picture.height)
        self.looks.append(look)
        self.copies[look.content_hash] = small_copy(small)
        return look


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one set: pairs of a shot and its copy, pairs of different shots, and the latter's names."""

    right: int
    wrong: list[tuple[str, str]]


def main() -> None:
    """Measure and report."""
    gallery = Gallery()
    names: list[tuple[int, str]] = []
    originals: list[Look] = []
    changed: dict[str, list[Look]] = {copy: [] for copy in COPIES}
    for name, picture in _pictures():
        names.append(name)
        originals.append(gallery.add(picture))
        for copy, change in COPIES.items():
            changed[copy].append(gallery.add(change(picture)))
    found = {copy: _found(gallery, originals, looks, names) for copy, looks in changed.items()}
    report([*_rows(found, len(originals)), _groups_row(gallery, names), *_many_rows(gallery)])


def _pictures() -> Iterator[tuple[tuple[int, str], Image.Image]]:
    folder = Path(PHOTOGRAPHS)
    photographs = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png")) if PHOTOGRAPHS else []
    for number, subject in enumerate(subjects(SUBJECTS, seed=7)):
        for shot, picture in shots(number, subject, SIDE_PX, photographs).items():
            yield (number, shot), picture


def _pairs(gallery: Gallery, looks: Sequence[Look]) -> list[AlikePair]:
    found = alike_pairs([], looks, gallery.copies.get)
    return [pair for _, pairs in found for pair in pairs if pair.is_near_duplicate]


def _found(gallery: Gallery, originals: list[Look], copies: list[Look], names: list[tuple[int, str]]) -> Found:
    place = {look.content_hash: n % len(names) for n, look in enumerate([*originals, *copies])}
    ends = [(place[pair.first], place[pair.second]) for pair in _pairs(gallery, [*originals, *copies])]
    wrong = [(names[one], names[other]) for one, other in ends if one != other]
    confused = [
        (min(one[1], other[1]), max(one[1], other[1])) if one[0] == other[0] else ("one subject", "another one")
        for one, other in wrong
    ]
    return Found(sum(one == other for one, other in ends), confused)


def _rows(found: Mapping[str, Found], shot_count: int) -> list[Row]:
    rows = []
    for copy, one in found.items():
        recall = one.right / shot_count
        missed = (1 - recall) / (1 - RECALL)
        rows.append(Row(f"Copies found: {copy}", f"{recall:.1%}", f"goal: {RECALL:.0%}", missed, recall >= RECALL))
    right = sum(one.right for one in found.values())
    recall = right / (shot_count * len(found))
    missed = (1 - recall) / (1 - RECALL)
    rows.append(Row("… all kinds together: recall", f"{recall:.2%}", f"goal: {RECALL:.0%}", missed, recall >= RECALL))
    wrong = [pair for one in found.values() for pair in one.wrong]
    precision = right / (right + len(wrong))
    ours = f"{precision:.2%}, {right} of {right + len(wrong)} pairs"
    rows.append(
        Row("… precision", ours, f"goal: {PRECISION:.0%}", (1 - precision) / (1 - PRECISION), precision >= PRECISION)
    )
    for (one_shot, other_shot), count in Counter(wrong).most_common(3):
        sys.stderr.write(f"taken for copies: “{one_shot}” and “{other_shot}”, {count} times\n")
    return rows


def _groups_row(gallery: Gallery, names: list[tuple[int, str]]) -> Row:
    """All copies of all shots in one set: how many groups are exactly one shot with all its copies."""
    per_shot = 1 + len(COPIES)
    ties = [(pair.first, pair.second) for pair in _pairs(gallery, gallery.looks)]
    groups = connected((look.content_hash for look in gallery.looks), ties)
    shots_in = [{int(content_hash) // per_shot for content_hash in group} for group in groups]
    whole = sum(len(group) == per_shot and len(numbers) == 1 for group, numbers in zip(groups, shots_in, strict=True))
    share = whole / len(names)
    name = f"All {len(gallery.looks):,} in one set: groups that are one shot with all its {len(COPIES)} copies"
    return Row(name, f"{share:.1%} of {len(names)}", f"goal: {RECALL:.0%}", (1 - share) / (1 - RECALL), share >= RECALL)


def _many_rows(gallery: Gallery) -> list[Row]:
    """A hundred thousand pictures with signatures spread as those of the shots are, and every fiftieth a copy."""
    looks, copy_of = _many(gallery)
    process = psutil.Process()
    before, began, most = process.memory_info().rss, time.perf_counter(), 0
    for _ in alike_pairs([], looks, copy_of):
        most = max(most, process.memory_info().rss - before)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    list(alike_pairs(looks[:-ADDED], looks[-ADDED:], copy_of))
    added_s = time.perf_counter() - began
    ours, goal = f"{seconds:.0f} s, {most / 1e6:.0f} MB", f"goal: {MANY_S} s"
    return [
        Row(f"Comparing {MANY:,} pictures", ours, goal, seconds / MANY_S, seconds <= MANY_S),
        Row(f"… {ADDED} that are added to them", f"{added_s:.2f} s", "goal: 1 s", added_s, added_s <= 1),
    ]


def _many(gallery: Gallery) -> tuple[list[Look], Callable[[str], SmallCopy | None]]:
    chance = np.random.default_rng(0)
    real = unpacked([look.signature for look in gallery.looks[:: 1 + len(COPIES)]])
    made = chance.multivariate_normal(real.mean(axis=0), np.cov(real.T), MANY).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    places = chance.integers(0, len(gallery.looks), MANY)
    aspects = chance.choice([1.0, 4 / 3, 3 / 4, 1.5, 2 / 3], MANY)
    twins, sources = chance.integers(0, MANY, (2, MANY // 50))
    for values in (made, places, aspects):
        values[twins] = values[sources]
    assert made.shape == (MANY, DIMENSIONS)
    looks = [Look(f"{n:06d}", made[n].astype("<f2").tobytes(), float(aspects[n])) for n in range(MANY)]
    copies = [gallery.copies[look.content_hash] for look in gallery.looks]
    return looks, {look.content_hash: copies[place] for look, place in zip(looks, places, strict=True)}.get


if __name__ == "__main__":
    main()
