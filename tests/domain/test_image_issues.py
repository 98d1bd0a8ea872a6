"""Pictures are judged by their own facts, by the model's size and by the rest of their set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.buckets import Bucket, TrainingSize, buckets_for, nearest_bucket
from calotype.domain.image_facts import WHOLE, Backdrop, Box, ImageFacts, facts_from, facts_values
from calotype.domain.image_issues import Evidence, ImageIssue, find_issues
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.domain.look_alikes import NearDuplicates

SD1 = TrainingSize(512)
GOOD = ImageFacts(0.4, 0.0, 0.0, WHOLE, Backdrop(60, 2, 3, 12))
FACE = Box(0.4, 0.1, 0.6, 0.4)


def _set(count: int, kind: SubjectKind = SubjectKind.CHARACTER, size: tuple[int, int] = (1200, 1200)) -> ImageSet:
    project = Project("p", "Cat", kind, "tomcat", Path("cat"), 0.0)
    images = [
        CaptionedImage(Path(f"{n}.png"), *size, "tomcat, asleep", f"hash{n}", n, Split.TRAINING, f"{n}.png")
        for n in range(count)
    ]
    return ImageSet(project, tuple(images))


def _issues(image_set: ImageSet, facts: Sequence[ImageFacts], size: TrainingSize = SD1) -> list[set[ImageIssue]]:
    known = {image.content_hash: found for image, found in zip(image_set.images, facts, strict=True)}
    issues = find_issues(image_set, size, Evidence(known))
    return [set(issues.get(image.content_hash, ())) for image in image_set.images]


def test_that_facts_come_back_from_numbers_as_they_were() -> None:
    full = ImageFacts(
        1.25, 0.1, 0.2, Box(0, 0.1, 1, 0.9), Backdrop(1, 2, 3, 4), (FACE,), Box(0.1, 0.2, 0.3, 0.4), "a-1", 61
    )

    assert [facts_from(facts_values(facts)) for facts in (GOOD, full)] == [GOOD, full]


def test_that_nothing_is_wrong_with_good_pictures() -> None:
    assert _issues(_set(3), [GOOD] * 3) == [set()] * 3


@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"blur_px": 1.6}, ImageIssue.SOFT),
        ({"blown_share": 0.05}, ImageIssue.BLOWN_OUT),
        ({"crushed_share": 0.6}, ImageIssue.CRUSHED),
        ({"content": Box(0, 0.1, 1, 0.9)}, ImageIssue.BORDERED),
    ],
)
def test_that_a_fault_is_named_for_the_picture_that_has_it(changes: dict[str, object], issue: ImageIssue) -> None:
    faulty = replace(GOOD, **changes)  # type: ignore[arg-type]

    assert _issues(_set(4), [GOOD, GOOD, faulty, GOOD]) == [set(), set(), {issue}, set()]


def test_that_a_picture_is_soft_beside_sharp_ones_and_not_beside_its_like() -> None:
    a_little_soft = replace(GOOD, blur_px=1.1)

    assert _issues(_set(4), [a_little_soft, GOOD, GOOD, GOOD])[0] == {ImageIssue.SOFT}
    assert _issues(_set(4), [a_little_soft] * 4) == [set()] * 4


def test_that_a_style_may_be_soft_all_over() -> None:
    dreamy = replace(GOOD, blur_px=2.0)

    assert _issues(_set(3, SubjectKind.STYLE), [dreamy] * 3) == [set()] * 3
    assert _issues(_set(3), [dreamy] * 3) == [{ImageIssue.SOFT}] * 3


def test_that_a_picture_is_too_small_for_one_model_and_large_enough_for_another() -> None:
    assert _issues(_set(1, size=(600, 500)), [GOOD]) == [set()]
    assert _issues(_set(1, size=(600, 500)), [GOOD], TrainingSize(1024)) == [{ImageIssue.TOO_SMALL}]


def test_that_the_part_that_is_trained_is_the_middle() -> None:
    framing = SD1.framing(1000, 300)

    assert framing.bucket == Bucket(768, 320)  # 2.4, the widest near 512 squared
    assert framing.kept.height == 1
    assert framing.kept.width == pytest.approx(300 / 320 * 768 / 1000)
    assert framing.kept.left == pytest.approx(1 - framing.kept.right)
    assert framing.cut_share == pytest.approx(0.28)
    assert framing.enlargement == pytest.approx(320 / 300)


def test_that_a_face_or_subject_that_training_cuts_off_is_found() -> None:
    person, wide = SubjectKind.PERSON, (2000, 600)
    middle = replace(GOOD, faces=(Box(0.45, 0.2, 0.55, 0.6),))
    edge = replace(GOOD, faces=(Box(0.02, 0.2, 0.12, 0.6),))
    masked = replace(GOOD, subject=Box(0.05, 0.1, 0.95, 0.9))

    assert _issues(_set(2, person, wide), [middle, edge]) == [set(), {ImageIssue.CUT}]
    assert _issues(_set(1, SubjectKind.PRODUCT, wide), [masked]) == [{ImageIssue.CUT}]
    assert _issues(_set(1, SubjectKind.PRODUCT), [masked]) == [set()]


def test_that_several_faces_and_missing_ones_are_named_for_photographs_of_people() -> None:
    one, none = replace(GOOD, faces=(FACE,)), replace(GOOD, faces=())
    pair = replace(GOOD, faces=(FACE, Box(0.7, 0.1, 0.9, 0.35)))
    passer_by = replace(GOOD, faces=(FACE, Box(0.9, 0.4, 0.93, 0.44)))

    found = _issues(_set(4, SubjectKind.PERSON), [one, none, pair, passer_by])

    assert found == [set(), {ImageIssue.NO_FACE}, {ImageIssue.SEVERAL_FACES}, set()]


def test_that_nothing_is_said_of_faces_where_they_are_drawn_or_do_not_matter() -> None:
    none, pair = replace(GOOD, faces=()), replace(GOOD, faces=(FACE, Box(0.7, 0.1, 0.9, 0.4)))

    assert _issues(_set(3, SubjectKind.PERSON), [none, none, replace(GOOD, faces=(FACE,))]) == [set()] * 3
    assert _issues(_set(1, SubjectKind.PRODUCT), [pair]) == [set()]
    assert _issues(_set(1, SubjectKind.PERSON), [GOOD]) == [set()]  # nobody looked yet


def test_that_excluded_pictures_are_not_judged_and_others_not_beside_them() -> None:
    image_set = _set(4)
    out = replace(image_set.images[0], is_excluded=True)
    image_set = replace(image_set, images=(out, *image_set.images[1:]))

    assert _issues(image_set, [replace(GOOD, blur_px=5.0), GOOD, GOOD, GOOD]) == [set()] * 4


def test_that_what_was_found_by_comparing_and_opening_is_told_as_well() -> None:
    evidence = Evidence({}, [NearDuplicates("hash0", ("hash1",))], unreadable={"hash2"})

    issues = find_issues(_set(3), SD1, evidence)

    assert issues == {"hash1": {ImageIssue.NEAR_DUPLICATE}, "hash2": {ImageIssue.UNREADABLE}}


def test_that_of_a_picture_whose_file_is_gone_nothing_else_is_said() -> None:
    soft = replace(GOOD, blur_px=5.0)
    evidence = Evidence({"hash0": soft, "hash1": soft}, unreadable={"hash0"}, missing={"hash0"})

    issues = find_issues(_set(3, size=(100, 100)), SD1, evidence)

    assert issues["hash0"] == {ImageIssue.MISSING}
    assert issues["hash1"] == {ImageIssue.SOFT, ImageIssue.TOO_SMALL}


def test_that_the_quick_way_finds_the_same_bucket_as_the_plain_one() -> None:
    for size in (TrainingSize(128, 32), SD1, TrainingSize(1024, 32)):
        buckets = buckets_for(size.resolution_px, size.quantum_px)
        for width_px in range(60, 3000, 37):
            plain = nearest_bucket(width_px, 700, buckets)
            assert size.framing(width_px, 700).bucket == plain
