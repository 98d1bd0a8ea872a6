"""Whether an image set is fit to train on, as findings that the window puts into words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.imageset import MINIMUM_IMAGES, ImageSet

ENOUGH_IMAGES = 10  # below this a subject is learned from too few sides


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKS = "blocks"  # training cannot start
    WARNS = "warns"  # the result will suffer
    HINTS = "hints"  # could be better


class FindingKind(StrEnum):
    """What was found; `Finding.count` says in how many images."""

    TOO_FEW_IMAGES = "too few images"  # count: how many are missing
    NOTHING_HELD_OUT = "nothing held out"
    FEW_IMAGES = "few images"  # count: how many there are
    SMALLER_THAN_TRAINING = "smaller than training size"
    NEAR_DUPLICATES = "near-duplicates"
    CAPTION_LACKS_TRIGGER_WORD = "caption lacks the trigger word"
    CAPTION_IS_TRIGGER_WORD_ONLY = "caption is the trigger word only"


class ReadinessVerdict(StrEnum):
    """The findings in one word."""

    READY = "ready"
    WILL_WORK = "will work"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing before training."""

    kind: FindingKind
    count: int
    severity: Severity
    images: frozenset[str] = frozenset()  # the content hashes of those that it is about; empty if about the whole set


@dataclass(frozen=True, slots=True)
class Readiness:
    """The verdict and what it rests on, the gravest finding first."""

    verdict: ReadinessVerdict
    findings: tuple[Finding, ...]


def judge_readiness(image_set: ImageSet, resolution_px: int, near_duplicates: Collection[str]) -> Readiness:
    """Judge a set for training at a resolution; `near_duplicates` are content hashes. Excluded images do not count."""
    trigger = image_set.project.trigger_word.casefold()
    images = image_set.included.images
    captions = {image.content_hash: image.caption.strip().casefold() for image in images}
    small = [image.content_hash for image in images if min(image.width_px, image.height_px) < resolution_px]
    without = [content_hash for content_hash, caption in captions.items() if trigger not in caption]
    only = [content_hash for content_hash, caption in captions.items() if caption == trigger]
    few = len(images) if MINIMUM_IMAGES <= len(images) < ENOUGH_IMAGES else 0
    no_check = int(len(images) >= MINIMUM_IMAGES and not image_set.held_out)
    found = (
        Finding(FindingKind.TOO_FEW_IMAGES, max(0, MINIMUM_IMAGES - len(images)), Severity.BLOCKS),
        Finding(FindingKind.NOTHING_HELD_OUT, no_check, Severity.BLOCKS),
        _about(FindingKind.CAPTION_LACKS_TRIGGER_WORD, without, Severity.WARNS),
        Finding(FindingKind.FEW_IMAGES, few, Severity.WARNS),
        _about(FindingKind.SMALLER_THAN_TRAINING, small, Severity.WARNS),
        _about(FindingKind.NEAR_DUPLICATES, near_duplicates, Severity.HINTS),
        _about(FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY, only, Severity.HINTS),
    )
    findings = tuple(finding for finding in found if finding.count)
    return Readiness(_verdict(findings), findings)


def _about(kind: FindingKind, content_hashes: Collection[str], severity: Severity) -> Finding:
    return Finding(kind, len(content_hashes), severity, frozenset(content_hashes))


def _verdict(findings: tuple[Finding, ...]) -> ReadinessVerdict:
    severities = {finding.severity for finding in findings}
    if Severity.BLOCKS in severities:
        return ReadinessVerdict.NOT_YET
    return ReadinessVerdict.WILL_WORK if Severity.WARNS in severities else ReadinessVerdict.READY
