"""calotype import and calotype rescan: pictures into a project, and what changed where they came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ProjectArgument, as_command, opened_workspace
from calotype.cli.output import Output, error_values
from calotype.cli.words import counted
from calotype.domain.control import Control
from calotype.domain.errors import NoUsableImagesError
from calotype.domain.events import (
    DuplicateSkipped,
    FileRefused,
    ImageAccepted,
    ImagesCompared,
    ImportEvent,
    ImportFinished,
    ImportStarted,
)
from calotype.domain.imageset import Project
from calotype.domain.import_options import CaptionChoice, ImportOptions
from calotype.domain.origins import FolderChanges
from calotype.services import library, projects
from calotype.services.folder_changes import look_again, take_in_new
from calotype.services.large_sets import write_set_file
from calotype.services.picture_replacement import replace_changed
from calotype.services.workspace import Workspace
from calotype.startup.typed_paths import typed_path


@as_command
def import_pictures(
    chosen: Choices,
    project: ProjectArgument,
    paths: Annotated[list[Path], typer.Argument(metavar="PATHS", help="Pictures, folders or zip files.")],
    captions: Annotated[
        CaptionChoice,
        typer.Option(
            help="Where captions come from besides .txt files: auto reads metadata.jsonl and kohya's folder names; "
            "metadata, then the prompt inside a generated picture; name, then the file's name."
        ),
    ] = CaptionChoice.AUTO,
    link: Annotated[
        bool, typer.Option("--link", help="Leave the files where they are; only captions go into the project.")
    ] = False,
) -> None:
    """Copy pictures into a project; captions come from .txt files beside them. The originals stay untouched."""
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        target = projects.find_project(workspace, project)
        options = ImportOptions(captions, is_linked=link)
        sources = [typed_path(path) for path in paths]
        report = _follow(library.import_images(workspace, target, sources, control, options), chosen.output)
        write_set_file(workspace, target)
        is_useless = not (control.is_stopping or report.accepted or report.duplicates)
        _say_report(workspace, target, report, chosen.output, is_useless=is_useless)
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)
    if is_useless:
        raise NoUsableImagesError


@as_command
def rescan(
    chosen: Choices,
    project: ProjectArgument,
    add: Annotated[bool, typer.Option("--add", help="Take in the new files.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take edited files in; caption, split and rating stay.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Move the pictures whose files are gone to the trash.")
    ] = False,
) -> None:
    """Look again at the folders that a project was made from. Without an option, nothing is changed."""
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        target = projects.find_project(workspace, project)
        changes = look_again(workspace, target, control)
        values: dict[str, object] = {"project": target.id, **_change_values(changes)}
        gone = (*changes.vanished, *changes.missing)
        if add and changes.new:
            values |= _follow(take_in_new(workspace, target, changes.new, control), chosen.output).values()
            write_set_file(workspace, target)
        if replace and changes.changed:
            values["replaced"] = len(replace_changed(workspace, target, changes.changed).new)
        if remove and gone:
            values["removed"] = library.remove_by_hash(workspace, target, gone).count
    done = [f"{len(found)} taken in" for name in ("accepted",) if isinstance(found := values.get(name), list)]
    done += [f"{values[name]} {name}" for name in ("replaced", "removed") if name in values]
    chosen.output.result(_change_text(changes) + (f" {', '.join(done)}.".capitalize() if done else ""), values)
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


def _say_report(
    workspace: Workspace, project: Project, report: _ImportReport, output: Output, *, is_useless: bool
) -> None:
    pictures, nothing = library.image_set(workspace, project), NoUsableImagesError()
    output.result(
        f"{report}. The project has {counted(len(pictures.images), 'picture')}, {len(pictures.held_out)} held out.",
        {
            "project": project.id,
            **report.values(),
            "images": len(pictures.images),
            "images_held_out": len(pictures.held_out),
            **(error_values(nothing, str(nothing)) if is_useless else {}),
        },
    )


def _change_values(changes: FolderChanges) -> dict[str, object]:
    return {
        "new": [str(path) for path in changes.new],
        "changed": [str(file.path) for file in changes.changed],
        "vanished": list(changes.vanished),
        "missing": list(changes.missing),
        "unreachable": [str(path) for path in changes.unreachable],
    }


def _change_text(changes: FolderChanges) -> str:
    if changes.is_nothing:
        return "Nothing has changed in the folders that the pictures came from."
    gone = len(changes.vanished) + len(changes.missing)
    lines = [f"{len(changes.new)} new, {len(changes.changed)} edited, {gone} gone."]
    lines += [f"{folder} is not there; its pictures were left as they are." for folder in changes.unreachable]
    return " ".join(lines)


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
                given = ", which got its caption" if event.captioned else ""
                output.progress(f"{event.name} was skipped: it is the same picture as {event.same_as}{given}.")
            case FileRefused():
                self.refused_count += event.count
                self.refused.append({"file": event.name, "reason": event.reason})
                output.progress(event.reason)
            case ImagesCompared():
                output.passing(f"Comparing the pictures with each other: {100 * event.share:.0f} %")
                return
            case ImportFinished():
                pass
        looked_at = min(self.total, len(self.accepted) + len(self.duplicates) + self.refused_count)
        output.passing(f"{looked_at} of {self.total} files")


def _follow(events: Iterable[ImportEvent], output: Output) -> _ImportReport:
    report = _ImportReport()
    for event in events:
        report.apply(event, output)
    return report
