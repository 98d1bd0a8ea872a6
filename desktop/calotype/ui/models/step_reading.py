"""Everything known of one step of a run, in words, for what is shown where a curve is pointed at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import PreviewsMeasured, ValidationFinished
from calotype.ui.models.metric_lines import rate_text
from calotype.ui.models.run_series import RunSeries

MOST_PREVIEWS = 4  # pictures beside each other; more prompts than that do not fit


def _tr(text: str) -> str:
    return QCoreApplication.translate("step_reading", text)


@dataclass(frozen=True, slots=True)
class StepReading:
    """What to show of a step: a title, rows of name and value, and the previews that were the newest then."""

    step: int
    title: str
    rows: tuple[tuple[str, str], ...]
    previews: tuple[Path, ...]
    previews_title: str


def reading_at(series: RunSeries, step: int) -> StepReading:
    """Read a step; what was not measured at it is taken from the last measurement before, and says so."""
    best = series.best
    title = _tr("Step {step}").format(step=f"{step:,}") if step else _tr("Base model")
    if best is not None and best.step == step:
        title = _tr("{step} · best").format(step=title)
    rows: list[tuple[str, str]] = []
    measured = max((point for point in series.validations if point.step <= step), key=lambda p: p.step, default=None)
    if measured is not None:
        rows += _validation_rows(measured, step)
    rows += _step_rows(series, step)
    compared = max((one for known, one in series.comparisons.items() if known <= step), key=_step_of, default=None)
    if compared is not None and compared.similarity is not None:
        rows.append((_tr("Similarity"), _at(f"{compared.similarity:.2f}", compared.step, step)))
    drawn = max((known for known in series.previews if known <= step), default=min(series.previews, default=None))
    if drawn is None:
        return StepReading(step, title, tuple(rows), (), "")
    pictures = series.previews[drawn]
    paths = tuple(pictures[index].path for index in sorted(pictures)[:MOST_PREVIEWS])
    name = _tr("Previews of step {step}").format(step=f"{drawn:,}") if drawn else _tr("Drawn by the base model")
    return StepReading(step, title, tuple(rows), paths, "" if drawn == step else name)


def step_numbers(series: RunSeries, step: int | None) -> str:
    """What was measured at one step, in one line; empty if nothing is known of it."""
    if step is None:
        return ""
    best = series.best
    parts = [_tr("Step {step}").format(step=f"{step:,}") if step else _tr("Base model")]
    if best is not None and best.step == step:
        parts.append(_tr("the best"))
    measured = next((point for point in series.validations if point.step == step), None)
    if measured is not None:
        text = _tr("held-out {ratio} ({low} to {high}), training {probe}")
        ratio = measured.ratio
        numbers = {"ratio": ratio.value, "low": ratio.low, "high": ratio.high, "probe": measured.probe_ratio}
        parts.append(text.format(**{name: f"{value:.3f}" for name, value in numbers.items()}))
    place = bisect_left(series.steps, step)
    if place < len(series.steps) and series.steps[place] == step:
        parts.append(_tr("training loss {loss}, smoothed").format(loss=f"{series.smoothed[place]:.4f}"))
    return "  ·  ".join(parts)


def _validation_rows(point: ValidationFinished, step: int) -> list[tuple[str, str]]:
    interval = _tr("{value} ({low} to {high})").format(
        value=f"{point.ratio.value:.3f}", low=f"{point.ratio.low:.3f}", high=f"{point.ratio.high:.3f}"
    )
    rows = [
        (_tr("Held-out"), _at(interval, point.step, step)),
        (_tr("Training"), f"{point.probe_ratio:.3f}"),
        (_tr("Detail"), f"{point.bands.coarse:.2f} · {point.bands.middle:.2f} · {point.bands.fine:.2f}"),
    ]
    if point.drift is not None:
        rows.append((_tr("Drift"), f"{point.drift:.3f}"))
    return rows


def _step_rows(series: RunSeries, step: int) -> list[tuple[str, str]]:
    place = bisect_left(series.steps, step)
    if place == len(series.steps) or series.steps[place] != step:
        return []
    return [
        (_tr("Loss, smoothed"), f"{series.smoothed[place]:.4f}"),
        (_tr("Learning rate"), rate_text(series.learning_rates[place])),
        (_tr("Gradient norm"), f"{series.gradient_norms[place]:.2f}"),
    ]


def _at(value: str, measured_step: int, step: int) -> str:
    """A value, with the step that it was measured at if that is another one."""
    if measured_step == step:
        return value
    return _tr("{value}, at {step}").format(value=value, step=f"{measured_step:,}")


def _step_of(measured: PreviewsMeasured) -> int:
    return measured.step


def nearest(steps: Sequence[float], wanted: float) -> int:
    """The place of the step that is nearest; `steps` are in order and not empty."""
    after = min(bisect_right(steps, wanted), len(steps) - 1)
    before = max(0, after - 1)
    return before if wanted - steps[before] <= steps[after] - wanted else after
