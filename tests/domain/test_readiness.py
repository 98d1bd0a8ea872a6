"""A set is called what it is, and each finding is said with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from judged_sets import SD1, captioned_set, good_facts, judged, kinds_of

from calotype.domain.coverage import Framing, View, find_coverage, framing_of
from calotype.domain.image_facts import WHOLE, Backdrop, Box, ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import ImageSet, Split, SubjectKind
from calotype.domain.look_alikes import AlikePair
from calotype.domain.readiness import Finding, FindingKind, ReadinessVerdict, Severity, judge_readiness
from calotype.domain.readiness_words import coverage_texts, finding_reason, finding_text, good_texts, verdict_text

VIEWS = ["front view", "side view", "from behind", "three-quarter view", "from above"]
_SIDES = ["front view, close-up", "side view, full body", "from behind, full body", "three-quarter view, upper body"]
VARIED = [f"tomcat, {side}, {place}" for place in ("in a garden", "on a sofa", "at sea") for side in _SIDES]


def _set(captions: Sequence[str], kind: SubjectKind = SubjectKind.CHARACTER) -> ImageSet:
    return captioned_set(captions, kind, "tomcat")


def test_that_a_good_and_varied_set_is_ready_and_nothing_is_found() -> None:
    image_set = _set(VARIED)

    readiness = judged(image_set)

    assert (readiness.verdict, readiness.findings) == (ReadinessVerdict.READY, ())
    assert good_texts(readiness) == [
        "12 usable pictures, smallest side 900 px",
        "Every picture is sharp, well exposed and different",
    ]


def test_that_nothing_is_promised_of_pictures_that_nobody_looked_at() -> None:
    image_set = _set(VARIED)

    assert good_texts(judged(image_set, {})) == ["12 usable pictures, smallest side 900 px"]


def test_that_a_fault_of_one_is_a_hint_and_of_many_changes_the_verdict() -> None:
    image_set = _set(VARIED)
    facts = good_facts(image_set)
    soft = {key: replace(found, blur_px=3.0) for key, found in facts.items()}

    one = judged(image_set, {**facts, "hash3": soft["hash3"]})
    many = judged(image_set, {**facts, **{key: soft[key] for key in ("hash3", "hash4", "hash5")}})
    dark = {key: replace(found, crushed_share=0.9) for key, found in facts.items()}
    mixed = judged(image_set, {**facts, "hash3": soft["hash3"], "hash4": soft["hash4"], "hash5": dark["hash5"]})

    assert one.findings == (Finding(FindingKind.SOFT, 1, Severity.HINTS, frozenset({"hash3"})),)
    assert one.verdict is ReadinessVerdict.READY
    assert many.verdict is mixed.verdict is ReadinessVerdict.WILL_WORK


def test_that_what_cannot_be_read_or_checked_blocks() -> None:
    image_set = _set(VARIED)
    learned = replace(image_set, images=tuple(replace(i, split=Split.TRAINING) for i in image_set.images))

    gone = judge_readiness(image_set, SD1, Evidence(good_facts(image_set), unreadable={"hash1"}))

    assert (gone.verdict, kinds_of(gone)) == (ReadinessVerdict.NOT_YET, {FindingKind.UNREADABLE})
    assert (judged(learned).verdict, kinds_of(judged(learned))) == (
        ReadinessVerdict.NOT_YET,
        {FindingKind.NOTHING_HELD_OUT},
    )


def test_that_a_caption_needs_the_trigger_word_as_a_word() -> None:
    captions = [*VARIED[:-1], "tomcats, front view"]

    finding = judged(_set(captions)).findings[0]

    assert (finding.kind, finding.images) == (FindingKind.CAPTION_LACKS_TRIGGER_WORD, frozenset({"hash11"}))


@pytest.mark.parametrize(("view", "missing"), [("from behind", "NO_BACK_VIEW"), ("side view", "NO_SIDE_VIEW")])
def test_that_a_view_that_no_caption_names_is_missed(view: str, missing: str) -> None:
    captions = [
        caption.replace(view, "front view").replace(
            "three-quarter view", "front view" if view[0] == "s" else "side view"
        )
        for caption in VARIED
    ]

    assert kinds_of(judged(_set(captions))) == {FindingKind[missing]}


def test_that_captions_without_views_are_asked_for_them_and_no_view_is_said_to_lack() -> None:
    captions = [caption.split(", ")[0] + ", " + caption.split(", ")[-1] for caption in VARIED]

    assert kinds_of(judged(_set(captions))) == {FindingKind.VIEWS_NOT_NAMED}
    assert kinds_of(judged(_set(captions, SubjectKind.PERSON))) == set()
    assert kinds_of(judged(_set(captions, SubjectKind.STYLE))) == set()


def test_that_a_product_wants_three_views() -> None:
    captions = [f"tomcat, {view}, on a table" for view in ("front view", "from behind") for _ in range(6)]

    readiness = judged(_set(captions, SubjectKind.PRODUCT))

    assert Finding(FindingKind.FEW_VIEWS, 2, Severity.HINTS) in readiness.findings
    assert FindingKind.FEW_VIEWS not in kinds_of(judged(_set(VARIED, SubjectKind.PRODUCT)))


def test_that_one_background_is_named_with_its_pictures() -> None:
    image_set = _set(VARIED)
    same = good_facts(image_set, backdrop=Backdrop(95, 0, 0, 2))
    other = Backdrop(20, 40, 0, 20)

    (finding,) = judged(image_set, {**same, "hash0": replace(same["hash0"], backdrop=other)}).findings

    assert finding.kind is FindingKind.SAME_BACKDROP
    assert finding.images == {f"hash{n}" for n in range(1, 12)}


def test_that_framing_comes_from_captions_and_else_from_the_face() -> None:
    def facts(height: float) -> ImageFacts:
        return ImageFacts(0, 0, 0, WHOLE, Backdrop(0, 0, 0, 0), (Box(0.4, 0.1, 0.6, 0.1 + height),))

    assert framing_of("a Close-up of tomcat", facts(0.1)) is Framing.CLOSE_UP
    assert [framing_of("tomcat", facts(height)) for height in (0.5, 0.2, 0.08)] == list(Framing)
    assert framing_of("tomcat", None) is None


def test_that_people_need_a_close_up_and_a_whole_figure() -> None:
    image_set = _set(["tomcat"] * 12, SubjectKind.PERSON)
    half = good_facts(image_set, faces=(Box(0.4, 0.1, 0.6, 0.3),))

    kinds = kinds_of(judged(image_set, half))

    assert {FindingKind.NO_CLOSE_UP, FindingKind.NO_FULL_BODY} <= kinds


def test_that_faces_that_another_project_found_change_nothing_where_none_are_looked_for() -> None:
    image_set = _set(["tomcat, " + caption.split(", ")[-1] for caption in VARIED])
    faces = good_facts(image_set, faces=(Box(0.4, 0.1, 0.6, 0.3),))

    assert judged(image_set, faces).coverage == judged(image_set).coverage
    assert find_coverage(_set(["tomcat"] * 12, SubjectKind.PERSON), faces).framing_count == 12


def test_that_coverage_counts_what_captions_and_pixels_show() -> None:
    image_set = _set(VARIED)

    coverage = find_coverage(image_set, good_facts(image_set))

    assert coverage.views == dict.fromkeys((View.FRONT, View.SIDE, View.BACK, View.THREE_QUARTER), 3)
    assert coverage_texts(coverage) == [
        "Views: front 3 · three-quarter 3 · side 3 · behind 3",
        "Framing: close-up 3 · half-length 3 · full 6",
        f"Backgrounds: {len(coverage.backdrops)} different",
    ]
    assert len(coverage.backdrops) > 4


@pytest.mark.parametrize("kind", FindingKind)
def test_that_every_finding_is_said_with_its_reason(kind: FindingKind) -> None:
    one, many = (finding_text(Finding(kind, count, Severity.HINTS)) for count in (1, 3))

    assert one and many and "{" not in one + many
    assert finding_reason(kind).endswith(".")


def test_that_every_verdict_has_words() -> None:
    assert len({verdict_text(verdict) for verdict in ReadinessVerdict}) == 3


def test_that_look_alikes_on_both_sides_are_named_and_on_one_side_are_not() -> None:
    image_set = _set(VARIED)
    apart, together = AlikePair("hash0", "hash1", 0.1), AlikePair("hash1", "hash2", 0.1)

    found = judge_readiness(image_set, SD1, Evidence(good_facts(image_set), alike=[apart]))
    fine = judge_readiness(image_set, SD1, Evidence(good_facts(image_set), alike=[together]))

    assert [finding.images for finding in found.findings if finding.kind is FindingKind.ON_BOTH_SIDES] == [
        {"hash0", "hash1"}
    ]
    assert FindingKind.ON_BOTH_SIDES not in kinds_of(fine)
