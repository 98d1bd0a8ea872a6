"""Which of the words around a picture become its caption."""

from __future__ import annotations

import re
from dataclasses import dataclass

from calotype.domain.errors import CaptionNotReadableError
from calotype.domain.import_options import CaptionChoice
from calotype.imagesets.sources import Refusal, Source, stem_of

_BY_CAMERA = re.compile(r"[a-z]{0,5}[\W_]*[\d\W_]+[a-z]?", re.IGNORECASE)  # IMG_1234, DSC01234, 2024-05-06 12.30.01


@dataclass(frozen=True, slots=True)
class PictureWords:
    """The caption of one picture, and what else could be one. `caption` is None if only the trigger word is left.

    `is_made`: nobody wrote it as a caption, so that it may lack the trigger word.
    """

    caption: str | None
    is_made: bool
    prompt: str  # from inside the picture
    name: str  # of its file, in words; empty if a camera gave it


def words_for(source: Source, prompt: str, choice: CaptionChoice, left_out: list[Refusal]) -> PictureWords:
    """Choose the caption of a picture; a caption that cannot be read is added to `left_out`."""
    name = words_of_name(source.file_name)
    written = None if choice is CaptionChoice.NONE else _written(source, choice, left_out)
    made = _made(source, prompt, name, choice) if written is None else None
    return PictureWords(written or made, made is not None, prompt, name)


def words_of_name(file_name: str) -> str:
    """The name of a file as words; empty if it says nothing, as names that cameras give."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name)
    if _BY_CAMERA.fullmatch(stem):
        return ""
    words = re.sub(r"[_\s]+", " ", stem).strip()
    return re.sub(r"[\s-]*[(\[]?\d+[)\]]?$", "", words).strip() or words  # “red car (2)” is another red car


def _written(source: Source, choice: CaptionChoice, left_out: list[Refusal]) -> str | None:
    beside = _beside(source, left_out)
    if beside or choice is CaptionChoice.SIDECAR:
        return beside or None
    return _in_table(source) or None


def _made(source: Source, prompt: str, name: str, choice: CaptionChoice) -> str | None:
    if choice in (CaptionChoice.NONE, CaptionChoice.SIDECAR):
        return None
    asked = {CaptionChoice.METADATA: prompt, CaptionChoice.NAME: name}.get(choice, "")
    return asked or source.notes.words or None


def _beside(source: Source, left_out: list[Refusal]) -> str | None:
    try:
        return source.read_caption()
    except CaptionNotReadableError as error:
        left_out.append(Refusal(error.name, error))
        return None


def _in_table(source: Source) -> str:
    captions = source.notes.captions
    if not captions:
        return ""
    return captions.get(source.file_name) or captions.get(stem_of(source.file_name)) or ""
