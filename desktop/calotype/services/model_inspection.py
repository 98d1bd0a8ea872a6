"""What a file or folder is that someone wants to use as a base model, and whether this version can train it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.diffusion.folder_recognition import recognise_model
from calotype.diffusion.model_cards import obstacle
from calotype.domain.errors import BaseModelError
from calotype.domain.recognised import RecognisedModel


@dataclass(frozen=True, slots=True)
class Inspection:
    """A recognised model; `obstacle` says why it cannot be trained on here, or is None."""

    model: RecognisedModel
    obstacle: BaseModelError | None


def inspect_model(path: Path) -> Inspection:
    """Recognise a file or folder from its headers. Raises a BaseModelError that says what it is instead."""
    path = path.expanduser().absolute()
    model = recognise_model(path)
    return Inspection(model, obstacle(model))
