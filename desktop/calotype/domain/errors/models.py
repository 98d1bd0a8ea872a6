"""What can be wrong with base models and LoRA files."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class BaseModelError(CalotypeError):
    """Something is wrong with a base model."""

    sentence = "This base model cannot be used."


@dataclass(eq=False)
class BaseModelNotFoundError(BaseModelError):
    """No base model has this id or name."""

    sentence = (
        "There is no base model called “{name}”. Choose one that Library or “calotype models list” shows, "
        "or add its folder first."
    )

    name: str


@dataclass(eq=False)
class BaseModelMissingError(BaseModelError):
    """The folder of a base model, or a file in it, is not there."""

    sentence = (
        "The base model “{name}” is not complete: {missing} is missing. Add the model again from its folder in Library."
    )

    name: str
    missing: str


@dataclass(eq=False)
class BaseModelUnsupportedError(BaseModelError):
    """The folder holds something that this version cannot train."""

    sentence = "“{name}” cannot be used as a base model: {cause}. Choose a Stable Diffusion 1, 2 or XL model."

    name: str
    cause: str


@dataclass(eq=False)
class WeightsCorruptError(BaseModelError):
    """A weights file is truncated or does not match its config."""

    sentence = "{name} is damaged: {cause}. Get the model again from where you had it."

    name: str
    cause: str


@dataclass(eq=False)
class BaseModelInUseError(BaseModelError):
    """A run that is paused keeps its base model in memory, and another one is wanted."""

    sentence = (
        "“{name}” cannot be loaded while a run with “{used}” is paused: most cards have no memory for both. Choose "
        "“{used}”, or wait until the run has ended."
    )

    name: str
    used: str


class LoraError(CalotypeError):
    """Something is wrong with a LoRA file."""

    sentence = "This LoRA cannot be used."


@dataclass(eq=False)
class LoraNotFoundError(LoraError):
    """No LoRA has this name or path."""

    sentence = "There is no LoRA called “{name}”. Give the path of a .safetensors file, or a name shown in Library."

    name: str


@dataclass(eq=False)
class LoraUnreadableError(LoraError):
    """The file is not a LoRA that we can read."""

    sentence = "{name} could not be read as a LoRA: {cause}. Check that the file was copied completely."

    name: str
    cause: str


@dataclass(eq=False)
class LoraOfOtherKindError(LoraError):
    """The LoRA was made for a model that is no Stable Diffusion."""

    sentence = "{name} is a LoRA for {kind}, which Calotype cannot draw with. Choose one for Stable Diffusion."

    name: str
    kind: str


@dataclass(eq=False)
class LoraDoesNotFitError(LoraError):
    """The LoRA was made for another kind of base model."""

    sentence = (
        "The LoRA {name} does not fit the base model {model}: {cause}. Choose the base model that it was trained on."
    )

    name: str
    model: str
    cause: str


@dataclass(eq=False)
class LoraTensorsUnusedError(LoraError):
    """A notice: the LoRA is drawn with, but parts of its file have no place in the base model."""

    sentence = (
        "{name} is drawn with, but {count} of its parts have no place in this base model and no effect: {examples}. "
        "Pictures may differ from those of the program that it comes from."
    )

    name: str
    count: int
    examples: str


@dataclass(eq=False)
class LoraToolError(LoraError):
    """A tool cannot do what was asked with this file, or with these two."""

    sentence = "{name} cannot be {done}: {cause}."

    name: str
    done: str
    cause: str


class LoraLayoutError(LoraError):
    """The layout that is wanted has no place for what was learned."""

    sentence = (
        "What was learned is a DoRA, and the layout of diffusers has no place for the lengths in it. Save it for every "
        "other program, in kohya's layout."
    )


@dataclass(eq=False)
class LoraNotVerifiedError(LoraError):
    """A file that was written is not what it should be, when it is read back; it was not left in place."""

    sentence = (
        "{name} was not saved: what was read back from the disk is not what it should be ({cause}). Save it again, at "
        "another place or with another precision."
    )

    name: str
    cause: str
