"""calotype models: the base models that training can start from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.options import HomeOption, JsonOption, choices, opened_workspace
from calotype.cli.output import error_values
from calotype.cli.words import file_size
from calotype.domain.models import BaseModelCard
from calotype.domain.recognised import ModelLayout, Prediction
from calotype.services import model_catalog, model_inspection
from calotype.services.comparison_models import choose_comparison_model
from calotype.services.model_inspection import Inspection
from calotype.services.workspace import load_settings

_PREDICTIONS = {
    Prediction.EPSILON: "epsilon",
    Prediction.V: "v",
    Prediction.UNKNOWN: "epsilon or v: the header does not say",
}

commands = typer.Typer(help="Base models.", no_args_is_help=True, rich_markup_mode=None)


@commands.command("list")
def list_models(context: typer.Context, home: HomeOption = None, is_json: JsonOption = False) -> None:
    """List the base models: id, kind, size and folder."""
    chosen = choices(context, home, is_json)
    with opened_workspace(chosen) as workspace:
        cards = model_catalog.list_base_models(workspace)
    text = "\n".join(_line(card) for card in cards)
    chosen.output.result(text, {"models": [asdict(card) for card in cards]})


@commands.command("add")
def add_model(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(help="A diffusers folder, or a .safetensors file. It stays where it is."),
    ],
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Add a base model from a folder or file on this computer."""
    chosen = choices(context, home, is_json)
    with opened_workspace(chosen) as workspace:
        card = model_catalog.add_base_model(workspace, folder.expanduser().absolute())
    chosen.output.result(f"Added {_line(card)}", asdict(card))


@commands.command("compare-with")
def compare_with(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="A CLIP or DINOv2 folder as transformers saves it. It stays where it is.")
    ] = None,
    is_none: Annotated[bool, typer.Option("--none", help="Use the base model alone.")] = False,
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Choose the model that compares previews with the pictures, or say which one does."""
    if is_none and folder is not None:
        raise typer.BadParameter("give a folder or --none, not both", param_hint="--none")
    chosen = choices(context, home, is_json)
    with opened_workspace(chosen) as workspace:
        if is_none or folder is not None:
            choose_comparison_model(workspace, folder)
        used = load_settings(workspace).comparison_model
    judges = f"the base model and {used}" if used else "the base model"
    chosen.output.result(f"Previews are compared by {judges}.", {"comparison_model": used})


@commands.command("inspect")
def inspect_model(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A checkpoint file, or a folder in the diffusers layout.")],
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Say what a file or folder is, from its header alone: nothing is loaded, copied or added."""
    chosen = choices(context, home, is_json)
    inspection = model_inspection.inspect_model(path)
    obstacle = inspection.obstacle
    values = asdict(inspection.model) | {"is_trainable": obstacle is None}
    if obstacle is not None:
        values |= {"obstacle": error_values(obstacle, str(obstacle))["error"]}
    chosen.output.result(_description(inspection), values)


def _description(inspection: Inspection) -> str:
    model = inspection.model
    layout = "one file" if model.layout is ModelLayout.SINGLE_FILE else "a diffusers folder"
    facts = [
        f"{model.path.name}: {model.kind_name}, {model.precision}, {layout}",
        f"  prediction  {_PREDICTIONS[model.prediction]}",
        f"  size        {file_size(model.size_bytes)}{', with EMA weights' if model.has_ema else ''}",
        f"  hash        {model.short_hash}",
        f"  {inspection.obstacle or 'Training can start from it: calotype models add PATH'}",
    ]
    return "\n".join(facts)


def _line(card: BaseModelCard) -> str:
    size = f"{card.resolution_px} px  {file_size(card.size_bytes)}"
    return f"{card.id}  {card.name}  {card.family.value}  {size}  {card.file or card.folder}"
