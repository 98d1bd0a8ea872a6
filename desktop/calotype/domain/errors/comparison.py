"""What can be wrong with the model that previews are compared by."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class ComparisonModelError(CalotypeError):
    """Something is wrong with the model that previews are compared by."""

    sentence = "This model cannot compare previews."


@dataclass(eq=False)
class ComparisonModelMissingError(ComparisonModelError):
    """The folder of the model, or a file in it, is not there."""

    sentence = (
        "The comparison model “{name}” is not complete: {missing} is missing. Choose the folder of a whole CLIP or "
        "DINOv2 model in Settings."
    )

    name: str
    missing: str


@dataclass(eq=False)
class ComparisonModelUnsupportedError(ComparisonModelError):
    """The folder holds something else, or a file that is never opened."""

    sentence = "“{name}” cannot compare previews: {cause}. Choose the folder of a CLIP or DINOv2 model in Settings."

    name: str
    cause: str


@dataclass(eq=False)
class ComparisonModelDamagedError(ComparisonModelError):
    """The weights are truncated, or do not match the configuration."""

    sentence = "The comparison model “{name}” is damaged: {cause}. Get it again from where you had it."

    name: str
    cause: str
