"""Whether an image set is fit to train on, as findings that the window and the terminal put into words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from calotype.domain.buckets import TrainingSize
from calotype.domain.captions import has_word
from calotype.domain.courtesy import courteous
from calotype.domain.coverage import Coverage, Framing, Light, StyleCoverage, View, find_coverage
from calotype.domain.image_issues import Evidence, ImageIssue, Issues, find_issues
from calotype.domain.imageset import MINIMUM_IMAGES, ImageSet, SubjectKind
from calotype.domain.split_report import SplitReport, report_split

ENOUGH_IMAGES = 10  # below this a subject is learned from too few sides
MANY = 0.2  # of the pictures: if so many have faults, these are learned along with the subject
ENOUGH_NAMED = 0.5  # of the pictures: if captions tell so often, a view that none names is missing
SAME_BACKDROP = 0.8  # of the pictures
ALIKE = 0.8  # of the pictures of a style: what so many share becomes a part of it
ENOUGH_VIEWS = 3  # of a product: angles between them are invented otherwise


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKS = "blocks"  # training cannot start
    WARNS = "warns"  # the result will suffer
    HINTS = "hints"  # could be better


class FindingKind(StrEnum):
    """What was found; `Finding.count` says in how many images."""

    TOO_FEW_IMAGES = "too few images"  # count: how many are missing
    NOTHING_HELD_OUT = "nothing held out"
    ON_BOTH_SIDES = "look-alikes on both sides"
    FEW_IMAGES = "few images"  # count: how many there are
    FILE_GONE = "file gone"
    UNREADABLE = "unreadable"
    CAPTION_LACKS_TRIGGER_WORD = "caption lacks the trigger word"
    SMALLER_THAN_TRAINING = "smaller than training size"
    SOFT = "out of focus"
    BLOWN_OUT = "burnt out"
    CRUSHED = "too dark"
    BORDERED = "border or letterbox"
    CUT = "subject cut off"
    SEVERAL_FACES = "several faces"
    NO_FACE = "no face"
    NEAR_DUPLICATES = "near-duplicates"
    CAPTION_IS_TRIGGER_WORD_ONLY = "caption is the trigger word only"
    CAPTION_TOO_LONG = "caption longer than the model reads"  # `Finding.word` names the model
    VIEWS_NOT_NAMED = "views not named"
    FEW_VIEWS = "few views"  # count: how many different ones there are
    NO_SIDE_VIEW = "no view from the side"
    NO_BACK_VIEW = "no view from behind"
    NO_CLOSE_UP = "no close-up"
    NO_FULL_BODY = "no full-body picture"
    SAME_BACKDROP = "same background"
    SAME_SUBJECT = "same subject"  # of a style; `Finding.word` names it
    SAME_FRAMING = "same framing"
    MOSTLY_DARK = "mostly dark"
    MOSTLY_BRIGHT = "mostly bright"


class Fix(StrEnum):
    """What can be done about a finding at once."""

    HOLD_SOME_OUT = "hold some out"
    PUT_TOGETHER = "put together"
    LOOK_AGAIN = "look again"
    LEAVE_OUT = "leave out"
    REMOVE = "remove"
    ADD_TRIGGER_WORD = "add the trigger word"


FIXES: Mapping[FindingKind, tuple[Fix, ...]] = {
    FindingKind.NOTHING_HELD_OUT: (Fix.HOLD_SOME_OUT,),
    FindingKind.ON_BOTH_SIDES: (Fix.PUT_TOGETHER,),
    FindingKind.FILE_GONE: (Fix.LOOK_AGAIN, Fix.REMOVE),
    FindingKind.UNREADABLE: (Fix.LEAVE_OUT,),
    FindingKind.CAPTION_LACKS_TRIGGER_WORD: (Fix.ADD_TRIGGER_WORD,),
    FindingKind.NEAR_DUPLICATES: (Fix.LEAVE_OUT,),
}


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
    word: str = ""  # that it is about


@dataclass(frozen=True, slots=True)
class Readiness:
    """The verdict and what it rests on, the gravest finding first."""

    verdict: ReadinessVerdict
    findings: tuple[Finding, ...]
    coverage: Coverage
    issues: Issues = field(default_factory=dict)
    size: TrainingSize | None = None  # that it was judged for
    smallest_side_px: int = 0  # of all pictures that are not excluded
    looked_at: int = 0  # pictures whose pixels were looked at; the others may have faults that nobody knows of
    split: SplitReport | None = None
    look_alikes: frozenset[str] = frozenset()  # content hashes of near-duplicates and of those that they look like
    sharpness: Mapping[str, float] = field(default_factory=dict)  # by content hash, 0 to 1, of those that are known
    missing: frozenset[str] = frozenset()  # content hashes of pictures whose files are gone, excluded ones too

    @property
    def usable_count(self) -> int:
        """Pictures that are not excluded and whose files are there."""
        gone = sum(finding.count for finding in self.findings if finding.kind is FindingKind.FILE_GONE)
        return self.coverage.image_count - gone


_OF_ISSUES = {
    ImageIssue.MISSING: FindingKind.FILE_GONE,
    ImageIssue.UNREADABLE: FindingKind.UNREADABLE,
    ImageIssue.TOO_SMALL: FindingKind.SMALLER_THAN_TRAINING,
    ImageIssue.SOFT: FindingKind.SOFT,
    ImageIssue.BLOWN_OUT: FindingKind.BLOWN_OUT,
    ImageIssue.CRUSHED: FindingKind.CRUSHED,
    ImageIssue.BORDERED: FindingKind.BORDERED,
    ImageIssue.CUT: FindingKind.CUT,
    ImageIssue.SEVERAL_FACES: FindingKind.SEVERAL_FACES,
    ImageIssue.NO_FACE: FindingKind.NO_FACE,
    ImageIssue.NEAR_DUPLICATE: FindingKind.NEAR_DUPLICATES,
}
_STOP_TRAINING = {ImageIssue.MISSING, ImageIssue.UNREADABLE}  # at the first such picture
_NEVER_GRAVE = {ImageIssue.NEAR_DUPLICATE, ImageIssue.NO_FACE}
_ORDER = {severity: place for place, severity in enumerate(Severity)}


def judge_readiness(image_set: ImageSet, size: TrainingSize, evidence: Evidence) -> Readiness:
    """Judge a set for training at a size. Excluded images do not count.

    Faults of few pictures are hints; those of many are learned, and change the verdict.
    """
    issues = find_issues(image_set, size, evidence)
    coverage = find_coverage(image_set, evidence.facts)
    split = report_split(image_set.images, evidence.alike)
    long = [image.content_hash for image in courteous(image_set.included.images) if image.content_hash in evidence.cut]
    found = [
        *_about_captions(image_set),
        replace(_about(FindingKind.CAPTION_TOO_LONG, long, Severity.HINTS), word=evidence.reader),
        *_about_count(image_set),
        _about_split(split),
        *_about_issues(issues, len(image_set.included.images)),
        *_about_coverage(coverage, image_set.project.kind),
    ]
    findings = tuple(sorted((finding for finding in found if finding.count), key=lambda f: _ORDER[f.severity]))
    images = [image for image in image_set.included.images if image.content_hash not in evidence.missing]
    return Readiness(
        verdict=_verdict(findings),
        findings=findings,
        coverage=coverage,
        issues=issues,
        size=size,
        smallest_side_px=min((min(image.width_px, image.height_px) for image in images), default=0),
        looked_at=sum(image.content_hash in evidence.facts for image in images),
        split=split,
        look_alikes=frozenset(key for group in evidence.groups for key in (group.best, *group.others)),
        sharpness={key: 1 / (1 + facts.blur_px) for key, facts in courteous(evidence.facts.items())},
        missing=frozenset(evidence.missing),
    )


def _about_count(image_set: ImageSet) -> Iterator[Finding]:
    count = len(image_set.included.images)
    yield Finding(FindingKind.TOO_FEW_IMAGES, max(0, MINIMUM_IMAGES - count), Severity.BLOCKS)
    no_check = int(count >= MINIMUM_IMAGES and not image_set.held_out)
    yield Finding(FindingKind.NOTHING_HELD_OUT, no_check, Severity.BLOCKS)
    few = count if MINIMUM_IMAGES <= count < ENOUGH_IMAGES else 0
    yield Finding(FindingKind.FEW_IMAGES, few, Severity.WARNS)


def _about_split(split: SplitReport) -> Finding:
    apart = [image.content_hash for group in split.on_both_sides for image in group if not image.is_excluded]
    return _about(FindingKind.ON_BOTH_SIDES, apart, Severity.WARNS)


def _about_captions(image_set: ImageSet) -> Iterator[Finding]:
    trigger = image_set.project.trigger_word
    images = image_set.included.images
    without = [image.content_hash for image in courteous(images) if not has_word(image.caption, trigger)]
    only = [image.content_hash for image in courteous(images) if image.caption.strip().casefold() == trigger.casefold()]
    yield _about(FindingKind.CAPTION_LACKS_TRIGGER_WORD, without, Severity.WARNS)
    yield _about(FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY, only, Severity.HINTS)


def _about_issues(issues: Issues, image_count: int) -> Iterator[Finding]:
    having: dict[ImageIssue, list[str]] = {issue: [] for issue in _OF_ISSUES}
    for content_hash, found in courteous(issues.items()):
        for issue in found:
            having[issue].append(content_hash)
    # Together: one picture of each fault is as bad as as many of one.
    faulty = sum(not found <= _NEVER_GRAVE for found in issues.values())
    for issue, kind in _OF_ISSUES.items():
        is_grave = faulty > MANY * image_count and issue not in _NEVER_GRAVE
        severity = Severity.WARNS if is_grave else Severity.HINTS
        yield _about(kind, having[issue], Severity.BLOCKS if issue in _STOP_TRAINING else severity)


def _about_coverage(coverage: Coverage, kind: SubjectKind) -> Iterator[Finding]:
    """What is missing, as far as it is known; a style may be shown on anything, but not on one thing alone."""
    if coverage.image_count < MINIMUM_IMAGES:
        return
    is_same = bool(coverage.backdrops) and coverage.backdrops[0] >= SAME_BACKDROP * coverage.image_count
    if coverage.style is not None:
        yield from _about_style(coverage.style, coverage, has_one_backdrop=is_same)
    else:
        yield from _about_views(coverage, kind)
        if kind is not SubjectKind.PRODUCT and coverage.framing_count >= ENOUGH_NAMED * coverage.image_count:
            yield _missing(FindingKind.NO_CLOSE_UP, coverage.framings, Framing.CLOSE_UP)
            yield _missing(FindingKind.NO_FULL_BODY, coverage.framings, Framing.FULL)
    yield _about(FindingKind.SAME_BACKDROP, coverage.same_backdrop if is_same else frozenset(), Severity.HINTS)


def _about_style(style: StyleCoverage, coverage: Coverage, *, has_one_backdrop: bool) -> Iterator[Finding]:
    """What nearly all pictures share beside the style, where enough is known of them."""
    count, enough = coverage.image_count, ENOUGH_NAMED * coverage.image_count
    subjects, word = style.subjects, style.subjects.commonest
    if subjects.telling_count >= enough and subjects.share >= ALIKE:
        yield replace(_about(FindingKind.SAME_SUBJECT, style.with_commonest, Severity.HINTS), word=word)
    if coverage.framing_count >= enough and len(style.framed_alike) >= ALIKE * coverage.framing_count:
        yield _about(FindingKind.SAME_FRAMING, style.framed_alike, Severity.HINTS)
    # One backdrop explains that all are as light: paper is said once.
    if not has_one_backdrop and sum(style.lights.values()) >= enough and len(style.lit_alike) >= ALIKE * count:
        light = max(style.lights, key=lambda each: style.lights[each])
        if light is not Light.MEDIUM:
            kind = FindingKind.MOSTLY_DARK if light is Light.DARK else FindingKind.MOSTLY_BRIGHT
            yield _about(kind, style.lit_alike, Severity.HINTS)


def _about_views(coverage: Coverage, kind: SubjectKind) -> Iterator[Finding]:
    is_named = coverage.view_count >= ENOUGH_NAMED * coverage.image_count
    if kind is SubjectKind.PERSON and not is_named:
        return  # portraits are asked for without naming a view
    yield Finding(FindingKind.VIEWS_NOT_NAMED, int(not is_named), Severity.HINTS)
    if not is_named:
        return
    if kind is SubjectKind.PRODUCT:
        distinct = len(coverage.views)
        yield Finding(FindingKind.FEW_VIEWS, distinct if distinct < ENOUGH_VIEWS else 0, Severity.HINTS)
    has_side = bool(coverage.views.get(View.SIDE) or coverage.views.get(View.THREE_QUARTER))
    yield Finding(FindingKind.NO_SIDE_VIEW, int(not has_side), Severity.HINTS)
    if kind is not SubjectKind.PERSON:
        yield _missing(FindingKind.NO_BACK_VIEW, coverage.views, View.BACK)


def _missing(kind: FindingKind, counts: Mapping[View, int] | Mapping[Framing, int], wanted: View | Framing) -> Finding:
    return Finding(kind, int(wanted not in counts), Severity.HINTS)


def _about(kind: FindingKind, content_hashes: Collection[str], severity: Severity) -> Finding:
    return Finding(kind, len(content_hashes), severity, frozenset(content_hashes))


def _verdict(findings: tuple[Finding, ...]) -> ReadinessVerdict:
    severities = {finding.severity for finding in findings}
    if Severity.BLOCKS in severities:
        return ReadinessVerdict.NOT_YET
    return ReadinessVerdict.WILL_WORK if Severity.WARNS in severities else ReadinessVerdict.READY
