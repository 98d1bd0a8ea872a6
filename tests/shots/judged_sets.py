"""Image sets for judging: good pictures of which only the captions are chosen, and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calotype.domain.buckets import TrainingSize
from calotype.domain.image_facts import WHOLE, Backdrop, ImageFacts
from calotype.domain.image_issues import Evidence
from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.domain.readiness import FindingKind, Readiness, judge_readiness

SD1 = TrainingSize(512)


def captioned_set(captions: Sequence[str], kind: SubjectKind, trigger_word: str) -> ImageSet:
    """A different picture for each caption, a fifth of them held out."""
    images = [
        CaptionedImage(
            path=Path(f"{n}.png"),
            width_px=900,
            height_px=900,
            caption=caption,
            content_hash=f"hash{n}",
            perceptual_hash=n,
            split=Split.VALIDATION if n % 5 == 0 else Split.TRAINING,
            original_name=f"{n}.png",
        )
        for n, caption in enumerate(captions)
    ]
    return ImageSet(Project("p", "Set", kind, trigger_word, Path("set"), 0.0), tuple(images))


def good_facts(image_set: ImageSet, **changes: object) -> dict[str, ImageFacts]:
    """Good pictures before different backgrounds."""
    facts = {
        image.content_hash: ImageFacts(0.4, 0.0, 0.0, WHOLE, Backdrop(5 + 90 * n // len(image_set.images), 0, 0, 10))
        for n, image in enumerate(image_set.images)
    }
    return {key: replace(found, **changes) for key, found in facts.items()}  # type: ignore[arg-type]


def judged(image_set: ImageSet, facts: Mapping[str, ImageFacts] | None = None) -> Readiness:
    """What is said of a set; of good pictures unless facts are given."""
    return judge_readiness(image_set, SD1, Evidence(good_facts(image_set) if facts is None else facts))


def kinds_of(readiness: Readiness) -> set[FindingKind]:
    """What was found."""
    return {finding.kind for finding in readiness.findings}
