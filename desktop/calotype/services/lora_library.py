"""The LoRAs of the Library with what the user thinks of them, and what each has to do with."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors import ProjectNotFoundError, RunNotFoundError
from calotype.domain.lora_library import LoraNotes, ShelvedLora
from calotype.domain.models import BaseModelCard, LoraCard, ModelFamily
from calotype.domain.recognised import ModelKind
from calotype.domain.runs import Run
from calotype.services.generation import recent_pictures
from calotype.services.model_catalog import list_base_models, list_loras
from calotype.services.projects import find_project
from calotype.services.training_runs import find_run
from calotype.services.workspace import Workspace
from calotype.storage.lora_notes import read_notes, write_notes


@dataclass(frozen=True, slots=True)
class WhereUsed:
    """What a LoRA has to do with.

    project: the name of the one that it was learned in, or empty; run: the run, if it is still known. pictures: how
    many of the newest in the outputs folder were drawn with it; base_models: names of those that it was made for.
    """

    project: str
    run: Run | None
    base_models: tuple[str, ...]
    pictures: int


def shelf(workspace: Workspace) -> list[ShelvedLora]:
    """Every readable LoRA in the data folder with its notes, newest first."""
    return [ShelvedLora(card, read_notes(card.path)) for card in list_loras(workspace)]


def take_notes(card: LoraCard, notes: LoraNotes) -> ShelvedLora:
    """Remember a rating and notes. Raises DiskFullError or FolderNotWritableError."""
    write_notes(card.path, notes)
    return ShelvedLora(card, notes)


def where_used(workspace: Workspace, card: LoraCard) -> WhereUsed:
    """Look up the run, the project, the base models and the pictures of a LoRA."""
    project, run = "", None
    try:
        run = find_run(workspace, card.run_id) if card.run_id else None
        project = find_project(workspace, run.project_id).name if run else ""
    except (RunNotFoundError, ProjectNotFoundError):
        pass  # removed meanwhile
    mark = f"<lora:{card.path.stem}:"
    return WhereUsed(
        project=project,
        run=run,
        base_models=tuple(model.name for model in list_base_models(workspace) if _is_for(card, model)),
        pictures=sum(mark in record.prompt for record in recent_pictures(workspace)),
    )


def _is_for(card: LoraCard, model: BaseModelCard) -> bool:
    families = {ModelKind.STARTER: ModelFamily.STARTER, ModelKind.SD1: ModelFamily.SD1, ModelKind.SD2: ModelFamily.SD2}
    return card.made_for is not None and families.get(card.made_for) is model.family
