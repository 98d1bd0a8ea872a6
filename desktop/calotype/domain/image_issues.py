"""What is wrong with single pictures of a set, judged from their facts, their size and the rest of the set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from calotype.domain.buckets import TrainingSize
from calotype.domain.courtesy import courteous, sorted_courteously
from calotype.domain.image_facts import Box, ImageFacts
from calotype.domain.imageset import CaptionedImage, ImageSet, SubjectKind
from calotype.domain.look_alikes import AlikePair, NearDuplicates

SOFT_BLUR_PX = 1.25  # a Gaussian of 1.5 pixels is seen by a person who compares, one of 2 at a glance
STANDS_OUT_PX = 0.6  # softer than the usual picture of the set by so much: it does not belong there ...
LEAST_SOFT_PX = 0.9  # ... unless it is sharp all the same
BLOWN_SHARE = 0.04  # of the picture; less is a lamp, a reflection or a white collar
CRUSHED_SHARE = 0.3  # of a picture that has nothing bright in it
ENLARGED = 1.05  # a twentieth more is not seen
CUT_OFF = 0.1  # of a face or of what the mask says is the subject
FACES_ARE_FOUND = 0.5  # of the pictures: in a set of drawings hardly one is, and a missing one says nothing
SMALLEST_FACE = 0.05  # of the picture's height; smaller ones are passers-by
SECOND_FACE = 0.4  # of the height of the largest one; smaller ones are in the background


class ImageIssue(StrEnum):
    """What can be wrong with one picture; the values are what a person types behind `issue:`."""

    MISSING = "missing"  # its file was left where it is, and is not there any more
    UNREADABLE = "unreadable"
    SOFT = "soft"
    BLOWN_OUT = "blown"
    CRUSHED = "crushed"
    BORDERED = "border"
    TOO_SMALL = "small"
    CUT = "cut"
    SEVERAL_FACES = "faces"
    NO_FACE = "no-face"
    NEAR_DUPLICATE = "duplicate"


Issues = Mapping[str, frozenset[ImageIssue]]  # by content hash; a picture without any is not named


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a set beside its captions: facts by content hash, and what was found by comparing."""

    facts: Mapping[str, ImageFacts]
    groups: Collection[NearDuplicates] = ()
    unreadable: Collection[str] = ()  # content hashes of pictures that could not be looked at
    alike: Sequence[AlikePair] = ()
    missing: Collection[str] = ()  # content hashes of pictures whose own files are gone
    cut: Collection[str] = ()  # content hashes of pictures whose captions the base model does not read to their ends
    reader: str = ""  # the name of that base model


def find_issues(image_set: ImageSet, size: TrainingSize, evidence: Evidence) -> Issues:
    """Find what is wrong with each picture that is not excluded; what has no facts yet is judged by its size alone."""
    usual = _usual(image_set, evidence.facts)
    near_duplicates = frozenset(other for group in evidence.groups for other in group.others)
    unreadable, missing = frozenset(evidence.unreadable), frozenset(evidence.missing)
    issues: dict[str, frozenset[ImageIssue]] = {}
    for image in courteous(image_set.included.images):
        key, facts = image.content_hash, evidence.facts.get(image.content_hash)
        if key in missing:
            issues[key] = frozenset((ImageIssue.MISSING,))  # how good it was is no question while it is away
            continue
        found = _size_issues(image, size)
        if key in near_duplicates:
            found.append(ImageIssue.NEAR_DUPLICATE)
        if key in unreadable:
            found.append(ImageIssue.UNREADABLE)
        if facts is not None:
            found += _pixel_issues(facts, usual) + _framing_issues(facts, image, size, usual)
        if found:
            issues[key] = frozenset(found)
    return issues


@dataclass(frozen=True, slots=True)
class _Usual:
    """What is usual in a set, beside which single pictures stand out."""

    kind: SubjectKind
    blur_px: float
    has_faces: bool


def _usual(image_set: ImageSet, facts: Mapping[str, ImageFacts]) -> _Usual:
    known = [
        found for image in courteous(image_set.included.images) if (found := facts.get(image.content_hash)) is not None
    ]
    blur_px = median(sorted_courteously([found.blur_px for found in known], key=float)) if known else 0.0
    with_face = sum(bool(shown_faces(found)) for found in known)
    return _Usual(image_set.project.kind, blur_px, with_face >= FACES_ARE_FOUND * max(1, len(known)))


def is_soft(blur_px: float, usual_blur_px: float, kind: SubjectKind) -> bool:
    """Whether a picture looks out of focus, by itself or beside the others.

    A style may be soft all over: there only a picture that is softer than the others is out of place.
    """
    stands_out = blur_px > max(LEAST_SOFT_PX, usual_blur_px + STANDS_OUT_PX)
    return stands_out or (kind is not SubjectKind.STYLE and blur_px > SOFT_BLUR_PX)


def _size_issues(image: CaptionedImage, size: TrainingSize) -> list[ImageIssue]:
    is_small = size.framing(image.width_px, image.height_px).enlargement > ENLARGED
    return [ImageIssue.TOO_SMALL] if is_small else []


def _pixel_issues(facts: ImageFacts, usual: _Usual) -> list[ImageIssue]:
    found = {
        ImageIssue.SOFT: is_soft(facts.blur_px, usual.blur_px, usual.kind),
        ImageIssue.BLOWN_OUT: facts.blown_share > BLOWN_SHARE,
        ImageIssue.CRUSHED: facts.crushed_share > CRUSHED_SHARE,
        ImageIssue.BORDERED: facts.has_border,
    }
    return [issue for issue, is_so in found.items() if is_so]


def _framing_issues(facts: ImageFacts, image: CaptionedImage, size: TrainingSize, usual: _Usual) -> list[ImageIssue]:
    kept = size.framing(image.width_px, image.height_px).kept
    # Drawn faces are not found and look-alikes of faces are: only photographs of people are judged by them.
    is_person = usual.kind is SubjectKind.PERSON and facts.faces is not None
    faces = shown_faces(facts) if is_person else ()
    precious = [part for part in (*faces[:1], facts.subject) if part is not None]
    found = [ImageIssue.CUT] if any(part.outside(kept) > CUT_OFF for part in precious) else []
    if len(faces) > 1:
        found.append(ImageIssue.SEVERAL_FACES)
    if is_person and usual.has_faces and not faces:
        found.append(ImageIssue.NO_FACE)
    return found


def shown_faces(facts: ImageFacts) -> tuple[Box, ...]:
    """The faces that are large enough to be learned, the largest first."""
    large = [face for face in facts.faces or () if face.height >= SMALLEST_FACE]
    return tuple(face for face in large if face.height >= SECOND_FACE * large[0].height)
