"""The answer to "is it good, and which step do I keep?", with its evidence and how sure it is.

Causes that make the curve itself meaningless come before what the curve says: a run that was checked with its own
training pictures is never called good. Every limit stands here with its reason; `make bench-verdict` plants each cause
and prints how often it is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.events import LoraChecked, PartsCompared, SetExamined, ValidationFinished

BROKEN_RATIO = 1.3  # of the base model's error: what the model knew is gone
NOTHING_RATIO = 0.99  # less than 1 % better than the base model is nothing
LITTLE_RATIO = 0.95
RISE = 1.02  # of the best ratio: three standard errors of the difference of two looks, which draws alone cause
EMPTY_CHANGE = 0.001  # of the base model's predictions: less cannot be seen in a picture
LEAST_CAPTION_FIT = 0.75  # half by chance; captions that fit win nearly always
LEAST_KINSHIP, DOUBTFUL_KINSHIP = 0.2, 0.4  # see training.kinship for what sets with one subject and with two reach
LEAST_HELD_OUT_KINSHIP = 0.47
DOUBTFUL_HELD_OUT_KINSHIP, NEVER_FOLLOWED, NEVER_FOLLOWED_GAP = 0.55, 0.9, 0.25
MOST_CONTRAST, DOUBTFUL_CONTRAST = 0.5, 0.4  # when what is shared was learned, see training.kinship
FEW_HELD_OUT = 4  # pictures: with fewer the interval is mostly what is usual elsewhere
STRANGER_GAP = 0.1  # of the ratios: pictures to learn from improve, and held-out ones do not follow


class VerdictKind(StrEnum):
    """What the measurements say about a run."""

    TOO_EARLY = "too early"
    TOO_LITTLE_DATA = "too little data"
    STILL_LEARNING = "still learning"
    LEARNED = "learned"
    OVERFITTING = "overfitting"
    LEARNED_LITTLE = "learned little"
    LEARNED_NOTHING = "learned nothing"
    BROKE = "broke"
    NO_EFFECT = "no effect"
    LEAK = "leak"
    NO_TRIGGER_WORD = "no trigger word"
    CAPTIONS_DO_NOT_FIT = "captions do not fit"
    HELD_OUT_DIFFERS = "held-out differs"
    TWO_SUBJECTS = "two subjects"


GOOD = frozenset({VerdictKind.LEARNED, VerdictKind.STILL_LEARNING})


class Confidence(StrEnum):
    """How sure a verdict is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class EvidenceKind(StrEnum):
    """What a verdict rests on; its numbers stand behind each name."""

    HELD_OUT = "held out"  # ratio, low, high, pictures
    FEW_HELD_OUT = "few held out"  # how many, and how many would be enough
    GAP = "gap"  # ratio of training pictures, ratio of held-out ones
    SINCE_BEST = "since best"  # best step, later measurements, how many of them were worse
    DRIFT = "drift"  # drift at the best step
    CHANGE = "change"  # how far the kept LoRA moves predictions
    EMPTY_LAYERS = "empty layers"  # empty, all
    CAPTION_FIT = "caption fit"  # share of comparisons that the own caption wins
    TRIGGER_WORD = "trigger word"  # captions with it, captions
    KINSHIP = "kinship"  # between the parts, pictures in the smaller part, the limit
    CONTRAST = "contrast"  # between the parts, pictures in the smaller part, the limit, the step
    HELD_OUT_KINSHIP = "held-out kinship"  # and the limit
    LEAKS = "leaks"  # held-out pictures that are also learned from


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measurement that speaks for a verdict."""

    kind: EvidenceKind
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is it good, and which step do I keep?"."""

    kind: VerdictKind
    confidence: Confidence
    best_step: int
    best_ratio: float
    since_step: int  # the first measurement after the best one
    latest_ratio: float
    gap: float  # how much more the training images improved than the held-out ones, at the latest measurement
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurements:
    """Everything a verdict is made of, by ascending step."""

    validations: Sequence[ValidationFinished]
    examined: SetExamined | None = None
    checked: LoraChecked | None = None
    is_over: bool = False
    compared: PartsCompared | None = None

    @property
    def best(self) -> ValidationFinished:
        """The measurement of the step that the run keeps; the base model's if nothing was better."""
        kept = [point for point in self.validations if point.is_best]
        return kept[-1] if kept else self.validations[0]

    @property
    def since_best(self) -> Sequence[ValidationFinished]:
        """The measurements after the best one."""
        return [point for point in self.validations if point.step > self.best.step]


def judge(measured: Measurements) -> Verdict:
    """Judge a run by its measurements so far."""
    if not measured.validations:
        return Verdict(VerdictKind.TOO_EARLY, Confidence.LOW, 0, 1.0, 0, 1.0, 0.0)
    best, latest = measured.best, measured.validations[-1]
    kind = _kind(measured)
    return Verdict(
        kind=kind,
        confidence=_confidence(kind, measured),
        best_step=best.step,
        best_ratio=best.ratio.value,
        since_step=next((point.step for point in measured.since_best), latest.step),
        latest_ratio=latest.ratio.value,
        gap=latest.ratio.value - latest.probe_ratio,
        evidence=tuple(_evidence(measured)),
    )


def _kind(measured: Measurements) -> VerdictKind:
    if measured.validations[-1].ratio.value > BROKEN_RATIO:
        return VerdictKind.HELD_OUT_DIFFERS if _are_strangers(measured) else VerdictKind.BROKE
    if _is_empty(measured):
        return VerdictKind.NO_EFFECT
    return _fault_of_set(measured) or _curve(measured)


def _is_empty(measured: Measurements) -> bool:
    checked, norms = measured.checked, measured.validations[-1].weight_norms
    if not measured.is_over or measured.validations[-1].step == 0:
        return False
    if checked is not None:
        return checked.change < EMPTY_CHANGE or checked.empty_layers == checked.layers
    return bool(norms) and not any(block.norm for block in norms)


def _fault_of_set(measured: Measurements) -> VerdictKind | None:
    """What is wrong with the pictures or captions, so that the curve does not mean what it seems to."""
    examined = measured.examined
    if examined is None:
        return None
    if examined.leaks:
        return VerdictKind.LEAK
    if examined.needs_trigger_word and examined.with_trigger * 2 < examined.captions:
        return VerdictKind.NO_TRIGGER_WORD
    if examined.caption_fit is not None and examined.caption_fit < LEAST_CAPTION_FIT:
        return VerdictKind.CAPTIONS_DO_NOT_FIT
    if _are_two(measured):
        return VerdictKind.TWO_SUBJECTS  # before the next one: strange to half of a set is no stranger
    return VerdictKind.HELD_OUT_DIFFERS if _are_strangers(measured) else None


def _are_two(measured: Measurements) -> bool:
    """True if part of the pictures pulls another way than the rest, before the first step or still later."""
    examined, compared = measured.examined, measured.compared
    kinship = 1.0 if examined is None or examined.kinship is None else examined.kinship
    if compared is None:
        return kinship < LEAST_KINSHIP
    return (
        kinship < LEAST_KINSHIP
        or compared.contrast > MOST_CONTRAST
        or (kinship < DOUBTFUL_KINSHIP and compared.contrast > DOUBTFUL_CONTRAST)
    )


def _are_strangers(measured: Measurements) -> bool:
    """True if the held-out pictures pull another way and do not follow when the others become better.

    If they never become better at all, while the others do by far, less is asked of the other way.
    """
    examined, latest = measured.examined, measured.validations[-1]
    if examined is None or examined.held_out_kinship is None or latest.probe_ratio >= 1.0:
        return False
    gap = latest.ratio.value - latest.probe_ratio
    if measured.best.ratio.value > NEVER_FOLLOWED and gap > NEVER_FOLLOWED_GAP:
        return examined.held_out_kinship < DOUBTFUL_HELD_OUT_KINSHIP
    return gap > STRANGER_GAP and examined.held_out_kinship < LEAST_HELD_OUT_KINSHIP


def _curve(measured: Measurements) -> VerdictKind:
    best, is_over = measured.best.ratio, measured.is_over
    if measured.validations[-1].step == 0 or (len(measured.validations) < 3 and not is_over):
        return VerdictKind.TOO_EARLY
    if measured.best.step == 0 or best.value >= NOTHING_RATIO:
        return VerdictKind.LEARNED_NOTHING if is_over else VerdictKind.TOO_EARLY
    later = measured.since_best[-2:]
    if len(later) == 2 and all(point.ratio.value > best.value * RISE for point in later):
        return VerdictKind.OVERFITTING  # seen on the same draws: surer than the ratio itself, however wide its interval
    if is_over and best.high >= 1.0:
        return VerdictKind.TOO_LITTLE_DATA
    if not is_over and len(later) < 2:
        return VerdictKind.STILL_LEARNING
    return VerdictKind.LEARNED_LITTLE if best.value > LITTLE_RATIO else VerdictKind.LEARNED


def _confidence(kind: VerdictKind, measured: Measurements) -> Confidence:
    """High if every held-out picture or nearly every comparison agrees; low if one picture more could change it."""
    pictures = len(measured.best.held_out_images)
    match kind:
        case VerdictKind.LEAK | VerdictKind.NO_TRIGGER_WORD | VerdictKind.NO_EFFECT | VerdictKind.BROKE:
            return Confidence.HIGH
        case VerdictKind.TOO_EARLY | VerdictKind.TOO_LITTLE_DATA | VerdictKind.TWO_SUBJECTS:
            return Confidence.LOW
        case VerdictKind.CAPTIONS_DO_NOT_FIT | VerdictKind.HELD_OUT_DIFFERS:
            return Confidence.MEDIUM
        case VerdictKind.OVERFITTING:
            worse = _share_worse(measured)
            return Confidence.HIGH if worse >= 0.9 and pictures >= 4 else Confidence.MEDIUM if worse > 0.5 else _LOW
        case _:
            agree = measured.best.ratio.high < 1.0 or kind is VerdictKind.LEARNED_NOTHING
            return Confidence.HIGH if agree and pictures >= 4 else Confidence.MEDIUM if agree else _LOW


_LOW = Confidence.LOW


def _share_worse(measured: Measurements) -> float:
    """Of the held-out pictures, those that are worse at the latest measurement than at the best one."""
    before = {image.content_hash: image.ratio for image in measured.best.held_out_images}
    after = measured.validations[-1].held_out_images
    worse = [image.ratio > before[image.content_hash] for image in after if image.content_hash in before]
    return sum(worse) / len(worse) if worse else 0.0


def _evidence(measured: Measurements) -> Sequence[Evidence]:
    """What every run has, and what is out of the ordinary about this one."""
    best, later, checked = measured.best, measured.since_best, measured.checked
    ratio = best.ratio
    found = [Evidence(EvidenceKind.HELD_OUT, (ratio.value, ratio.low, ratio.high, len(best.held_out_images)))]
    if 0 < len(best.held_out_images) < FEW_HELD_OUT:
        found.append(Evidence(EvidenceKind.FEW_HELD_OUT, (len(best.held_out_images), FEW_HELD_OUT)))
    found.append(Evidence(EvidenceKind.GAP, (best.probe_ratio, ratio.value)))
    if later:
        worse = sum(point.ratio.value > ratio.value * RISE for point in later)
        found.append(Evidence(EvidenceKind.SINCE_BEST, (best.step, len(later), worse)))
    if best.drift is not None and best.step > 0:
        found.append(Evidence(EvidenceKind.DRIFT, (best.drift,)))
    if checked is not None:
        found.append(Evidence(EvidenceKind.CHANGE, (checked.change,)))
        if checked.empty_layers:
            found.append(Evidence(EvidenceKind.EMPTY_LAYERS, (checked.empty_layers, checked.layers)))
    compared = measured.compared
    if compared is not None and compared.contrast > DOUBTFUL_CONTRAST:
        numbers = (compared.contrast, len(compared.other_part), MOST_CONTRAST, compared.step)
        found.append(Evidence(EvidenceKind.CONTRAST, numbers))
    return [*found, *(_evidence_of_set(measured.examined) if measured.examined is not None else ())]


def _evidence_of_set(examined: SetExamined) -> Sequence[Evidence]:
    found = []
    if examined.leaks:
        found.append(Evidence(EvidenceKind.LEAKS, (len(examined.leaks),)))
    if examined.needs_trigger_word and examined.with_trigger < examined.captions:
        found.append(Evidence(EvidenceKind.TRIGGER_WORD, (examined.with_trigger, examined.captions)))
    if examined.caption_fit is not None and examined.caption_fit < LEAST_CAPTION_FIT:
        found.append(Evidence(EvidenceKind.CAPTION_FIT, (examined.caption_fit,)))
    if examined.held_out_kinship is not None and examined.held_out_kinship < DOUBTFUL_HELD_OUT_KINSHIP:
        found.append(Evidence(EvidenceKind.HELD_OUT_KINSHIP, (examined.held_out_kinship, LEAST_HELD_OUT_KINSHIP)))
    if examined.kinship is not None and examined.kinship < DOUBTFUL_KINSHIP:
        found.append(Evidence(EvidenceKind.KINSHIP, (examined.kinship, len(examined.other_part), DOUBTFUL_KINSHIP)))
    return found
