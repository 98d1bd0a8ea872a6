"""calotype check: whether a project's pictures are fit to train on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from calotype.cli.failures import FAILED
from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ProjectArgument, as_command, opened_workspace
from calotype.cli.output import Output
from calotype.domain.buckets import TrainingSize
from calotype.domain.control import Control
from calotype.domain.coverage import Coverage, StyleCoverage
from calotype.domain.events import ExaminationEvent, ExaminationFinished, ExaminationStarted, ImagesExamined
from calotype.domain.image_facts import ImageFacts
from calotype.domain.imageset import CaptionedImage, ImageSet
from calotype.domain.readiness import Finding, Readiness, ReadinessVerdict, Severity
from calotype.domain.readiness_words import coverage_texts, finding_reason, finding_text, good_texts, verdict_text
from calotype.domain.split_words import split_text
from calotype.services import library, model_catalog, projects
from calotype.services.image_examination import examine_images
from calotype.services.set_checks import Seen, expected_size, find_readiness
from calotype.services.sides import settle

_MARKS = {Severity.BLOCKS: "✗", Severity.WARNS: "!", Severity.HINTS: "·"}
_MOST_NAMES = 8  # in a line to a person; a program gets all


@as_command
def check(
    chosen: Choices,
    project: ProjectArgument,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="ID",
            help="Base model to judge sizes for. Otherwise as the project was trained last, otherwise the Starter.",
        ),
    ] = None,
) -> None:
    """Say whether the pictures are fit to train on, and what would make them better.

    The exit code is 0 if they are ready or will work, and 1 if training would not start or would fail.
    """
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        found = projects.find_project(workspace, project)
        card = model_catalog.find_base_model(workspace, model) if model else None
        size = card.training_size if card is not None else expected_size(workspace, found)
        for _ in settle(workspace, found, control):
            pass
        pictures = library.image_set(workspace, found)
        seen = _follow(examine_images(workspace, pictures, control), chosen.output)
        readiness = find_readiness(workspace, pictures, size, seen, card)
    chosen.output.result(_text(readiness, pictures), _values(readiness, pictures, seen, size))
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)
    if readiness.verdict is ReadinessVerdict.NOT_YET:
        raise typer.Exit(FAILED)


def _follow(events: Iterable[ExaminationEvent], output: Output) -> Seen:
    facts: dict[str, ImageFacts] = {}
    unreadable: set[str] = set()
    for event in events:
        match event:
            case ExaminationStarted():
                facts.update(event.known)
                if event.total:
                    output.passing(f"Looking at the pictures: 0 of {event.total}")
            case ImagesExamined():
                facts.update(event.found)
                unreadable |= event.unreadable
                output.passing(f"Looking at the pictures: {event.done} of {event.total}")
            case ExaminationFinished():
                pass
    return Seen(facts, unreadable)


def _text(readiness: Readiness, pictures: ImageSet) -> str:
    lines = [f"{verdict_text(readiness.verdict)}: {pictures.project.name}"]
    lines += [f"✓ {text}" for text in good_texts(readiness)]
    for finding in readiness.findings:
        lines.append(f"{_MARKS[finding.severity]} {finding_text(finding)} {finding_reason(finding.kind)}")
        lines += [f"    {names}" for names in _shortened(_names(finding, pictures))]
    lines += coverage_texts(readiness.coverage)
    return "\n".join([*lines, f"Split: {split_text(readiness.split)}"] if readiness.split else lines)


def _shortened(names: list[str]) -> list[str]:
    if not names:
        return []
    rest = len(names) - _MOST_NAMES
    return [", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")]


def _names(finding: Finding, pictures: ImageSet) -> list[str]:
    return [image.path.name for image in pictures.images if image.content_hash in finding.images]


def _values(readiness: Readiness, pictures: ImageSet, seen: Seen, size: TrainingSize) -> dict[str, object]:
    return {
        "project": pictures.project.id,
        "verdict": readiness.verdict.value,
        "images": len(pictures.images),
        "images_excluded": len(pictures.images) - len(pictures.included.images),
        "images_held_out": len(pictures.held_out),
        "images_looked_at": readiness.looked_at,
        "resolution_px": size.resolution_px,
        "findings": [
            {
                "kind": finding.kind.value,
                "severity": finding.severity.value,
                "count": finding.count,
                "sentence": finding_text(finding),
                "reason": finding_reason(finding.kind),
                "files": _names(finding, pictures),
            }
            for finding in readiness.findings
        ],
        "coverage": _coverage_values(readiness.coverage),
        "files": [_image_values(image, readiness, seen.facts, size) for image in pictures.images],
    }


def _coverage_values(coverage: Coverage) -> dict[str, object]:
    return {
        "views": {view.value: count for view, count in coverage.views.items()},
        "captions_with_a_view": coverage.view_count,
        "framings": {framing.value: count for framing, count in coverage.framings.items()},
        "pictures_with_a_known_framing": coverage.framing_count,
        "backgrounds": list(coverage.backdrops),
        "style": None if coverage.style is None else _style_values(coverage.style),
    }


def _style_values(style: StyleCoverage) -> dict[str, object]:
    return {
        "captions_that_name_something": style.subjects.telling_count,
        "different_words": style.subjects.word_count,
        "commonest_word": style.subjects.commonest,
        "pictures_with_it": len(style.with_commonest),
        "lights": {light.value: count for light, count in style.lights.items()},
        "shapes": {shape.value: count for shape, count in style.shapes.items()},
    }


def _image_values(
    image: CaptionedImage, readiness: Readiness, facts: Mapping[str, ImageFacts], size: TrainingSize
) -> dict[str, object]:
    framing, known = size.framing(image.width_px, image.height_px), facts.get(image.content_hash)
    kept = framing.kept
    return {
        "file": image.path.name,
        "split": image.split.value,
        "excluded": image.is_excluded,
        "issues": sorted(issue.value for issue in readiness.issues.get(image.content_hash, ())),
        "blur_px": round(known.blur_px, 2) if known else None,
        "faces": len(known.faces) if known and known.faces is not None else None,
        "trained_px": [framing.bucket.width_px, framing.bucket.height_px],
        "cut_off_each_side": {"width_share": round(kept.left, 3), "height_share": round(kept.top, 3)},
        "enlargement": round(framing.enlargement, 3),
    }
