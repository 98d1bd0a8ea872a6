"""The commands of the terminal, and the exit code that each ends with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

import typer

import calotype
from calotype.cli import (
    checking,
    comparisons,
    demo,
    exporting,
    importing,
    loras,
    models,
    packs,
    pictures,
    projects,
    rates,
    reports,
    runs,
    selftest,
    splitting,
    training,
    where,
)
from calotype.cli.failures import exit_code
from calotype.cli.options import Choices, HomeOption, JsonOption, choices
from calotype.cli.output import Output

HELP = "Teach a Stable Diffusion model your own character, product or style. Without a command, the window opens."
# Whatever cannot be parsed; typer names only this one kind of it.
_UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
terminal = typer.Typer(help=HELP, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main(arguments: Sequence[str]) -> int:
    """Run one command and answer with its exit code: 0 only on success, 2 if the command was not understood."""
    if list(arguments) == ["--version"]:
        Output().result(calotype.__version__, {})
        return 0
    output = Output()
    return exit_code(lambda: _run(list(arguments), output), output)


def _run(arguments: list[str], output: Output) -> int | None:
    """Run a command in its parsed form; what cannot be parsed is said with how the command is used."""
    try:
        code: int | None = terminal(
            args=arguments, prog_name="calotype", obj=Choices(None, output), standalone_mode=False
        )
    except _UsageError as error:
        error.show()
        output.is_json |= "--json" in arguments  # which may not have been reached
        if output.is_json:
            output.result("", {"error": {"kind": "UsageError", "sentence": error.format_message()}})
        return error.exit_code
    return code


def _say_version(is_wanted: bool) -> None:
    if is_wanted:
        Output().result(calotype.__version__, {})
        raise typer.Exit


@terminal.callback()
def _before_every_command(
    context: typer.Context,
    home: HomeOption = None,
    is_json: JsonOption = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Say the version and leave.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = choices(context, home, is_json)


terminal.command()(demo.demo)
terminal.command("projects")(projects.list_projects)
terminal.command()(projects.new)
terminal.command("import")(importing.import_pictures)
terminal.command()(importing.rescan)
terminal.command()(checking.check)
terminal.command()(splitting.split)
terminal.command()(training.train)
terminal.command("rates")(rates.find_rate)
terminal.command("runs")(runs.list_runs)
terminal.command()(pictures.generate)
terminal.add_typer(models.commands, name="models")
terminal.add_typer(loras.commands, name="loras")
terminal.add_typer(packs.commands, name="packs")
terminal.command()(exporting.export)
terminal.command("export-set")(exporting.export_pictures)
terminal.command()(reports.report)
terminal.command()(reports.tensorboard)
terminal.command()(comparisons.compare)
terminal.command()(selftest.selftest)
terminal.command()(where.where)
