"""What captions name again and again: the words that tell what a picture shows, without those that tell how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that join others, in the languages that captions are mostly written in.
_JOINING = """
about above across after along all also and another any are around back been before behind being below beside between
both but for from front has have her here his holding into its left like lot many more near next not off one onto other
out over own right same she side some such than that the their them there they this three through towards two under
very view was wearing were what where which while who whose with without you your
aus bei das dem den der des die ein eine einem einen einer hat ist mit neben und unter vom von vor wie zum zur
au aux avec cette dans des elle est les leur par pas pour qui ses son sous sur une
con del desde dos ella entre esta este hay las los muy para por que sin sobre una uno
"""
# What a picture is made of, how it is lit and from where it is taken may be in every caption of a style.
_MAKING = """
abstract acrylic anime art artwork background black blurred blurry bokeh bright canvas cartoon charcoal chalk cinematic
close closeup color colored colorful colors colour coloured colourful colours comic composition concept crayon dark
depth depiction design detailed digital drawing drawn engraving etching field film flat full gouache grain graphic
greyscale grayscale illustration image ink landscape lighting line lineart linework lines lithograph manga medium
minimal minimalist monochrome muted oil outline painted painterly painting palette paper pastel pattern pencil photo
photograph photographic photography picture pixel poster portrait print realistic render rendered rendering retro scene
angle body half length lower lit light lights macro quarter seen shadow shadows upper view whole
shading shot simple sketch soft stencil stroke strokes style styled stylized texture tones vector vintage watercolor
watercolour white wide woodcut
"""
_WITH_ES = ("xes", "ches", "shes", "sses")  # several foxes, beaches, dishes, dresses
_NO_SUBJECT = frozenset((_JOINING + _MAKING).split())


@dataclass(frozen=True, slots=True)
class NamedSubjects:
    """What captions name. `commonest` is empty if they name nothing; `share` is of the captions that name something."""

    telling_count: int  # captions that name something beside the trigger word
    word_count: int  # different words
    commonest: str
    share: float


def named_subjects(captions: Sequence[str], trigger_word: str) -> NamedSubjects:
    """Count in how many captions each word is. One and several of a thing are the same word: cat and cats."""
    ignored = _NO_SUBJECT | {_stem(trigger_word.casefold())}
    counts: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    telling_count = 0
    for caption in captions:
        told = {word for word in _WORD.findall(caption.casefold()) if not {word, _stem(word)} & ignored}
        counts.update({_stem(word) for word in told})
        for word in told:
            written.setdefault(_stem(word), Counter())[word] += 1
        telling_count += bool(told)
    if not counts:
        return NamedSubjects(0, 0, "", 0.0)
    stem, count = min(counts.items(), key=lambda found: (-found[1], found[0]))
    return NamedSubjects(telling_count, len(counts), written[stem].most_common(1)[0][0], count / telling_count)


def names(caption: str, word: str) -> bool:
    """Whether a caption has this word, as one or as several."""
    return _stem(word) in {_stem(each) for each in _WORD.findall(caption.casefold())}


def _stem(word: str) -> str:
    if word.endswith(_WITH_ES):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
