"""How varied a set is: the views and framings that captions or faces tell of, and the backgrounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.courtesy import courteous
from calotype.domain.image_facts import Backdrop, ImageFacts
from calotype.domain.image_issues import shown_faces
from calotype.domain.imageset import ImageSet

ONE_BACKDROP = 14.0  # CIELAB units: backdrops nearer than this look the same
_MOST_COMPARED = 2000  # pictures; more do not change how varied a set is
_MOST_BACKDROPS = 40
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
class Coverage:
    """How many pictures show what. Views are known from captions alone; what is not known is not counted."""

    image_count: int
    views: Mapping[View, int]
    view_count: int  # pictures whose captions name a view
    framings: Mapping[Framing, int]
    framing_count: int  # pictures whose framing is known, from captions or from faces
    backdrops: tuple[int, ...]  # pictures with the same backdrop, the commonest first; empty if nobody looked
    same_backdrop: frozenset[str]  # content hashes of the pictures with the commonest one


def find_coverage(image_set: ImageSet, facts: Mapping[str, ImageFacts]) -> Coverage:
    """Count what the pictures that are not excluded show."""
    images = image_set.included.images
    views: Counter[View] = Counter()
    framings: Counter[Framing] = Counter()
    view_count = framing_count = 0
    for image in courteous(images):
        named = views_of(image.caption)
        framed = framing_of(image.caption, facts.get(image.content_hash))
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
    )


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
