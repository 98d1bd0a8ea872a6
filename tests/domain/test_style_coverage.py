"""A style is told what nearly all its pictures share, and nothing that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from judged_sets import captioned_set, good_facts, judged, kinds_of

from calotype.domain.coverage import Shape, find_coverage
from calotype.domain.image_facts import Backdrop, Box, ImageFacts
from calotype.domain.imageset import ImageSet, SubjectKind
from calotype.domain.readiness import FindingKind, Severity
from calotype.domain.readiness_words import coverage_texts, finding_text

_FRAMINGS = ("close-up", "full body", "full body", "upper body")
_THINGS = (
    "cat",
    "harbour",
    "old woman",
    "bicycle",
    "forest",
    "teapot",
    "bridge",
    "horse",
    "market",
    "whale",
    "oak",
    "kite",
)
SCENES = [f"inkz, a painting of a {thing}, {_FRAMINGS[n % 4]}" for n, thing in enumerate(_THINGS)]


def _style(captions: Sequence[str] = SCENES) -> ImageSet:
    return captioned_set(captions, SubjectKind.STYLE, "inkz")


def _lit(image_set: ImageSet, *lightnesses: int) -> dict[str, ImageFacts]:
    """Good pictures before different backgrounds, so light in turn."""
    facts = good_facts(image_set).items()
    return {key: replace(found, lightness=lightnesses[n % len(lightnesses)]) for n, (key, found) in enumerate(facts)}


def test_that_a_style_that_is_shown_on_many_things_is_ready() -> None:
    image_set = _style()

    readiness = judged(image_set, _lit(image_set, 15, 50, 85))

    assert readiness.findings == ()
    assert coverage_texts(readiness.coverage)[-3:] == [
        "Captions: 13 different words, most often “bicycle”",
        "Light: dark 4 · medium 4 · bright 4",
        "Shapes: square 12",
    ]


def test_that_what_a_style_is_always_shown_on_is_named_with_its_pictures() -> None:
    captions = [f"inkz, a painting of a fox and a {thing}" for thing in _THINGS[:10]]
    image_set = _style([*captions, "inkz, two foxes", "inkz, the sea"])

    (finding,) = judged(image_set).findings

    assert (finding.kind, finding.severity) == (FindingKind.SAME_SUBJECT, Severity.HINTS)
    assert finding.images == {f"hash{n}" for n in range(11)}
    assert finding_text(finding) == "“fox” is in 11 captions."


def test_that_nothing_is_concluded_from_captions_that_tell_too_little() -> None:
    five, six = (["inkz, a fox"] * count + ["inkz"] * (12 - count) for count in (5, 6))

    assert FindingKind.SAME_SUBJECT not in kinds_of(judged(_style(five)))
    assert FindingKind.SAME_SUBJECT in kinds_of(judged(_style(six)))


def test_that_a_style_of_close_ups_alone_is_told_so_from_captions_and_from_faces() -> None:
    captions = [scene.split(", ")[0] + ", " + scene.split(", ")[1] for scene in SCENES]
    image_set = _style(captions)
    faces = good_facts(image_set, faces=(Box(0.3, 0.1, 0.7, 0.6),))

    said = judged(_style([f"{caption}, close-up" for caption in captions]))
    seen = judged(image_set, faces)

    assert kinds_of(said) == kinds_of(seen) == {FindingKind.SAME_FRAMING}
    assert kinds_of(judged(image_set)) == set()  # nothing is known of it


@pytest.mark.parametrize(("lightness", "kind"), [(12, FindingKind.MOSTLY_DARK), (88, FindingKind.MOSTLY_BRIGHT)])
def test_that_one_light_is_told_unless_one_backdrop_explains_it(lightness: int, kind: FindingKind) -> None:
    image_set = _style()
    paper = {key: replace(found, backdrop=Backdrop(95, 0, 0, 2)) for key, found in _lit(image_set, lightness).items()}

    assert kinds_of(judged(image_set, _lit(image_set, lightness))) == {kind}
    assert kinds_of(judged(image_set, _lit(image_set, 50))) == set()
    assert kinds_of(judged(image_set, _lit(image_set, lightness, lightness, 50))) == set()
    assert kinds_of(judged(image_set, paper)) == {FindingKind.SAME_BACKDROP}


def test_that_the_coverage_of_a_style_is_found_for_a_style_alone() -> None:
    character = replace(_style().project, kind=SubjectKind.CHARACTER)
    assert find_coverage(replace(_style(), project=character), {}).style is None
    upright = replace(_style().images[0], width_px=600)
    wide = replace(_style().images[1], height_px=600)
    nearly = replace(_style().images[2], height_px=870)
    style = find_coverage(replace(_style(), images=(upright, wide, nearly)), {}).style

    assert style is not None and style.lights == {}
    assert style.shapes == {Shape.UPRIGHT: 1, Shape.WIDE: 1, Shape.SQUARE: 1}
