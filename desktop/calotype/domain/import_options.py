"""What a person may choose about an import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CaptionChoice(StrEnum):
    """Where the captions of pictures come from that are brought in.

    A text file beside the picture comes first wherever it is read at all, and the trigger word last.
    """

    AUTO = "auto"  # text files, the table of a data set, the words in a trainer's folder name
    SIDECAR = "sidecar"  # text files alone
    METADATA = "metadata"  # as AUTO, and then the prompt inside a generated picture
    NAME = "name"  # as AUTO, and then the name of the file
    NONE = "none"  # every picture gets the trigger word


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Nothing chosen is what suits most."""

    captions: CaptionChoice = CaptionChoice.AUTO
    is_linked: bool = False  # files stay where they are: only captions go into the project


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """A picture that is not a file: the bytes of one, and what to call it."""

    name: str
    data: bytes


USUAL = ImportOptions()
