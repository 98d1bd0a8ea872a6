"""A project's pictures: one subject, its captioned images, and which of them are held out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from calotype.domain.errors import InvalidProjectError, TooFewImagesError

MINIMUM_IMAGES = 4  # three to learn from, one to check with


class SubjectKind(StrEnum):
    """What a project teaches."""

    PERSON = "person"
    CHARACTER = "character"
    PRODUCT = "product"
    STYLE = "style"


FACES_TELL = frozenset((SubjectKind.PERSON, SubjectKind.STYLE))  # kinds in whose pictures faces are looked for


class Split(StrEnum):
    """Whether an image is learned from, or held out to check the result."""

    TRAINING = "training"
    VALIDATION = "validation"


@dataclass(frozen=True, slots=True)
class Project:
    """One subject: its name, the word that calls it, and the folder that holds everything about it."""

    id: str
    name: str
    kind: SubjectKind
    trigger_word: str
    folder: Path
    created_at: float  # seconds since 1970

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 80:
            raise InvalidProjectError("name", self.name, "use 1 to 80 characters")
        if not re.fullmatch(r"[^\s,()\[\]<>:|{}\"]{1,32}", self.trigger_word):
            raise InvalidProjectError(
                "trigger word",
                self.trigger_word,
                "use one word of 1 to 32 letters and digits, without brackets or commas",
            )

    @property
    def images_folder(self) -> Path:
        """The folder with the pictures and their `.txt` captions."""
        return self.folder / "images"

    @property
    def runs_folder(self) -> Path:
        """The folder with one folder for each training run."""
        return self.folder / "runs"


@dataclass(frozen=True, slots=True)
class CaptionedImage:
    """One picture of a set: upright sRGB pixels in a file, and what the picture shows in words."""

    path: Path
    width_px: int
    height_px: int
    caption: str
    content_hash: str  # of the decoded pixels, so that a re-saved copy is the same image
    perceptual_hash: int  # 64 bits; few differing bits mean near-duplicates
    split: Split
    original_name: str
    rating: int = 0  # stars, 0 (none) to 5
    is_excluded: bool = False  # it stays in the set, and is neither learned from nor checked with
    repeats: int = 1  # how often it is learned from in one round over the set; kohya's number before the folder name
    linked_to: Path | None = None  # the person's own file, if the pixels were left where they are
    taken_at: float | None = None  # seconds since 1970 by the camera's own clock, if the file tells
    camera: str = ""

    @property
    def is_held_out(self) -> bool:
        """True if the image is used to check the result and never to learn from."""
        return self.split is Split.VALIDATION

    @property
    def pixels_path(self) -> Path:
        """The file to read pixels from; `path` names the image in its project, where its caption is."""
        return self.linked_to or self.path


@dataclass(frozen=True, slots=True)
class ImageSet:
    """The images of one project, in the order in which they were added."""

    project: Project
    images: tuple[CaptionedImage, ...]

    @property
    def training(self) -> tuple[CaptionedImage, ...]:
        """The images to learn from."""
        return tuple(image for image in self.images if not (image.is_held_out or image.is_excluded))

    @property
    def held_out(self) -> tuple[CaptionedImage, ...]:
        """The images to check with."""
        return tuple(image for image in self.images if image.is_held_out and not image.is_excluded)

    @property
    def turns(self) -> tuple[int, ...]:
        """How often each training image comes up in one round: its repeats, over what all of them have in common.

        A folder in which everything counts ten times is learned from as if everything counted once.
        """
        repeats = [max(1, image.repeats) for image in self.training]
        common = math.gcd(*repeats)
        return tuple(count // common for count in repeats)

    @property
    def included(self) -> ImageSet:
        """The same set without the images that were excluded: what a run is made of."""
        return replace(self, images=tuple(image for image in self.images if not image.is_excluded))

    def require_trainable(self) -> None:
        """Raise TooFewImagesError unless there is enough to train on and to check with."""
        count = len(self.training) + len(self.held_out)
        if count < MINIMUM_IMAGES:
            raise TooFewImagesError(count, MINIMUM_IMAGES)
        if not self.held_out or len(self.training) < MINIMUM_IMAGES - 1:
            raise TooFewImagesError(len(self.training), MINIMUM_IMAGES)


def suggest_trigger_word(name: str) -> str:
    """Make a short trigger word out of a project's name: its letters and digits, in lower case."""
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return letters[:12] or "subject"
