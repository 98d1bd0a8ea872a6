"""calotype models: the base models that training can start from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.options import HomeOption, JsonOption, choices, opened_workspace
from calotype.cli.words import file_size
from calotype.domain.models import BaseModelCard
from calotype.services import model_catalog
from calotype.services.comparison_models import choose_comparison_model
from calotype.services.workspace import load_settings

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
        Path, typer.Argument(help="A Stable Diffusion folder in the diffusers layout. It stays where it is.")
    ],
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Add a base model from a folder on this computer."""
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


def _line(card: BaseModelCard) -> str:
    size = f"{card.resolution_px} px  {file_size(card.size_bytes)}"
    return f"{card.id}  {card.name}  {card.family.value}  {size}  {card.folder}"
