"""The numbers that compare previews with the pictures, as they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import PreviewsMeasured
from calotype.domain.likeness import MEMORISED_BELOW
from calotype.ui.look.likeness import number_text
from calotype.ui.models.metric_lines import Metric, line_of
from calotype.ui.models.run_series import RunSeries


def _tr(text: str) -> str:
    return QCoreApplication.translate("shown_previews", text)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One number that previews are compared by, and its words."""

    name: str
    title: str
    of: Callable[[PreviewsMeasured], float | None]
    explanation: str
    tip: str
    tone: str = "accent"

    def shown(self, series: RunSeries) -> Metric | None:
        """The number of a run; None if it was never looked at."""
        ordered = [series.comparisons[step] for step in sorted(series.comparisons)]
        if not ordered:
            return None
        known = [(one.step, value) for one in ordered if (value := self.of(one)) is not None]
        line = line_of([step for step, _value in known], [value for _step, value in known], self.tone)
        return Metric(self.name, self.title, number_text(self.of(ordered[-1])), self.explanation, (line,), tip=self.tip)


def subject_similarity(series: RunSeries) -> Metric | None:
    """How like the subject the previews are, by the base model."""
    return _Comparison(
        "similarity",
        _tr("Subject similarity"),
        lambda one: one.similarity,
        _tr("0 is the base model, 1 your pictures"),
        _tr(
            "How like the held-out pictures the previews are, by what the base model sees in them.\n"
            "A dash means that the base model already draws something as like."
        ),
        "teal",
    ).shown(series)


def similarity_by_model(series: RunSeries) -> Metric | None:
    """The same by the user's own model; None if there is none."""
    if all(one.model_similarity is None for one in series.comparisons.values()):
        return None
    return _Comparison(
        "by model",
        _tr("Similarity by your model"),
        lambda one: one.model_similarity,
        _tr("0 is the base model, 1 your pictures"),
        _tr("The same as subject similarity, seen by the CLIP or DINOv2 that you chose in Settings."),
        "teal",
    ).shown(series)


def prompt_adherence(series: RunSeries) -> Metric | None:
    """How well previews fit their prompts; None without a CLIP."""
    if all(one.adherence is None for one in series.comparisons.values()):
        return None
    return _Comparison(
        "adherence",
        _tr("Prompt adherence"),
        lambda one: one.adherence,
        _tr("Below 0 it follows prompts less than the base model"),
        _tr("How well previews fit their prompts, without the trigger word, by your CLIP; less the base model's."),
    ).shown(series)


def variety_of_previews(series: RunSeries) -> Metric | None:
    """How different the previews are from each other."""
    return _Comparison(
        "variety",
        _tr("Variety of previews"),
        lambda one: one.diversity,
        _tr("1 is as varied as your pictures"),
        _tr("How different the previews are from each other. Near 0 they all look the same, whatever the prompt."),
    ).shown(series)


def nearest_picture(series: RunSeries) -> Metric | None:
    """How near a preview comes to a training picture."""
    limit = f"{MEMORISED_BELOW:g}"
    tip = _tr(
        "How far the closest preview is from the training picture that is nearest to it.\n"
        "1 is as close as your closest pictures are to each other; below {limit} it is said to repeat the picture."
    )
    return _Comparison(
        "distance",
        _tr("Nearest training picture"),
        lambda one: one.nearest_distance,
        _tr("Below {limit} a preview repeats a picture").format(limit=limit),
        tip.format(limit=limit),
        "muted",
    ).shown(series)
