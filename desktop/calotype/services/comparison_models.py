"""Choose the model that compares previews with pictures, and tell whether it can still be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from calotype.diffusion.vision_folder import VisionCard, read_vision_card
from calotype.domain.errors import ComparisonModelError
from calotype.domain.settings import Settings
from calotype.services.workspace import Workspace, load_settings, save_settings
from calotype.startup.typed_paths import typed_path


def comparison_model(folder: Path) -> VisionCard:
    """Describe the CLIP or DINOv2 model in a folder. Raises a ComparisonModelError that says why it cannot be used."""
    return read_vision_card(typed_path(folder))


def choose_comparison_model(workspace: Workspace, folder: Path | None) -> None:
    """Compare previews by the model in a folder from the next run on, or by the base model alone for None.

    Raises a ComparisonModelError or StorageError, and changes nothing then.
    """
    chosen = "" if folder is None else str(comparison_model(folder).folder)
    save_settings(workspace, replace(load_settings(workspace), comparison_model=chosen))


def trouble_with_comparison_model(settings: Settings) -> ComparisonModelError | None:
    """What has become of the chosen model since it was chosen; None if it is as it was, or none is chosen."""
    if not settings.comparison_model:
        return None
    try:
        comparison_model(Path(settings.comparison_model))
    except ComparisonModelError as error:
        return error
    return None
