"""The tools for LoRAs as the Library uses them: what they make is named by the user and comes into the Library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.domain.control import Control
from calotype.domain.generation import LoraUse
from calotype.domain.lora_tools import LoraToolEvent, ModelBaked
from calotype.domain.models import BaseModelCard
from calotype.imagesets.project_folder import folder_name
from calotype.services.lora_tools import LoraChoice, bake_loras
from calotype.services.model_catalog import add_base_model
from calotype.services.workspace import Workspace
from calotype.storage.files import make_folder

SUFFIX = ".safetensors"


def new_lora(workspace: Workspace, name: str, rank: int | None = None) -> LoraChoice:
    """A LoRA of this name, or one like it that is free, in the Library. Raises StorageError or InvalidPlanError."""
    make_folder(workspace.folder.loras)
    path, title = _free(workspace.folder.loras, name, SUFFIX), name.strip()
    is_numbered = path.stem != folder_name(title, lambda _taken: False)
    return LoraChoice(path, rank, title="" if is_numbered else title)


def bake_into_library(
    workspace: Workspace, model: BaseModelCard, loras: Sequence[LoraUse], name: str, control: Control
) -> Iterator[LoraToolEvent]:
    """A copy of a base model with LoRAs in its weights, beside the models that were downloaded, and on the list.

    Raises what `bake_loras` raises.
    """
    make_folder(workspace.folder.downloads)
    source = source_of(model)
    destination = _free(workspace.folder.downloads, name, SUFFIX if source.is_file() else "")
    for event in bake_loras(source, loras, destination, control):
        if isinstance(event, ModelBaked):
            add_base_model(workspace, destination)
        yield event


def source_of(model: BaseModelCard) -> Path:
    """The file or folder of a base model."""
    return model.file or model.folder


def _free(folder: Path, name: str, suffix: str) -> Path:
    free = folder_name(name, lambda taken: (folder / f"{taken}{suffix}").exists())
    return folder / f"{free}{suffix}"
