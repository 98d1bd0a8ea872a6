"""calotype loras: the LoRA files in the Library."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli import lora_tools
from calotype.cli.options import Choices, as_command, opened_workspace
from calotype.cli.words import counted, file_size, table
from calotype.domain.lora import LORA_KIND_NAMES
from calotype.domain.models import LoraCard
from calotype.domain.recognised import KIND_NAMES
from calotype.services import lora_inspection, model_catalog
from calotype.services.lora_inspection import LoraDetails
from calotype.startup.typed_paths import typed_path

commands = typer.Typer(help="LoRA files.", no_args_is_help=True, rich_markup_mode=None)
commands.command("merge")(lora_tools.merge)
commands.command("resize")(lora_tools.resize)
commands.command("extract")(lora_tools.extract)
commands.command("bake")(lora_tools.bake)

LoraArgument = Annotated[str, typer.Argument(metavar="FILE_OR_NAME", help="A LoRA file, or a name in the Library.")]


@commands.command("add")
@as_command
def add(
    chosen: Choices,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .safetensors file. It is copied into the Library.")],
) -> None:
    """Add a LoRA file from this computer."""
    with opened_workspace(chosen) as workspace:
        card = model_catalog.add_lora(workspace, typed_path(file))
    chosen.output.result(f"Added {'  '.join(_cells(card))}", asdict(card))


@commands.command("list")
@as_command
def list_loras(chosen: Choices) -> None:
    """List the LoRAs: name, kind, family, rank, size, trigger word and file."""
    with opened_workspace(chosen) as workspace:
        cards = model_catalog.list_loras(workspace)
    nothing = "There is no LoRA yet. What a run learns comes here; add others with: calotype loras add FILE"
    chosen.output.result(table([_cells(card) for card in cards]) or nothing, {"loras": [*map(asdict, cards)]})


@commands.command("inspect")
@as_command
def inspect(chosen: Choices, lora: LoraArgument) -> None:
    """Say what a LoRA file is and what it tells of its training, from its header alone."""
    with opened_workspace(chosen) as workspace:
        details = lora_inspection.inspect_lora(model_catalog.find_lora(workspace, lora).path)
    chosen.output.result("\n".join(_description(details)), asdict(details))


def _description(details: LoraDetails) -> list[str]:
    card = details.card
    layers = [counted(details.unet_layers, "layer") + " of the U-Net"]
    if card.text_encoder_layers:
        layers.append(f"{card.text_encoder_layers} of the text encoder")
    facts = {
        "for": KIND_NAMES[card.made_for] if card.made_for else "unknown: its shapes and words do not tell",
        "rank": f"{card.rank}, alpha {card.alpha:g}" if card.rank else "whole matrices",
        "changes": " and ".join(layers),
        "size": file_size(card.size_bytes),
        "trigger": card.trigger_word,
        **details.facts,
    }
    if details.left_over:
        shown = ", ".join(details.left_over[:5]) + (" …" if len(details.left_over) > 5 else "")
        facts["unknown"] = f"{counted(len(details.left_over), 'tensor')}, without effect: {shown}"
    rows = [("  " + name, text) for name, text in facts.items() if text]
    return [f"{card.path.name}: {LORA_KIND_NAMES[card.kind]}, “{card.name}”", *table(rows).splitlines()]


def _cells(card: LoraCard) -> list[str]:
    family = KIND_NAMES[card.made_for] if card.made_for else "unknown family"
    rank = f"rank {card.rank}" if card.rank else ""
    return [
        card.name,
        LORA_KIND_NAMES[card.kind],
        family,
        rank,
        file_size(card.size_bytes),
        card.trigger_word,
        str(card.path),
    ]
