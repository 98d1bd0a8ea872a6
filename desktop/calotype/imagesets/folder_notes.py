"""What the folders of other trainers say about the pictures in them: how often each counts, in which words, which side.

Folder names: kohya's sd-scripts, config_util.py. Tables and sides: the imagefolder of Hugging Face datasets.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from calotype.domain.imageset import Split

TABLE_NAMES = ("metadata.jsonl", "metadata.csv")
LARGEST_TABLE_BYTES = 64 * 1024**2
MOST_REPEATS = 1000  # a folder called 2024_holiday is a year and not a trainer's
_COUNTED = re.compile(r"([1-9][0-9]{0,3})_(.*[^\W\d_].*)")
_REGULARISING = {"reg", "regs", "regularisation", "regularization", "reg_images", "regularization_images"}
_TRAINING = {"train", "training"}
_CHECKING = {"validation", "valid", "val", "dev", "test", "testing", "eval"}
_CAPTION_COLUMNS = ("text", "caption", "prompt")


@dataclass(frozen=True, slots=True)
class FolderNotes:
    """What holds for every picture of one folder. `captions`: by name below the folder, with / between folders."""

    repeats: int = 1
    words: str = ""
    split: Split | None = None
    captions: Mapping[str, str] = field(default_factory=dict)
    is_regularising: bool = False
    _is_parent_of_regularising: bool = False

    def inside(self, name: str, siblings: Collection[str] = ()) -> FolderNotes:
        """What holds in a folder of this name; `siblings` are the folders beside it, itself among them."""
        counted = _COUNTED.fullmatch(name)
        is_counted = counted is not None and int(counted[1]) <= MOST_REPEATS
        prefix = f"{name}/"
        notes = replace(
            self,
            split=_split_of(name, siblings) or self.split,
            captions={key.removeprefix(prefix): text for key, text in self.captions.items() if key.startswith(prefix)},
            is_regularising=self.is_regularising or (self._is_parent_of_regularising and is_counted),
            _is_parent_of_regularising=name.lower() in _REGULARISING,
        )
        if counted is None or not is_counted:
            return notes
        return replace(notes, repeats=int(counted[1]), words=counted[2].strip())

    def with_table(self, name: str, data: bytes) -> FolderNotes:
        """The same, with the captions of a table that lies in the folder; a damaged table says nothing."""
        text = data.decode("utf-8-sig", errors="replace")
        rows = _json_rows(text) if name.endswith(".jsonl") else csv.DictReader(io.StringIO(text))
        found = {}
        try:
            for row in rows:
                file_name = row.get("file_name")
                caption = next((row[column] for column in _CAPTION_COLUMNS if isinstance(row.get(column), str)), None)
                if isinstance(file_name, str) and caption:
                    found[file_name.replace("\\", "/").removeprefix("./")] = str(caption).strip()
        except csv.Error:
            return self
        return replace(self, captions={**self.captions, **found})


def _json_rows(text: str) -> Iterator[Mapping[str, object]]:
    for line in text.split("\n"):  # not at U+2028, which a caption may hold
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def _split_of(name: str, siblings: Collection[str]) -> Split | None:
    """Which side a folder is for: only where both sides have one, since pictures of trains may lie in “train”."""
    names = {sibling.lower() for sibling in siblings}
    if not (names & _TRAINING and names & _CHECKING):
        return None
    lowered = name.lower()
    return Split.TRAINING if lowered in _TRAINING else Split.VALIDATION if lowered in _CHECKING else None
