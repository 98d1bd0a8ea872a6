"""The options that every command has, and the data folder that they choose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.log import keep_log
from calotype.cli.output import Output
from calotype.domain.errors import DiskFullError, FolderNotWritableError
from calotype.services.workspace import Workspace, close_workspace, open_workspace

HomeOption = Annotated[
from calotype.startup.typed_paths import typed_path
    Path | None,
    typer.Option("--home", metavar="DIR", help="The data folder. Otherwise CALOTYPE_HOME, otherwise the usual one."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with JSON on stdout; progress goes to stderr.")]
ModelOption = Annotated[
    str, typer.Option("--model", metavar="ID", help="Base model, as `calotype models list` names it.")
]


def true_text(text: str) -> str:
    """A text as it was typed. Raises typer.BadParameter for bytes that are no text, which no file could keep."""
    if not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise typer.BadParameter("this is not text in the encoding of your terminal")
    return text


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen before the name of the command, as in `calotype --json models list`."""

    home: Path | None
    output: Output


def choices(context: typer.Context, home: Path | None, is_json: bool) -> Choices:
    """Join what was chosen before and after the name of the command."""
    before = context.find_object(Choices) or Choices(None, Output())
    before.output.is_json |= is_json
    return Choices(home or before.home, before.output)


@contextmanager
def opened_workspace(chosen: Choices) -> Iterator[Workspace]:
    """The data folder, open; what had to be repaired while opening it is said on stderr."""
    workspace = open_workspace(typed_path(chosen.home) if chosen.home else None)
    try:
        keep_log(workspace.folder)
        for notice in workspace.notices:
            chosen.output.progress(str(notice))
        yield workspace
    finally:
        close_workspace(workspace)


def made_folder(folder: Path) -> Path:
    """The absolute path of a folder that exists from now on. Raises FolderNotWritableError or DiskFullError."""
    absolute = typed_path(folder)
    try:
        absolute.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno == 28:  # no space left on device
            raise DiskFullError(str(folder)) from error
        raise FolderNotWritableError(str(folder), (error.strerror or "it is no folder").lower()) from error
    return absolute
