"""The arguments and options that commands share, groups of options, and the data folder that they choose."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from calotype.cli.log import keep_log
from calotype.cli.output import Output
from calotype.domain.errors import DiskFullError, FolderNotWritableError
from calotype.services.workspace import Workspace, close_workspace, open_workspace
from calotype.startup.typed_paths import typed_path

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="The data folder. Otherwise CALOTYPE_HOME, otherwise the usual one."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with JSON on stdout; progress goes to stderr.")]
ModelOption = Annotated[
    str, typer.Option("--model", metavar="ID", help="Base model, as `calotype models list` names it.")
]
ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT", help="Name or id of the project.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Id of the training run, as `calotype runs` lists it.")]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting of the plan; may be repeated."),
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


def as_command(function: Callable[..., None]) -> Callable[..., None]:
    """What typer is given of a function that takes options by groups, each a dataclass.

    `Choices` becomes the options --home and --json, and any other dataclass those that its fields are annotated as.
    """
    kinds = get_type_hints(function, include_extras=True)
    groups = {name: kind for name, kind in kinds.items() if _is_group(kind)}

    @functools.wraps(function)
    def run(context: typer.Context, home: Path | None, is_json: bool, **values: object) -> None:
        for name, kind in groups.items():
            if kind is Choices:
                values[name] = choices(context, home, is_json)
            else:
                values[name] = kind(**{field.name: values.pop(field.name) for field in fields(kind)})
        function(**values)

    found = [
        _parameter("context", typer.Context),
        *_parameters(function, kinds),
        _parameter("home", HomeOption, None),
        _parameter("is_json", JsonOption, False),
    ]
    run.__signature__ = inspect.Signature(found)  # type: ignore[attr-defined]  # what typer asks for
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in found}
    return run


def _parameters(function: Callable[..., None], kinds: Mapping[str, Any]) -> Iterator[inspect.Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        kind = kinds[parameter.name]
        if not _is_group(kind):
            yield _parameter(parameter.name, kind, parameter.default)
        elif kind is not Choices:
            inner = get_type_hints(kind, include_extras=True)
            for field in fields(kind):
                default = inspect.Parameter.empty if field.default is MISSING else field.default
                yield _parameter(field.name, inner[field.name], default)


def _is_group(kind: object) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _parameter(name: str, kind: object, default: object = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


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
