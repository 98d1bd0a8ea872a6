"""calotype projects and calotype new: what there is, and the start of one more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from calotype.cli.options import Choices, as_command, opened_workspace, true_text
from calotype.cli.words import counted, table
from calotype.domain.imageset import SubjectKind, suggest_trigger_word
from calotype.services import projects


@as_command
def list_projects(chosen: Choices) -> None:
    """List the projects: name, id, trigger word, pictures and runs."""
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


@as_command
def new(
    chosen: Choices,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="What the project is called, as in “Rusty the fox”.", callback=true_text),
    ],
    kind: Annotated[SubjectKind, typer.Option(help="What it teaches.")] = SubjectKind.CHARACTER,
    trigger: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="The word that calls the subject in a prompt; made from the name if left out.",
            callback=true_text,
        ),
    ] = "",
) -> None:
    """Start a project: one character, product, person or style."""
    with opened_workspace(chosen) as workspace:
        project = projects.create_project(workspace, name, kind, trigger or suggest_trigger_word(name))
    text = f"Created “{project.name}” with the trigger word “{project.trigger_word}” in {project.folder}"
    chosen.output.result(text, asdict(project))
