"""What a file or folder is that someone wants to use as a base model, and whether this version can train it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.diffusion.folder_recognition import recognise_model
from calotype.diffusion.model_cards import obstacle
from calotype.domain.errors import BaseModelError
from calotype.domain.models import BaseModelCard
from calotype.domain.recognised import RecognisedModel
from calotype.services.model_catalog import known_card
from calotype.services.workspace import Workspace
from calotype.startup.typed_paths import typed_path


@dataclass(frozen=True, slots=True)
class Inspection:
    """A recognised model. Either `card` is how it would be trained on here, or `obstacle` says why it cannot be."""

    model: RecognisedModel
    card: BaseModelCard | None
    obstacle: BaseModelError | None


def inspect_model(workspace: Workspace, path: Path) -> Inspection:
    """Recognise a file or folder from its headers, and say what was chosen for it if it is on the list.

    Nothing is noted. Raises a BaseModelError that says what it is instead.
    """
    path = typed_path(path)
    model = recognise_model(path)
    error = obstacle(model)
    return Inspection(model, None if error else known_card(workspace, path), error)


def reason_against(path: Path) -> BaseModelError | None:
    """Why a file or folder cannot be a base model, such as a LoraGivenError; None if it can. From its headers alone."""
    try:
        return obstacle(recognise_model(path))
    except BaseModelError as error:
        return error
