"""calotype projects, calotype new, calotype import: projects and their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import HomeOption, JsonOption, choices, opened_workspace, true_text
from calotype.cli.output import Output, error_values
from calotype.cli.words import counted, table
from calotype.domain.control import Control
from calotype.domain.errors import NoUsableImagesError
from calotype.domain.events import (
    DuplicateSkipped,
    FileRefused,
    ImageAccepted,
    ImportEvent,
    ImportFinished,
    ImportStarted,
)
from calotype.domain.imageset import SubjectKind, suggest_trigger_word
from calotype.domain.import_options import CaptionChoice, ImportOptions
from calotype.services import library, projects


def list_projects(context: typer.Context, home: HomeOption = None, is_json: JsonOption = False) -> None:
    """List the projects: name, id, trigger word, pictures and runs."""
    chosen = choices(context, home, is_json)
    with opened_workspace(chosen) as workspace:
        found = projects.list_projects(workspace)
    rows = [
        (
            summary.project.name,
            summary.project.id,
            summary.project.trigger_word,
            f"{counted(summary.image_count, 'picture')}, {summary.held_out_count} held out",
            counted(summary.run_count, "run"),
        )
        for summary in found
    ]
    text = table(rows) or "There is no project yet. Make one with: calotype new NAME"
    chosen.output.result(text, {"projects": [_values(summary) for summary in found]})


def _values(summary: projects.ProjectSummary) -> dict[str, object]:
    return {
        **asdict(summary.project),
        "images": summary.image_count,
        "images_held_out": summary.held_out_count,
        "runs": summary.run_count,
        "best_validation_ratio": summary.best_ratio,
    }


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the project is called, as in “Rusty the fox”.", callback=true_text)],
    kind: Annotated[SubjectKind, typer.Option(help="What it teaches.")] = SubjectKind.CHARACTER,
    trigger: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="The word that calls the subject in a prompt; made from the name if left out.",
            callback=true_text,
        ),
    ] = "",
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Start a project: one character, product, person or style."""
    chosen = choices(context, home, is_json)
    with opened_workspace(chosen) as workspace:
        project = projects.create_project(workspace, name, kind, trigger or suggest_trigger_word(name))
    text = f"Created “{project.name}” with the trigger word “{project.trigger_word}” in {project.folder}"
    chosen.output.result(text, asdict(project))


def import_pictures(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="Name or id of the project.")],
    paths: Annotated[list[Path], typer.Argument(help="Pictures, folders or zip files.")],
    captions: Annotated[
        CaptionChoice,
        typer.Option(
            help="Where captions come from besides .txt files: auto reads metadata.jsonl and kohya's folder names; "
            "metadata, then the prompt inside a generated picture; name, then the file's name."
        ),
    ] = CaptionChoice.AUTO,
    home: HomeOption = None,
    is_json: JsonOption = False,
) -> None:
    """Copy pictures into a project; captions come from .txt files beside them. The originals stay untouched."""
    chosen = choices(context, home, is_json)
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        target = projects.find_project(workspace, project)
        options = ImportOptions(captions)
        sources = [path.expanduser().absolute() for path in paths]
        report = _follow(library.import_images(workspace, target, sources, control, options), chosen.output)
        pictures = library.image_set(workspace, target)
    nothing = NoUsableImagesError()
    is_useless = not (control.is_stopping or report.accepted or report.duplicates)
    chosen.output.result(
        f"{report}. The project has {counted(len(pictures.images), 'picture')}, {len(pictures.held_out)} held out.",
        {
            "project": target.id,
            **report.values(),
            "images": len(pictures.images),
            "images_held_out": len(pictures.held_out),
            **(error_values(nothing, str(nothing)) if is_useless else {}),
        },
    )
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)
    if is_useless:
        raise nothing


@dataclass(slots=True)
class _ImportReport:
    total: int = 0
    accepted: list[str] = field(default_factory=list)
    duplicates: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    refused_count: int = 0

    def __str__(self) -> str:
        duplicates = counted(len(self.duplicates), "duplicate")
        return f"{counted(len(self.accepted), 'picture')} accepted, {duplicates} skipped, {self.refused_count} refused"

    def values(self) -> dict[str, object]:
        return {"accepted": self.accepted, "duplicates": self.duplicates, "refused": self.refused}

    def apply(self, event: ImportEvent, output: Output) -> None:
        match event:
            case ImportStarted():
                self.total = event.total
            case ImageAccepted():
                self.accepted.append(event.name)
            case DuplicateSkipped():
                self.duplicates.append({"file": event.name, "same_as": event.same_as})
                output.progress(f"{event.name} was skipped: it is the same picture as {event.same_as}.")
            case FileRefused():
                self.refused_count += event.count
                self.refused.append({"file": event.name, "reason": event.reason})
                output.progress(event.reason)
            case ImportFinished():
                pass
        looked_at = min(self.total, len(self.accepted) + len(self.duplicates) + self.refused_count)
        output.passing(f"{looked_at} of {self.total} files")


def _follow(events: Iterable[ImportEvent], output: Output) -> _ImportReport:
    report = _ImportReport()
    for event in events:
        report.apply(event, output)
    return report
