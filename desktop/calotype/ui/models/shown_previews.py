"""The numbers that compare previews with the pictures, as they are shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import PreviewsMeasured
from calotype.domain.likeness import MEMORISED_BELOW
from calotype.ui.look.likeness import number_text
from calotype.ui.models.metric_lines import Metric, line_of
from calotype.ui.models.run_series import RunSeries


def _tr(text: str) -> str:
    return QCoreApplication.translate("shown_previews", text)


def subject_similarity(series: RunSeries) -> Metric | None:
    """How like the subject the previews are, by the base model."""
    return _compared(
        series,
        "similarity",
        _tr("Subject similarity"),
        lambda one: one.similarity,
        "teal",
        _tr("0 is the base model, 1 your pictures"),
        _tr(
            "How like the held-out pictures the previews are, by what the base model sees in them.\n"
            "A dash means that the base model already draws something as like."
        ),
    )


def similarity_by_model(series: RunSeries) -> Metric | None:
    """The same by the user's own model; None if there is none."""
    if all(one.model_similarity is None for one in series.comparisons.values()):
        return None
    return _compared(
        series,
        "by model",
        _tr("Similarity by your model"),
        lambda one: one.model_similarity,
        "teal",
        _tr("0 is the base model, 1 your pictures"),
        _tr("The same as subject similarity, seen by the CLIP or DINOv2 that you chose in Settings."),
    )


def prompt_adherence(series: RunSeries) -> Metric | None:
    """How well previews fit their prompts; None without a CLIP."""
    if all(one.adherence is None for one in series.comparisons.values()):
        return None
    return _compared(
        series,
        "adherence",
        _tr("Prompt adherence"),
        lambda one: one.adherence,
        "accent",
        _tr("Below 0 it follows prompts less than the base model"),
        _tr("How well previews fit their prompts, without the trigger word, by your CLIP; less the base model's."),
    )


def variety_of_previews(series: RunSeries) -> Metric | None:
    """How different the previews are from each other."""
    return _compared(
        series,
        "variety",
        _tr("Variety of previews"),
        lambda one: one.diversity,
        "accent",
        _tr("1 is as varied as your pictures"),
        _tr("How different the previews are from each other. Near 0 they all look the same, whatever the prompt."),
    )


def nearest_picture(series: RunSeries) -> Metric | None:
    """How near a preview comes to a training picture."""
    tip = _tr(
        "How far the closest preview is from the training picture that is nearest to it.\n"
        "1 is as close as your closest pictures are to each other; below {limit} it is said to repeat the picture."
    )
    return _compared(
        series,
        "distance",
        _tr("Nearest training picture"),
        lambda one: one.nearest_distance,
        "muted",
        _tr("Below {limit} a preview repeats a picture").format(limit=f"{MEMORISED_BELOW:g}"),
        tip.format(limit=f"{MEMORISED_BELOW:g}"),
    )


def _compared(
    series: RunSeries,
    name: str,
    title: str,
    of: Callable[[PreviewsMeasured], float | None],
    tone: str,
    explanation: str,
    tip: str,
) -> Metric | None:
    ordered = [series.comparisons[step] for step in sorted(series.comparisons)]
    if not ordered:
        return None
    known = [(one.step, value) for one in ordered if (value := of(one)) is not None]
    line = line_of([step for step, _value in known], [value for _step, value in known], tone)
    return Metric(name, title, number_text(of(ordered[-1])), explanation, (line,), tip=tip)
