"""What a project is called that is made from dropped pictures, and by which word it will be called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.imageset import suggest_trigger_word
from calotype.imagesets.folder_notes import FolderNotes


@dataclass(frozen=True, slots=True)
class SuggestedNames:
    """A name and a trigger word to begin with."""

    name: str
    trigger_word: str


def names_from(source: Path) -> SuggestedNames:
    """What to call a project made from this file, folder or zip; a kohya folder tells subject and trigger word."""
    words = _words(source) if source.is_dir() else ""
    if words:
        return SuggestedNames(words, suggest_trigger_word(words.split()[0]))
    if source.suffix.lower() == ".zip":
        return names_of(source.stem)
    return names_of(source.name if source.is_dir() else source.parent.name)


def names_of(name: str) -> SuggestedNames:
    """This name, and a short word out of it."""
    return SuggestedNames(name, suggest_trigger_word(name))


def _words(folder: Path) -> str:
    """What kohya's folders in or below a folder call the subject, if they all agree."""
    own = FolderNotes().inside(folder.name).words
    if own:
        return own
    try:
        below = [path for path in folder.iterdir() if path.is_dir()]
        below += [path for parent in below if parent.name.lower() == "img" for path in parent.iterdir()]
    except OSError:
        return ""
    found = {words for path in below if (words := FolderNotes().inside(path.name).words)}
    return found.pop() if len(found) == 1 else ""
