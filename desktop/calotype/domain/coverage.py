"""How varied a set is: the views and framings that captions or faces tell of, the backgrounds, and for a style more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from calotype.domain.caption_subjects import NamedSubjects, named_subjects, names
from calotype.domain.courtesy import courteous
from calotype.domain.image_facts import Backdrop, ImageFacts
from calotype.domain.image_issues import shown_faces
from calotype.domain.imageset import FACES_TELL, CaptionedImage, ImageSet, SubjectKind

ONE_BACKDROP = 14.0  # CIELAB units: backdrops nearer than this look the same
_MOST_COMPARED = 2000  # pictures; more do not change how varied a set is
_MOST_BACKDROPS = 40
_DARK, _BRIGHT = 25, 75  # CIELAB lightness of a whole picture: below it is night, above it is paper or snow
_SQUARE = 1.05  # one side to the other: what is nearer to 1 looks square
_CLOSE_FACE, _HALF_FACE = 0.33, 0.13  # of the picture's height: a face in a close-up, and in a half-length picture


class View(StrEnum):
    """The side from which a subject is seen."""

    FRONT = "front"
    THREE_QUARTER = "three-quarter"
    SIDE = "side"
    BACK = "back"
    ABOVE = "above"
    BELOW = "below"


class Framing(StrEnum):
    """How much of a subject is seen."""

    CLOSE_UP = "close-up"
    HALF = "half"
    FULL = "full"


class Light(StrEnum):
    """How light a picture is as a whole."""

    DARK = "dark"
    MEDIUM = "medium"
    BRIGHT = "bright"


class Shape(StrEnum):
    """Whether a picture is higher than wide."""

    UPRIGHT = "upright"
    SQUARE = "square"
    WIDE = "wide"


_VIEW_WORDS = {
    View.FRONT: r"front view|frontal|from the front|(?:facing|looking (?:straight )?at) (?:the )?(?:camera|viewer)",
    View.THREE_QUARTER: r"three[- ]quarter|3/4|¾",
    View.SIDE: r"side view|from the (?:left |right )?side|in profile|profile view|(?:turned|facing) (?:to )?(?:the )?"
    r"(?:left|right)",
    View.BACK: r"from behind|from the back|back view|rear view|seen from the rear",
    View.ABOVE: r"from above|top view|top[- ]down|high[- ]angle|overhead|bird'?s[- ]eye",
    View.BELOW: r"from below|low[- ]angle|worm'?s[- ]eye",
}
_FRAMING_WORDS = {
    Framing.CLOSE_UP: r"close[- ]?up|macro|detail shot|head ?shot|portrait",
    Framing.HALF: r"half[- ]body|half[- ]length|upper body|waist[- ]up|bust shot|medium shot|cowboy shot",
    Framing.FULL: r"full[- ]body|full[- ]length|whole body|full shot|wide shot|head to toe",
}
_VIEWS, _FRAMINGS = tuple(_VIEW_WORDS), tuple(_FRAMING_WORDS)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all: the number of the group that matched tells which. 100,000 captions are read in one go."""
    groups = "|".join(f"({each})" for each in words)
    return re.compile(rf"(?<!\w)(?:{groups})(?!\w)", re.IGNORECASE)


_VIEW_PATTERN, _FRAMING_PATTERN = _any_of(_VIEW_WORDS.values()), _any_of(_FRAMING_WORDS.values())


@dataclass(frozen=True, slots=True)
class StyleCoverage:
    """What a style is shown on. Colours are not counted: they are a part of most styles."""

    subjects: NamedSubjects
    with_commonest: frozenset[str]  # content hashes of the pictures whose captions have the commonest word
    shapes: Mapping[Shape, int]
    lights: Mapping[Light, int]  # as far as somebody looked
    lit_alike: frozenset[str]  # content hashes of the pictures in the commonest light
    framed_alike: frozenset[str]  # content hashes of the pictures in the commonest framing


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many pictures show what. Views are known from captions alone; what is not known is not counted."""

    image_count: int
    views: Mapping[View, int]
    view_count: int  # pictures whose captions name a view
    framings: Mapping[Framing, int]
    framing_count: int  # pictures whose framing is known, from captions or from faces
    backdrops: tuple[int, ...]  # pictures with the same backdrop, the commonest first; empty if nobody looked
    same_backdrop: frozenset[str]  # content hashes of the pictures with the commonest one
    style: StyleCoverage | None = None  # of a set that teaches one


def find_coverage(image_set: ImageSet, facts: Mapping[str, ImageFacts]) -> Coverage:
    """Count what the pictures that are not excluded show."""
    images = image_set.included.images
    # Faces may be known from another project with the same pictures: that must not change what is said of this one.
    faces = facts if image_set.project.kind in FACES_TELL else {}
    views: Counter[View] = Counter()
    framings: Counter[Framing] = Counter()
    view_count = framing_count = 0
    for image in courteous(images):
        named = views_of(image.caption)
        framed = framing_of(image.caption, faces.get(image.content_hash))
        views.update(named)
        framings.update([framed] if framed else [])
        view_count += bool(named)
        framing_count += framed is not None
    step = max(1, -(-len(images) // _MOST_COMPARED))
    compared = [(i.content_hash, facts[i.content_hash].backdrop) for i in images[::step] if i.content_hash in facts]
    groups = _same_backdrops(compared)
    return Coverage(
        image_count=len(images),
        views=views,
        view_count=view_count,
        framings=framings,
        framing_count=framing_count,
        backdrops=tuple(step * len(group) for group in groups),
        same_backdrop=frozenset(groups[0]) if groups else frozenset(),
        style=_style_coverage(image_set, facts) if image_set.project.kind is SubjectKind.STYLE else None,
    )


def light_of(facts: ImageFacts | None) -> Light | None:
    """How light a picture is; None if nobody looked."""
    if facts is None or facts.lightness is None:
        return None
    return Light.DARK if facts.lightness < _DARK else Light.BRIGHT if facts.lightness > _BRIGHT else Light.MEDIUM


def shape_of(image: CaptionedImage) -> Shape:
    """The shape of a picture."""
    if max(image.width_px, image.height_px) < _SQUARE * min(image.width_px, image.height_px):
        return Shape.SQUARE
    return Shape.WIDE if image.width_px > image.height_px else Shape.UPRIGHT


def _style_coverage(image_set: ImageSet, facts: Mapping[str, ImageFacts]) -> StyleCoverage:
    images = image_set.included.images
    step = max(1, -(-len(images) // _MOST_COMPARED))
    subjects = named_subjects([image.caption for image in images[::step]], image_set.project.trigger_word)
    lights: dict[Light, list[str]] = {}
    framings: dict[Framing, list[str]] = {}
    for image in images:
        known = facts.get(image.content_hash)
        if (light := light_of(known)) is not None:
            lights.setdefault(light, []).append(image.content_hash)
        if (framing := framing_of(image.caption, known)) is not None:
            framings.setdefault(framing, []).append(image.content_hash)
    word = subjects.commonest
    return StyleCoverage(
        subjects=replace(subjects, telling_count=min(len(images), step * subjects.telling_count)),
        with_commonest=frozenset(image.content_hash for image in images if word and names(image.caption, word)),
        shapes=Counter(map(shape_of, images)),
        lights={light: len(found) for light, found in lights.items()},
        lit_alike=_largest(lights.values()),
        framed_alike=_largest(framings.values()),
    )


def _largest(groups: Iterable[list[str]]) -> frozenset[str]:
    largest: list[str] = max(groups, key=len, default=[])
    return frozenset(largest)


def views_of(caption: str) -> set[View]:
    """The sides that a caption names."""
    return {_VIEWS[told.lastindex - 1] for told in _VIEW_PATTERN.finditer(caption) if told.lastindex is not None}


def framing_of(caption: str, facts: ImageFacts | None) -> Framing | None:
    """How much of the subject is seen: what the caption says, else what the size of the largest face tells."""
    told = _FRAMING_PATTERN.search(caption)
    if told is not None and told.lastindex is not None:
        return _FRAMINGS[told.lastindex - 1]
    faces = shown_faces(facts) if facts is not None else ()
    if not faces:
        return None
    height = faces[0].height
    return Framing.CLOSE_UP if height >= _CLOSE_FACE else Framing.HALF if height >= _HALF_FACE else Framing.FULL


def _same_backdrops(backdrops: Iterable[tuple[str, Backdrop]]) -> list[list[str]]:
    """Groups of pictures with the same backdrop, the largest first: each is like the first of its group."""
    groups: list[tuple[Backdrop, list[str]]] = []
    for content_hash, backdrop in backdrops:
        like = next((members for first, members in groups if first.distance(backdrop) < ONE_BACKDROP), None)
        if like is not None:
            like.append(content_hash)
        elif len(groups) < _MOST_BACKDROPS:
            groups.append((backdrop, [content_hash]))
    return sorted((members for _, members in groups), key=len, reverse=True)
