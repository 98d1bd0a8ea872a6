"""The verdict on a run, its evidence and confidence, on measurements worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from calotype.domain.events import (
    BandRatios,
    BlockNorm,
    ImageRatio,
    Interval,
    Leak,
    LoraChecked,
    PartsCompared,
    SetExamined,
    ValidationFinished,
)
from calotype.domain.verdict import Confidence, EvidenceKind, Measurements, Verdict, VerdictKind, judge
from calotype.domain.verdict_words import advice, confidence, evidence, headline

SOUND = SetExamined(
    captions=12,
    with_trigger=12,
    needs_trigger_word=True,
    caption_fit=0.98,
    kinship=0.5,
    other_part=("a", "b", "c"),
    held_out_kinship=0.6,
    leaks=(),
    seconds=1.0,
)
WORKING = LoraChecked(20, 80, 0, 0.4)


def curve(
    ratios: Sequence[float], *, probe: float = 0.9, pictures: int = 4, width: float = 0.05
) -> list[ValidationFinished]:
    """A measurement every ten steps; the lowest so far below 1 is the best, and every picture agrees."""
    return [
        ValidationFinished(
            step=10 * place,
            loss=ratio,
            base_loss=1.0,
            ratio=Interval(ratio, ratio - width, ratio + width),
            bands=BandRatios(ratio, ratio, ratio),
            probe_ratio=probe,
            is_best=place > 0 and ratio < min([1.0, *ratios[1:place]]),
            seconds=1.0,
            held_out_images=tuple(ImageRatio(f"image{number}", ratio) for number in range(pictures)),
            drift=0.1,
            weight_norms=(BlockNorm("mid_block", 0.01 * place),),
        )
        for place, ratio in enumerate(ratios)
    ]


def judged(
    ratios: Sequence[float], examined: SetExamined = SOUND, *, is_over: bool = True, probe: float = 0.9
) -> Verdict:
    return judge(Measurements(curve(ratios, probe=probe), examined, WORKING if is_over else None, is_over))


@pytest.mark.parametrize(
    ("ratios", "is_over", "kind", "best_step"),
    [
        ([], False, VerdictKind.TOO_EARLY, 0),
        ([1.0, 0.9], False, VerdictKind.TOO_EARLY, 10),
        ([1.0, 0.9, 0.8], False, VerdictKind.STILL_LEARNING, 20),
        ([1.0, 0.9, 0.8], True, VerdictKind.LEARNED, 20),
        ([1.0, 0.8, 0.82, 0.85], False, VerdictKind.OVERFITTING, 10),
        ([1.0, 0.8, 0.805, 0.801], True, VerdictKind.LEARNED, 10),
        ([1.0, 0.8, 0.805, 0.801], False, VerdictKind.LEARNED, 10),
        ([1.0, 0.94, 0.93], True, VerdictKind.LEARNED, 20),
        ([1.0, 0.96, 0.951], True, VerdictKind.TOO_LITTLE_DATA, 20),
        ([1.0, 0.995], True, VerdictKind.LEARNED_NOTHING, 10),
        ([1.0, 0.9, 1.5], False, VerdictKind.BROKE, 10),
        ([1.0, 1.03, 1.05], True, VerdictKind.LEARNED_NOTHING, 0),
        ([1.0, 1.03, 1.05], False, VerdictKind.TOO_EARLY, 0),
    ],
)
def test_that_the_verdict_follows_the_curve(
    ratios: list[float], is_over: bool, kind: VerdictKind, best_step: int
) -> None:
    verdict = judged(ratios, is_over=is_over)

    assert (verdict.kind, verdict.best_step) == (kind, best_step)


def test_that_a_rise_is_believed_although_the_interval_is_wide() -> None:
    points = curve([1.0, 0.8, 0.85, 0.9], width=0.3)

    assert judge(Measurements(points, SOUND, WORKING, is_over=True)).kind is VerdictKind.OVERFITTING


def test_that_a_small_gain_that_is_certain_is_called_a_little() -> None:
    points = curve([1.0, 0.97, 0.96], width=0.01)

    assert judge(Measurements(points, SOUND, WORKING, is_over=True)).kind is VerdictKind.LEARNED_LITTLE


@pytest.mark.parametrize(
    ("examined", "kind"),
    [
        (replace(SOUND, leaks=(Leak("image0", "a"),)), VerdictKind.LEAK),
        (replace(SOUND, with_trigger=0), VerdictKind.NO_TRIGGER_WORD),
        (replace(SOUND, caption_fit=0.5), VerdictKind.CAPTIONS_DO_NOT_FIT),
        (replace(SOUND, kinship=0.1), VerdictKind.TWO_SUBJECTS),
    ],
)
@pytest.mark.parametrize("is_over", [False, True])
def test_that_a_fault_of_the_set_is_named_although_the_curve_is_good(
    examined: SetExamined, kind: VerdictKind, is_over: bool
) -> None:
    assert judged([1.0, 0.8, 0.7, 0.6], examined, is_over=is_over).kind is kind


def test_that_strange_held_out_pictures_are_named_only_if_they_do_not_follow() -> None:
    strange = replace(SOUND, held_out_kinship=0.2)

    assert judged([1.0, 0.95, 0.94], strange, probe=0.6).kind is VerdictKind.HELD_OUT_DIFFERS
    assert judged([1.0, 0.8, 0.65], strange, probe=0.6).kind is VerdictKind.LEARNED
    assert judged([1.0, 1.2, 1.4], strange, probe=0.6).kind is VerdictKind.HELD_OUT_DIFFERS
    assert judged([1.0, 1.2, 1.4], strange, probe=1.3).kind is VerdictKind.BROKE


def test_that_held_out_pictures_that_never_follow_need_to_be_less_strange() -> None:
    doubtful = replace(SOUND, held_out_kinship=0.5)

    assert judged([1.0, 0.96, 0.98, 1.01], doubtful, probe=0.5).kind is VerdictKind.HELD_OUT_DIFFERS
    assert judged([1.0, 0.8, 0.75, 0.74], doubtful, probe=0.4).kind is VerdictKind.LEARNED


@pytest.mark.parametrize(("contrast", "is_two"), [(0.35, False), (0.45, True)])
def test_that_a_doubt_before_the_first_step_is_settled_later(contrast: float, is_two: bool) -> None:
    later = PartsCompared(10, contrast, ("a", "b", "c"), 1.0)
    doubtful = replace(SOUND, kinship=0.28)
    verdict = judge(Measurements(curve([1.0, 0.8, 0.7]), doubtful, WORKING, is_over=True, compared=later))

    assert (verdict.kind is VerdictKind.TWO_SUBJECTS) is is_two


def test_that_two_parts_that_still_pull_apart_are_two_subjects() -> None:
    apart = PartsCompared(10, 0.7, ("a", "b", "c"), 1.0)
    verdict = judge(Measurements(curve([1.0, 0.8, 0.7]), SOUND, WORKING, is_over=True, compared=apart))

    assert verdict.kind is VerdictKind.TWO_SUBJECTS
    assert evidence(verdict)[0].startswith("At step 10 3 pictures still pulled another way: contrast 0.70")


def test_that_a_style_needs_no_trigger_word_and_unknown_numbers_are_no_fault() -> None:
    style = SetExamined(12, 0, False, None, None, (), None, (), 1.0)

    assert judged([1.0, 0.8, 0.7], style).kind is VerdictKind.LEARNED


@pytest.mark.parametrize("checked", [LoraChecked(20, 80, 80, 0.0), LoraChecked(20, 80, 0, 1e-6)])
def test_that_a_lora_that_changes_nothing_is_called_that(checked: LoraChecked) -> None:
    verdict = judge(Measurements(curve([1.0, 0.9, 0.8]), SOUND, checked, is_over=True))

    assert (verdict.kind, verdict.confidence) == (VerdictKind.NO_EFFECT, Confidence.HIGH)


def test_that_weights_at_zero_tell_the_same_when_no_file_was_tried() -> None:
    points = [replace(point, weight_norms=(BlockNorm("mid_block", 0.0),)) for point in curve([1.0, 1.0, 1.0])]

    assert judge(Measurements(points, SOUND, None, is_over=True)).kind is VerdictKind.NO_EFFECT


def test_that_fewer_held_out_pictures_make_a_verdict_less_sure() -> None:
    many, few = curve([1.0, 0.8, 0.7], pictures=4), curve([1.0, 0.8, 0.7], pictures=2)

    assert judge(Measurements(many, SOUND, WORKING, is_over=True)).confidence is Confidence.HIGH
    unsure = judge(Measurements(few, SOUND, WORKING, is_over=True))
    assert unsure.confidence is Confidence.MEDIUM
    assert any("So few held-out pictures (2)" in sentence for sentence in evidence(unsure))


def test_that_overfitting_is_less_sure_if_the_pictures_disagree() -> None:
    points = curve([1.0, 0.7, 0.75, 0.8])
    mixed = tuple(ImageRatio(f"image{number}", 0.6 if number % 2 else 1.0) for number in range(4))
    disagreeing = [*points[:-1], replace(points[-1], held_out_images=mixed)]

    assert judge(Measurements(points, SOUND, WORKING, is_over=True)).confidence is Confidence.HIGH
    assert judge(Measurements(disagreeing, SOUND, WORKING, is_over=True)).confidence is Confidence.LOW


def test_that_the_best_step_is_the_one_that_was_kept() -> None:
    points = curve([1.0, 0.8, 0.799])
    vetoed = [*points[:-1], replace(points[-1], is_best=False)]

    assert judge(Measurements(vetoed, SOUND, WORKING, is_over=True)).best_step == 10


def test_that_the_evidence_begins_with_what_decided_and_leaves_out_what_is_not_in_question() -> None:
    leak = judged([1.0, 0.8, 0.7], replace(SOUND, leaks=(Leak("image0", "a"),)))
    good = judged([1.0, 0.8, 0.7])

    assert evidence(leak)[0] == "Held-out pictures that are also learned from: 1."
    assert evidence(good)[0].startswith("Held-out pictures: 0.70 of the base model's error, 0.65 to 0.75 with 4")
    assert {one.kind for one in good.evidence} == {
        EvidenceKind.HELD_OUT,
        EvidenceKind.GAP,
        EvidenceKind.DRIFT,
        EvidenceKind.CHANGE,
    }


@pytest.mark.parametrize("kind", list(VerdictKind))
@pytest.mark.parametrize("is_running", [False, True])
def test_that_every_verdict_has_words_without_gaps(kind: VerdictKind, is_running: bool) -> None:
    faults = replace(SOUND, leaks=(Leak("x", "y"),), with_trigger=3)
    verdict = replace(judged([1.0, 0.8, 0.9, 0.95], faults), kind=kind)
    texts = [
        headline(verdict, is_running=is_running),
        advice(verdict, is_running=is_running),
        confidence(verdict),
        *evidence(verdict),
    ]

    assert len(texts) >= 8
    assert all(text and "{" not in text for text in texts)
