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


def _line(card: BaseModelCard) -> str:
    size = f"{card.resolution_px} px  {file_size(card.size_bytes)}"
    return f"{card.id}  {card.name}  {card.family.value}  {size}  {card.folder}"
