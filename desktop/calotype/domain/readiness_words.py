"""What is said of the readiness of a set: each finding in a sentence, why it matters, and what can be done at once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from calotype.domain.coverage import Coverage, Framing, Light, Shape, StyleCoverage, View
from calotype.domain.image_issues import ImageIssue
from calotype.domain.readiness import Finding, FindingKind, Fix, Readiness, ReadinessVerdict
from calotype.domain.speech import Say, as_written

Told = TypeVar("Told", bound=StrEnum)

_TEXTS = {  # for one picture, for several
    FindingKind.TOO_FEW_IMAGES: ("Add {n} more: 3 to learn from and 1 to check with.",) * 2,
    FindingKind.NOTHING_HELD_OUT: ("Nothing is held out, so that nothing can check the result.",) * 2,
    FindingKind.ON_BOTH_SIDES: ("{n} look-alikes are on both sides.",) * 2,
    FindingKind.FEW_IMAGES: (
        "Only {n} picture: 10 or more show enough sides.",
        "Only {n} pictures: 10 or more show enough sides.",
    ),
    FindingKind.FILE_GONE: ("The file of {n} picture is gone.", "The files of {n} pictures are gone."),
    FindingKind.UNREADABLE: ("{n} picture cannot be read any more.", "{n} pictures cannot be read any more."),
    FindingKind.CAPTION_LACKS_TRIGGER_WORD: (
        "{n} caption without the trigger word.",
        "{n} captions without the trigger word.",
    ),
    FindingKind.SMALLER_THAN_TRAINING: (
        "{n} smaller than the training size.",
        "{n} smaller than the training size.",
    ),
    FindingKind.SOFT: ("{n} soft picture.", "{n} soft pictures."),
    FindingKind.BLOWN_OUT: ("{n} picture is burnt out.", "{n} pictures are burnt out."),
    FindingKind.CRUSHED: ("{n} picture is too dark.", "{n} pictures are too dark."),
    FindingKind.BORDERED: ("{n} picture has a border.", "{n} pictures have a border."),
    FindingKind.CUT: ("{n} picture loses a part of its subject.", "{n} pictures lose a part of their subject."),
    FindingKind.SEVERAL_FACES: ("{n} picture shows several faces.", "{n} pictures show several faces."),
    FindingKind.NO_FACE: ("No face was found in {n} picture.", "No face was found in {n} pictures."),
    FindingKind.NEAR_DUPLICATES: (
        "{n} picture looks almost like another.",
        "{n} pictures look almost like another.",
    ),
    FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY: (
        "{n} caption is the trigger word only.",
        "{n} captions are the trigger word only.",
    ),
    FindingKind.CAPTION_TOO_LONG: (
        "{n} caption is longer than {word} reads.",
        "{n} captions are longer than {word} reads.",
    ),
    FindingKind.VIEWS_NOT_NAMED: ("The captions do not tell from which side it is seen.",) * 2,
    FindingKind.FEW_VIEWS: ("Only {n} view is named.", "Only {n} different views are named."),
    FindingKind.NO_SIDE_VIEW: ("No view from the side.",) * 2,
    FindingKind.NO_BACK_VIEW: ("No view from behind.",) * 2,
    FindingKind.NO_CLOSE_UP: ("No close-up.",) * 2,
    FindingKind.NO_FULL_BODY: ("No full-body picture.",) * 2,
    FindingKind.SAME_BACKDROP: ("{n} picture has the same background.", "{n} pictures have the same background."),
    FindingKind.SAME_SUBJECT: ("“{word}” is in {n} caption.", "“{word}” is in {n} captions."),
    FindingKind.SAME_FRAMING: ("{n} picture is framed like the others.", "{n} pictures are framed alike."),
    FindingKind.MOSTLY_DARK: ("Nearly all pictures are dark.",) * 2,
    FindingKind.MOSTLY_BRIGHT: ("Nearly all pictures are bright.",) * 2,
}
_REASONS = {
    FindingKind.TOO_FEW_IMAGES: "With fewer, a picture that was learned cannot be told from one that was understood.",
    FindingKind.NOTHING_HELD_OUT: "Held-out pictures are never learned from: only they show whether the rest was "
    "understood or learned by heart.",
    FindingKind.ON_BOTH_SIDES: "A picture that looks like one that was learned from checks nothing: the result would "
    "look better than it is.",
    FindingKind.FEW_IMAGES: "What no picture shows is invented. Add other sides, distances and backgrounds.",
    FindingKind.FILE_GONE: "It was left where it was, and training would stop without it. Connect its drive and look "
    "again, or remove it from the set.",
    FindingKind.UNREADABLE: "The file is gone or damaged, and training would stop at it. Leave it out or add it again.",
    FindingKind.CAPTION_LACKS_TRIGGER_WORD: "What such a picture shows is learned under no name, so that no prompt "
    "can call it.",
    FindingKind.SMALLER_THAN_TRAINING: "It is enlarged for training, and its soft details are learned. Use the "
    "original if there is a larger one.",
    FindingKind.SOFT: "Blur is learned like everything else, and comes back in generated pictures. Leave it out if "
    "others show the same side.",
    FindingKind.BLOWN_OUT: "Bright parts are white without any detail, and are learned like that. Use another shot, "
    "or leave it out.",
    FindingKind.CRUSHED: "Dark parts cannot be told apart. Make it brighter in another program, or leave it out.",
    FindingKind.BORDERED: "A frame or letterbox is learned as a part of the picture. Crop it off in another program "
    "and add it again.",
    FindingKind.CUT: "For training, pictures are cut to a shape that the model knows, and here that cuts off a part "
    "of the face or of what the mask marks. Crop it so that there is room around.",
    FindingKind.SEVERAL_FACES: "It is not clear which one to learn. Crop it to one person, or leave it out.",
    FindingKind.NO_FACE: "That is right for a view from behind. Otherwise the face may be too small, hidden or dark.",
    FindingKind.NEAR_DUPLICATES: "They teach the same thing twice, at the cost of everything else. Keep the best.",
    FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY: "Say what else is there, such as clothes and background: what is not "
    "named becomes a part of the subject.",
    FindingKind.CAPTION_TOO_LONG: "Stable Diffusion reads the first 75 tokens of a caption, which are some 50 words "
    "(Starter: 30, some 20), and never sees the rest. Put what matters first, or shorten it.",
    FindingKind.VIEWS_NOT_NAMED: "Write front view, side view or from behind into the captions, so that each can be "
    "asked for.",
    FindingKind.FEW_VIEWS: "Angles that no picture shows are invented. With three it can be shown from any side.",
    FindingKind.NO_SIDE_VIEW: "Add one, or it will be invented. If there is one, say so in its caption.",
    FindingKind.NO_BACK_VIEW: "Add one, or it will be invented. If there is one, say so in its caption.",
    FindingKind.NO_CLOSE_UP: "Add one, or fine features will be invented.",
    FindingKind.NO_FULL_BODY: "Add one, or proportions and clothes will be invented.",
    FindingKind.SAME_BACKDROP: "A background that is always there is learned as well. Add other ones, or name it in "
    "the captions.",
    FindingKind.SAME_SUBJECT: "What is in nearly every picture is learned with the style, and turns up in all that it "
    "draws. Add pictures of other things.",
    FindingKind.SAME_FRAMING: "Then the style draws everything like that. Add close-ups, whole figures and wide "
    "scenes, as far as it has them.",
    FindingKind.MOSTLY_DARK: "Then darkness becomes a part of the style. If it is none, add pictures in daylight.",
    FindingKind.MOSTLY_BRIGHT: "Then brightness becomes a part of the style. If it is none, add darker pictures.",
}
_FIXES = {
    Fix.HOLD_SOME_OUT: "Hold some out",
    Fix.PUT_TOGETHER: "Put together",
    Fix.LOOK_AGAIN: "Look again",
    Fix.LEAVE_OUT: "Leave out",
    Fix.REMOVE: "Remove",
    Fix.ADD_TRIGGER_WORD: "Add the word",
}
_ISSUES = {
    ImageIssue.MISSING: "file is gone",
    ImageIssue.UNREADABLE: "cannot be read",
    ImageIssue.SOFT: "soft focus",
    ImageIssue.BLOWN_OUT: "burnt out",
    ImageIssue.CRUSHED: "too dark",
    ImageIssue.BORDERED: "border",
    ImageIssue.TOO_SMALL: "too small",
    ImageIssue.CUT: "cut off",
    ImageIssue.SEVERAL_FACES: "several faces",
    ImageIssue.NO_FACE: "no face",
    ImageIssue.NEAR_DUPLICATE: "look-alike",
}
_VERDICTS = {
    ReadinessVerdict.READY: "Ready to train",
    ReadinessVerdict.WILL_WORK: "Will work, could be better",
    ReadinessVerdict.NOT_YET: "Not ready yet",
}
_VIEWS = {
    View.FRONT: "front {n}",
    View.THREE_QUARTER: "three-quarter {n}",
    View.SIDE: "side {n}",
    View.BACK: "behind {n}",
    View.ABOVE: "above {n}",
    View.BELOW: "below {n}",
}
_LIGHTS = {Light.DARK: "dark {n}", Light.MEDIUM: "medium {n}", Light.BRIGHT: "bright {n}"}
_SHAPES = {Shape.UPRIGHT: "upright {n}", Shape.SQUARE: "square {n}", Shape.WIDE: "wide {n}"}
_FRAMINGS = {Framing.CLOSE_UP: "close-up {n}", Framing.HALF: "half-length {n}", Framing.FULL: "full {n}"}


def finding_text(finding: Finding, say: Say = as_written) -> str:
    """What was found, in one short sentence."""
    one, many = _TEXTS[finding.kind]
    return say(one if finding.count == 1 else many).format(n=finding.count, word=finding.word)


def finding_reason(kind: FindingKind, say: Say = as_written) -> str:
    """Why it matters and what helps, in one or two sentences."""
    return say(_REASONS[kind])


def fix_text(fix: Fix, say: Say = as_written) -> str:
    """What the button says that does it."""
    return say(_FIXES[fix])


def issue_text(issue: ImageIssue, say: Say = as_written) -> str:
    """What is wrong with one picture, in the two words that fit on it."""
    return say(_ISSUES[issue])


def verdict_text(verdict: ReadinessVerdict, say: Say = as_written) -> str:
    """The verdict as a heading."""
    return say(_VERDICTS[verdict])


def good_texts(readiness: Readiness, say: Say = as_written) -> list[str]:
    """What is all right, as far as it is known."""
    count = readiness.usable_count
    if not count:
        return [say("No pictures yet")] if not readiness.coverage.image_count else []
    text = say("{n} usable picture, smallest side {side} px") if count == 1 else say(_USABLE)
    texts = [text.format(n=f"{count:,}", side=f"{readiness.smallest_side_px:,}")]
    if readiness.looked_at == count and not readiness.issues:
        texts.append(say("Every picture is sharp, well exposed and different"))
    return texts


_USABLE = "{n} usable pictures, smallest side {side} px"


def style_texts(style: StyleCoverage, say: Say = as_written) -> list[str]:
    """What a style is shown on, as far as it is known."""
    texts = []
    if style.subjects.telling_count:
        count, word = style.subjects.word_count, style.subjects.commonest
        several = say("Captions: {n} different words, most often “{word}”")
        text = say("Captions: they name “{word}” alone") if count == 1 else several
        texts.append(text.format(n=f"{count:,}", word=word))
    if style.lights:
        texts.append(say("Light: {counts}").format(counts=_named(_LIGHTS, style.lights, say)))
    texts.append(say("Shapes: {counts}").format(counts=_named(_SHAPES, style.shapes, say)))
    return texts


def coverage_texts(coverage: Coverage, say: Say = as_written) -> list[str]:
    """What the pictures show, as far as captions and pixels tell; empty if they tell nothing."""
    texts = []
    if coverage.view_count:
        texts.append(say("Views: {counts}").format(counts=_named(_VIEWS, coverage.views, say)))
    if coverage.framing_count:
        texts.append(say("Framing: {counts}").format(counts=_named(_FRAMINGS, coverage.framings, say)))
    if coverage.backdrops:
        different = len(coverage.backdrops)
        text = say("Backgrounds: all alike") if different == 1 else say("Backgrounds: {n} different")
        texts.append(text.format(n=different))
    if coverage.style is not None and coverage.image_count:
        texts += style_texts(coverage.style, say)
    return texts


def _named(texts: Mapping[Told, str], counts: Mapping[Told, int], say: Say) -> str:
    return " · ".join(say(text).format(n=counts[told]) for told, text in texts.items() if counts.get(told))
