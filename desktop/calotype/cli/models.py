"""calotype models: the base models that training can start from."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.downloading import download_model
from calotype.cli.options import Choices, as_command, opened_workspace
from calotype.cli.output import error_values
from calotype.cli.words import file_size
from calotype.domain.models import BaseModelCard, PredictionSource
from calotype.domain.recognised import ModelLayout, Prediction
from calotype.services import model_catalog, model_inspection
from calotype.services.comparison_models import choose_comparison_model
from calotype.services.model_inspection import Inspection
from calotype.services.workspace import load_settings
from calotype.startup.typed_paths import typed_path

_PREDICTIONS = {
    Prediction.EPSILON: "epsilon",
    Prediction.V: "v",
    Prediction.UNKNOWN: "the header does not say",
}


class PredictionChoice(StrEnum):
    """What can be said of a model's prediction on the command line."""

    AUTO = "auto"  # as its files say
    EPSILON = "epsilon"
    V = "v"


_CHOSEN = {
    PredictionChoice.AUTO: Prediction.UNKNOWN,
    PredictionChoice.EPSILON: Prediction.EPSILON,
    PredictionChoice.V: Prediction.V,
}

commands = typer.Typer(help="Base models.", no_args_is_help=True, rich_markup_mode=None)
commands.command("download")(download_model)


@commands.command("list")
@as_command
def list_models(chosen: Choices) -> None:
    """List the base models: id, kind, size and folder."""
    with opened_workspace(chosen) as workspace:
        cards = model_catalog.list_base_models(workspace)
    text = "\n".join(_line(card) for card in cards)
    chosen.output.result(text, {"models": [asdict(card) for card in cards]})


@commands.command("add")
@as_command
def add_model(
    chosen: Choices,
    folder: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A diffusers folder, or a .safetensors file. It stays where it is."),
    ],
    prediction: Annotated[
        PredictionChoice | None,
        typer.Option("--prediction-type", help="What it predicts, if its files say nothing or are wrong."),
    ] = None,
) -> None:
    """Add a base model from a folder or file on this computer; again, to change what is said of it."""
    with opened_workspace(chosen) as workspace:
        card = model_catalog.add_base_model(workspace, typed_path(folder), _CHOSEN[prediction] if prediction else None)
    assumed = [_assumption(card)] if card.prediction_source is PredictionSource.ASSUMED else []
    chosen.output.result("\n".join([f"Added {_line(card)}", *assumed]), asdict(card))


@commands.command("set-vae")
@as_command
def set_vae(
    chosen: Choices,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Id or name of the base model, as `calotype models list` names it.")
    ],
    vae: Annotated[
        Path | None,
        typer.Argument(metavar="VAE", help="A VAE alone: a .safetensors file or a diffusers folder. It stays there."),
    ] = None,
    is_none: Annotated[bool, typer.Option("--none", help="Use the model's own VAE.")] = False,
) -> None:
    """Put another VAE in the place of a base model's own, or say which one it has."""
    if is_none and vae is not None:
        raise typer.BadParameter("give a VAE or --none, not both", param_hint="--none")
    with opened_workspace(chosen) as workspace:
        if is_none or vae is not None:
            card = model_catalog.set_vae(workspace, model, vae)
        else:
            card = model_catalog.find_base_model(workspace, model)
    chosen.output.result(f"{card.name} uses {card.vae or 'its own VAE'}.", asdict(card))


@commands.command("compare-with")
@as_command
def compare_with(
    chosen: Choices,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="A CLIP or DINOv2 folder as transformers saves it. It stays where it is."
        ),
    ] = None,
    is_none: Annotated[bool, typer.Option("--none", help="Use the base model alone.")] = False,
) -> None:
    """Choose the model that compares previews with the pictures, or say which one does."""
    if is_none and folder is not None:
        raise typer.BadParameter("give a folder or --none, not both", param_hint="--none")
    with opened_workspace(chosen) as workspace:
        if is_none or folder is not None:
            choose_comparison_model(workspace, folder)
        used = load_settings(workspace).comparison_model
    judges = f"the base model and {used}" if used else "the base model"
    chosen.output.result(f"Previews are compared by {judges}.", {"comparison_model": used})


@commands.command("inspect")
@as_command
def inspect_model(
    chosen: Choices,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A checkpoint file, or a folder in the diffusers layout.")
    ],
) -> None:
    """Say what a file or folder is, from its header: nothing is loaded, copied or added."""
    with opened_workspace(chosen) as workspace:
        inspection = model_inspection.inspect_model(workspace, path)
    obstacle = inspection.obstacle
    values = asdict(inspection.model) | {"is_trainable": obstacle is None}
    if inspection.card is not None:
        taken = ("prediction_type", "prediction_source", "resolution_px", "vae")
        values |= {"as_base_model": {name: getattr(inspection.card, name) for name in taken}}
    if obstacle is not None:
        values |= {"obstacle": error_values(obstacle, str(obstacle))["error"]}
    chosen.output.result(_description(inspection), values)


def _description(inspection: Inspection) -> str:
    model = inspection.model
    layout = "one file" if model.layout is ModelLayout.SINGLE_FILE else "a diffusers folder"
    facts = [
        f"{model.path.name}: {model.kind_name}, {model.precision}, {layout}",
        f"  prediction  {_prediction(inspection)}",
        f"  size        {file_size(model.size_bytes)}{', with EMA weights' if model.has_ema else ''}",
        f"  hash        {model.short_hash}",
        *([f"  VAE         {inspection.card.vae}"] if inspection.card and inspection.card.vae else []),
        f"  {inspection.obstacle or 'Training can start from it: calotype models add PATH'}",
    ]
    return "\n".join(facts)


def _prediction(inspection: Inspection) -> str:
    card, stated = inspection.card, inspection.model.prediction
    if card is None or card.prediction_source is PredictionSource.STATED:
        return _PREDICTIONS[stated]
    how = "chosen by you" if card.prediction_source is PredictionSource.CHOSEN else "assumed from the weights"
    said = _PREDICTIONS[stated] if stated is Prediction.UNKNOWN else f"its files say {_PREDICTIONS[stated]}"
    return f"{_PREDICTIONS[Prediction(card.prediction_type)]}, {how} ({said})"


def _assumption(card: BaseModelCard) -> str:
    assumed, other = ("v", "epsilon") if card.prediction_type == Prediction.V else ("epsilon", "v")
    return (
        f"Its header does not say what it predicts. From its weights, {assumed} is assumed: if pictures come out as "
        f"noise, add it again with --prediction-type {other}."
    )


def _line(card: BaseModelCard) -> str:
    size = f"{card.resolution_px} px  {file_size(card.size_bytes)}"
    vae = f"  with the VAE {card.vae}" if card.vae else ""
    return f"{card.id}  {card.name}  {card.family.value}  {size}  {card.file or card.folder}{vae}"
