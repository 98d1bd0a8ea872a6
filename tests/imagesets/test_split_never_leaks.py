"""A thousand random sets that grow: what is learned from is never what is checked with."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.look_alikes import AlikePair
from calotype.imagesets.split import choose_split

SETS, SMALLEST, LARGEST = 1000, 4, 200
NEAR_BITS = 5  # of 64: what counts as alike here
LARGEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Growth:
    """A set after some pictures were added: what was decided before, and what is decided now."""

    images: Sequence[CaptionedImage]
    before: Mapping[str, Split]
    now: Mapping[str, Split]
    families: Sequence[set[str]]
    pairs: Sequence[AlikePair]

    def held_out(self) -> set[str]:
        return {image.content_hash for image in self.images if self.now[image.content_hash] is Split.VALIDATION}


def _families(images: Sequence[CaptionedImage]) -> list[set[str]]:
    """Pictures that are near-duplicates, also in chains, found by walking from neighbour to neighbour."""
    left = list(images)
    families = []
    while left:
        family, edge = [], [left.pop()]
        while edge:
            here = edge.pop()
            family.append(here)
            near = [other for other in left if _differing_bits(here, other) <= NEAR_BITS]
            left = [other for other in left if other not in near]
            edge += near
        families.append({image.content_hash for image in family})
    return families


def _pairs(images: Sequence[CaptionedImage]) -> list[AlikePair]:
    """What the eye would find: both orders are told apart by hash alone."""
    found = []
    for place, one in enumerate(images):
        for other in images[:place]:
            bits = _differing_bits(one, other)
            if bits <= 2 * NEAR_BITS:
                first, second = sorted((one.content_hash, other.content_hash))
                found.append(AlikePair(first, second, bits / (2 * NEAR_BITS)))
    return found


def _differing_bits(one: CaptionedImage, other: CaptionedImage) -> int:
    return (one.perceptual_hash ^ other.perceptual_hash).bit_count()


def _picture(chance: random.Random, known: Sequence[CaptionedImage], near_share: float) -> CaptionedImage:
    """A new picture, a changed copy of a known one (some too different to count), or one half-way between two."""
    bits = chance.getrandbits(64)
    if known and chance.random() < near_share:
        source = chance.choice(known)
        others = [one for one in known if NEAR_BITS < _differing_bits(source, one) <= 2 * NEAR_BITS]
        if others and chance.random() < 0.3:
            different = source.perceptual_hash ^ chance.choice(others).perceptual_hash
            places = [place for place in range(64) if different >> place & 1]
            flipped = places[: len(places) // 2]
        else:
            flipped = chance.sample(range(64), chance.randint(0, 2 * NEAR_BITS))
        bits = source.perceptual_hash ^ sum(1 << place for place in flipped)
    digest = f"{chance.getrandbits(256):064x}"
    return CaptionedImage(Path("one.png"), 64, 64, "", digest, bits, Split.TRAINING, "one.png")


def _growths(seed: int) -> list[Growth]:
    """A set from its first pictures to its last, decided after each addition."""
    chance = random.Random(seed)
    size, near_share = chance.randint(SMALLEST, LARGEST), chance.choice((0.0, 0.1, 0.3, 0.6))
    images: list[CaptionedImage] = []
    splits: dict[str, Split] = {}
    growths = []
    while len(images) < size:
        added = max(SMALLEST, chance.randint(1, size))
        for _ in range(min(added, size - len(images))):
            images.append(_picture(chance, images, near_share))
        pairs = _pairs(images)
        later = choose_split(chance.sample(images, len(images)), splits, chance.sample(pairs, len(pairs)))
        growths.append(Growth(tuple(images), splits, later, _families(images), pairs))
        splits = later
    return growths


@pytest.fixture(scope="module")
def growths() -> list[Growth]:
    return [growth for seed in range(SETS) for growth in _growths(seed)]


def test_that_every_picture_has_one_side_and_near_duplicates_share_it(growths: list[Growth]) -> None:
    for growth in growths:
        assert set(growth.now) == {image.content_hash for image in growth.images}
        for family in growth.families:
            assert len({growth.now[content_hash] for content_hash in family}) == 1


def test_that_something_is_held_out_and_something_is_left_to_learn_from(growths: list[Growth]) -> None:
    for growth in growths:
        assert bool(growth.held_out()) is (len(growth.families) > 1)
        assert len(growth.held_out()) < len(growth.images)


def test_that_no_more_is_held_out_than_allowed(growths: list[Growth]) -> None:
    exceptions = 0
    for growth in growths:
        count, held_out = len(growth.images), growth.held_out()
        allowed = max(1 if count < 8 else 2, round(0.15 * count), int(LARGEST_SHARE * count))
        if len(held_out) > allowed:
            exceptions += 1
            families = [family for family in growth.families if family & held_out]
            # Either near-duplicates joined what was held out before, or every family is too large and one was taken.
            assert len(families) == 1 or all(
                any(growth.before.get(content_hash) is Split.VALIDATION for content_hash in family)
                for family in families
            )
    assert exceptions < 0.1 * len(growths)


def test_that_earlier_decisions_stay_unless_a_picture_joins_both_sides(growths: list[Growth]) -> None:
    kept, joined = 0, 0
    for growth in growths:
        sides = [{growth.before[one] for one in family if one in growth.before} for family in growth.families]
        if {Split.VALIDATION} not in sides:
            continue  # nothing that was held out is left: the whole set is decided anew
        for family, before in zip(growth.families, sides, strict=True):
            now = {growth.now[content_hash] for content_hash in family}
            if len(before) == 1:
                assert now == before
            elif len(before) == 2:
                assert now == {Split.TRAINING}
            kept += len(before) == 1
            joined += len(before) == 2
    assert kept > SETS and joined > 10  # both cases did come up


def test_that_the_same_pictures_in_any_order_are_decided_alike(growths: list[Growth]) -> None:
    for growth in growths[::10]:
        assert choose_split(growth.images, growth.before, growth.pairs) == growth.now
