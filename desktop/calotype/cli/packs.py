"""calotype packs: torch for graphics cards, added from a file and removed again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, as_command, opened_workspace
from calotype.domain.control import Control
from calotype.domain.events.packs import PackInstalled, PackProgress, PackTrial
from calotype.services import gpu_packs

commands = typer.Typer(help="GPU packs: torch for graphics cards.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A pack, as `calotype packs list` names it.")]


@commands.command("list")
@as_command
def list_packs(chosen: Choices) -> None:
    """Say which packs there are, which is used, and what computes."""
    with opened_workspace(chosen) as workspace:
        report = gpu_packs.packs_report(workspace)
    computing = report.computing
    packs = [{"name": pack.name, "torch": pack.torch_version, "bytes": pack.size_bytes} for pack in report.installed]
    values = {
        "packs": packs,
        "chosen": report.chosen,
        "in_use": report.in_use,
        "trouble": str(report.trouble) if report.trouble else "",
        "torch": computing.torch.version,
        "card": computing.card.name or computing.card.vendor.value if computing.card else "",
        "advice": computing.advice.value,
    }
    lines = [f"{pack.name:<24} torch {pack.torch_version}{_mark(pack.name, report)}" for pack in report.installed]
    lines.append(f"torch {computing.torch.version or 'is missing'}; card: {values['card'] or 'none'}")
    lines += [str(report.trouble)] if report.trouble else []
    chosen.output.result("\n".join(lines), values)


@commands.command()
@as_command
def add(
    chosen: Choices,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .calopack file.")],
) -> None:
    """Add a pack, compare and try it, and use it from the next start on."""
    control, name = Control(), ""
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        for event in gpu_packs.install_pack(workspace, file, control):
            match event:
                case PackProgress():
                    chosen.output.passing(f"{100 * event.done_bytes // max(1, event.total_bytes)} %")
                case PackTrial():
                    chosen.output.passing("trying it …")
                case PackInstalled():
                    name = event.name
    if not name:
        raise typer.Exit(INTERRUPTED)
    chosen.output.result(f"{name} is used from the next start on.", {"name": name})


@commands.command()
@as_command
def use(chosen: Choices, name: NameArgument) -> None:
    """Use a pack that is there, after comparing and trying it."""
    with opened_workspace(chosen) as workspace:
        gpu_packs.choose_pack(workspace, name)
    chosen.output.result(f"{name} is used from the next start on.", {"name": name})


@commands.command()
@as_command
def remove(chosen: Choices, name: NameArgument) -> None:
    """Remove a pack; the program's own torch is used then."""
    with opened_workspace(chosen) as workspace:
        gpu_packs.remove_pack(workspace, name)
    chosen.output.result(f"{name} is removed.", {"name": name})


def _mark(name: str, report: gpu_packs.PacksReport) -> str:
    if name == report.in_use:
        return ", in use"
    return ", used from the next start on" if name == report.chosen else ""
