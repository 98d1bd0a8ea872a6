"""What can be wrong with pictures and projects."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class ImageSetError(CalotypeError):
    """Something is wrong with the pictures of a project."""

    sentence = "The pictures of this project cannot be used."


@dataclass(eq=False)
class UnreadableImageError(ImageSetError):
    """A file is not a whole picture; `cause` says why in a few words."""

    sentence = "{name} was left out: {cause}. Open it in another program and save it again, or use another picture."

    name: str
    cause: str


@dataclass(eq=False)
class ImageTooLargeError(ImageSetError):
    """A picture has more pixels than we agree to decode."""

    sentence = (
        "{name} was left out: it has {megapixels} megapixels, and pictures over {limit} are refused. "
        "Save a smaller copy and add that."
    )

    name: str
    megapixels: int
    limit: int


@dataclass(eq=False)
class UnsafeArchiveError(ImageSetError):
    """A zip would write outside its folder, is nested, or unpacks to far too much."""

    sentence = "{name} was left out: {cause}. Unpack it yourself and drop the folder with the pictures."

    name: str
    cause: str


@dataclass(eq=False)
class MaskNotUsableError(ImageSetError):
    """A mask has no picture, or does not fit it."""

    sentence = "The mask {name} was left out: {cause}. Put a mask of the picture's shape beside it and add both again."

    name: str
    cause: str


@dataclass(eq=False)
class CaptionNotReadableError(ImageSetError):
    """A caption beside a picture cannot be read; the picture came in without it."""

    sentence = "The caption {name} was not read: {cause}. Save it as UTF-8 text, or write the caption here."

    name: str
    cause: str


@dataclass(eq=False)
class RegularisationPicturesError(ImageSetError):
    """A trainer's folder holds pictures of other subjects, which training here does without."""

    sentence = (
        "{name} was left out: its {count} pictures are for regularisation, which is not done here. "
        "If they show your subject after all, drop that folder alone."
    )

    name: str
    count: int


@dataclass(eq=False)
class ConditioningImagesError(ImageSetError):
    """A trainer's folder holds what its pictures were to be made from; `name` is the folder."""

    sentence = (
        "Conditioning images of OneTrainer were left out ({count} in {name}): training here does not use them. "
        "If one is a picture to learn from, rename it without “-condlabel” and add it again."
    )

    name: str
    count: int


@dataclass(eq=False)
class FolderNotReadableError(ImageSetError):
    """A folder or file cannot be opened."""

    sentence = "{name} could not be opened ({cause}). Check that it exists and that you may read it."

    name: str
    cause: str


@dataclass(eq=False)
class WebAddressError(ImageSetError):
    """Only the address of a picture on the web was dropped, and nothing is downloaded unless a person asks."""

    sentence = (
        "Only the address of that picture arrived, and Calotype does not download from web pages ({address}). "
        "Save the picture in your browser, then drop the file."
    )

    address: str


class NoUsableImagesError(ImageSetError):
    """Nothing among the dropped files is a picture."""

    sentence = (
        "No pictures were found there. Drop PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC files, a folder or a zip."
    )


@dataclass(eq=False)
class LinkedPicturesMissingError(ImageSetError):
    """Pictures that were left where they are are not there."""

    sentence = (
        "Files that this project uses where they are have gone: {count}, the first of them {name}. "
        "Connect the drive that they are on, or find or remove them on the Images page."
    )

    count: int
    name: str


@dataclass(eq=False)
class LinkedPicturesChangedError(ImageSetError):
    """Pictures that were left where they are were edited since the project saw them."""

    sentence = (
        "Files that this project uses where they are were edited: {count}, the first of them {name}. "
        "Press “Look again” on the Images page and take the changes in."
    )

    count: int
    name: str


@dataclass(eq=False)
class TooFewImagesError(ImageSetError):
    """A set has fewer pictures than training needs."""

    sentence = (
        "{have} pictures are too few: training needs at least {need}, of which one is held out to check the result. "
        "Add {missing} more."
    )

    have: int
    need: int

    @property
    def fields(self) -> dict[str, object]:
        """The counts, and how many are missing."""
        return {"have": self.have, "need": self.need, "missing": self.need - self.have}


class ProjectError(CalotypeError):
    """Something is wrong with a project."""

    sentence = "This project cannot be used."


@dataclass(eq=False)
class ProjectNotFoundError(ProjectError):
    """No project has this name or id."""

    sentence = "There is no project called “{name}”. Create it first, or check the spelling."

    name: str


@dataclass(eq=False)
class InvalidProjectError(ProjectError):
    """A name, kind or trigger word is not allowed."""

    sentence = "The {field} “{value}” cannot be used: {allowed}."

    field: str
    value: object
    allowed: str


@dataclass(eq=False)
class ProjectBusyError(ProjectError):
    """Another import or run is working on the project."""

    sentence = "“{name}” is busy with another import or training run. Wait until that has ended, or stop it."

    name: str
