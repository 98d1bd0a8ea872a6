"""calotype split: which pictures are held out to check the result, and why."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Annotated

import typer

from calotype.cli.options import Choices, ProjectArgument, as_command, opened_workspace
from calotype.cli.words import counted
from calotype.domain.control import Control
from calotype.domain.imageset import CaptionedImage, ImageSet, Split
from calotype.domain.split_report import SplitReport
from calotype.domain.split_words import split_text
from calotype.services import library, projects
from calotype.services.sides import settle

_SIDES = {Split.TRAINING: "to learn from", Split.VALIDATION: "held out"}


@as_command
def split(
    chosen: Choices,
    project: ProjectArgument,
    again: Annotated[
        bool, typer.Option("--again", help="Choose anew which pictures are held out; choices made by hand are lost.")
    ] = False,
) -> None:
    """Show which pictures are held out to check the result, which stay together, and why it is so many."""
    with opened_workspace(chosen) as workspace:
        found = projects.find_project(workspace, project)
        if again:
            library.resplit(workspace, found, seed=secrets.randbelow(2**32) + 1)
        for _ in settle(workspace, found, Control()):
            pass
        pictures = library.image_set(workspace, found)
        report = library.split_report(workspace, pictures)
    chosen.output.result(_text(pictures, report), _values(pictures, report))


def _text(pictures: ImageSet, report: SplitReport) -> str:
    lines = [f"{pictures.project.name}: {split_text(report)}"]
    lines += _listed(f"Held out ({round(100 * report.share)} %)", report.held_out)
    lines += _listed("To learn from", report.training)
    lines += _listed("Left out", [image for image in pictures.images if image.is_excluded])
    if report.kept_together:
        lines.append("Look-alikes and pictures of one moment:")
        lines += [f"  {', '.join(_names(group))}  ({_side(group)})" for group in report.kept_together]
    if report.on_both_sides:
        groups = counted(len(report.on_both_sides), "group")
        lines.append(f"! {groups} of look-alikes on both sides. To put them together: calotype split NAME --again")
    return "\n".join(lines)


def _listed(heading: str, images: Iterable[CaptionedImage]) -> list[str]:
    names = _names(images)
    return [f"{heading}:", *[f"  {name}" for name in names]] if names else []


def _names(images: Iterable[CaptionedImage]) -> list[str]:
    return [image.path.name for image in images]


def _side(group: Iterable[CaptionedImage]) -> str:
    return " and ".join(sorted({_SIDES[image.split] for image in group}))


def _values(pictures: ImageSet, report: SplitReport) -> dict[str, object]:
    return {
        "project": pictures.project.id,
        "sentence": split_text(report),
        "reason": report.reason.value,
        "share_held_out": round(report.share, 4),
        "held_out": _names(report.held_out),
        "training": _names(report.training),
        "left_out": _names(image for image in pictures.images if image.is_excluded),
        "kept_together": [
            {"files": _names(group), "splits": sorted({image.split.value for image in group})}
            for group in report.kept_together
        ],
        "groups_on_both_sides": len(report.on_both_sides),
    }
