"""The numbers of a run as they are shown: a value, what it means in one line, and how it went; in three groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from calotype.domain.events import BlockNorm, ValidationFinished
from calotype.domain.image_insight import odd_images
from calotype.ui.look.wording import file_size
from calotype.ui.models.metric_lines import Metric, MetricLine, line_of, peaks_of, rate_text
from calotype.ui.models.run_series import RunSeries
from calotype.ui.models.shown_previews import (
    nearest_picture,
    prompt_adherence,
    similarity_by_model,
    subject_similarity,
    variety_of_previews,
)


def _tr(text: str) -> str:
    return QCoreApplication.translate("shown_metrics", text)


class MetricGroup(StrEnum):
    """What a number answers."""

    LEARNING = "learning"
    GENERAL = "general"
    MACHINE = "machine"


def metrics_of(group: MetricGroup, series: RunSeries) -> list[Metric]:
    """The numbers of a group that this run knows, in the order in which they are read."""
    makers: dict[MetricGroup, tuple[Callable[[RunSeries], Metric | None], ...]] = {
        MetricGroup.LEARNING: (
            _ratio,
            _detail,
            subject_similarity,
            similarity_by_model,
            prompt_adherence,
            _loss,
            _gradient,
            _rate,
        ),
        MetricGroup.GENERAL: (_gap, _drift, variety_of_previews, nearest_picture, _norm),
        MetricGroup.MACHINE: (_speed, _memory, _temperature, _power),
    }
    return [metric for maker in makers[group] if (metric := maker(series)) is not None]


def summary_of(group: MetricGroup, series: RunSeries) -> str:
    """The answer of a group in a few words; says so if nothing was measured yet."""
    last = series.validations[-1] if series.validations else None
    match group:
        case MetricGroup.LEARNING if last is not None:
            return _tr("{ratio} of the base model's error").format(ratio=f"{last.ratio.value:.2f}")
        case MetricGroup.GENERAL if last is not None:
            return _general_summary(last, len(odd_images(series.measurements())))
        case MetricGroup.MACHINE if series.steps:
            parts = [_speed_text(series.images_per_second[-1]), file_size(series.memory_bytes[-1])]
            if not math.isnan(series.temperatures_c[-1]):
                parts.append(_degrees(series.temperatures_c[-1]))
            return " · ".join(parts)
        case _:
            return _tr("not measured yet")


def _general_summary(last: ValidationFinished, odd_pictures: int) -> str:
    parts = [_tr("gap {gap}").format(gap=signed(_gap_of(last)))]
    if last.drift is not None:
        parts.append(_tr("drift {drift}").format(drift=f"{last.drift:.2f}"))
    if odd_pictures:
        parts.append(QCoreApplication.translate("shown_metrics", "%n odd picture(s)", None, odd_pictures))
    return " · ".join(parts)


def signed(value: float) -> str:
    """A difference with two digits and its sign; what rounds to zero has none."""
    text = f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
    return "0.00" if text[1:] == "0.00" else text


def _ratio(series: RunSeries) -> Metric:
    last = series.validations[-1] if series.validations else None
    note = _tr("{low} to {high}").format(low=f"{last.ratio.low:.2f}", high=f"{last.ratio.high:.2f}") if last else ""
    return Metric(
        "ratio",
        _tr("Validation ratio"),
        f"{last.ratio.value:.2f}" if last else "–",
        _tr("Error on unseen pictures; the base model is 1"),
        (_measured(series, lambda point: point.ratio.value, "teal"),),
        note,
        _tr("Beside it the 95 % interval: what it could as well be with other held-out pictures."),
    )


def _detail(series: RunSeries) -> Metric:
    last = series.validations[-1].bands if series.validations else None
    return Metric(
        "detail",
        _tr("Shapes · middle · texture"),
        f"{last.coarse:.2f} · {last.middle:.2f} · {last.fine:.2f}" if last else "–",
        _tr("The same error by detail, coarse to fine"),
        (
            _measured(series, lambda point: point.bands.coarse, "teal"),
            _measured(series, lambda point: point.bands.middle, "muted"),
            _measured(series, lambda point: point.bands.fine, "accent"),
        ),
        tip=_tr("Much noise hides all but shapes (teal), little noise hides only texture (amber)."),
    )


def _loss(series: RunSeries) -> Metric:
    lines = (
        peaks_of(series.steps, series.losses, "blue", is_faint=True),
        line_of(series.steps, series.smoothed, "blue"),
    )
    return Metric(
        "loss",
        _tr("Training loss"),
        f"{series.smoothed[-1]:.4f}" if series.steps else "–",
        _tr("Smoothed; noisy by nature, so judge by the ratio"),
        lines,
    )


def _gradient(series: RunSeries) -> Metric:
    value = f"{series.gradient_norms[-1]:.2f}" if series.steps else "–"
    line = peaks_of(series.steps, series.gradient_norms, "muted")
    return Metric("gradient", _tr("Gradient norm"), value, _tr("The pull of one step; a sudden jump is bad"), (line,))


def _rate(series: RunSeries) -> Metric:
    value = rate_text(series.learning_rates[-1]) if series.steps else "–"
    line = line_of(series.steps, series.learning_rates, "accent")
    return Metric("rate", _tr("Learning rate"), value, _tr("How far each step goes, as planned"), (line,))


def _gap(series: RunSeries) -> Metric:
    return Metric(
        "gap",
        _tr("Gap"),
        signed(_gap_of(series.validations[-1])) if series.validations else "–",
        _tr("How much better it knows the training pictures"),
        (_measured(series, _gap_of, "teal"),),
        tip=_tr("The validation ratio minus the same of training pictures. A gap that keeps growing is overfitting."),
    )


def _drift(series: RunSeries) -> Metric | None:
    known = [point for point in series.validations if point.drift is not None]
    if not known:
        return None
    return Metric(
        "drift",
        _tr("Drift"),
        f"{known[-1].drift:.3f}",
        _tr("Change where your word is not used; 0 is none"),
        (line_of([point.step for point in known], [point.drift or 0.0 for point in known], "accent"),),
        tip=_tr("How far what the model says of captions without the trigger word moved, as a share of it."),
    )


def _norm(series: RunSeries) -> Metric | None:
    known = [point for point in series.validations if point.weight_norms]
    if not known:
        return None
    blocks = known[-1].weight_norms
    largest = max(blocks, key=_norm_of)
    listed = "\n".join(f"{_block_name(one.block)}: {_percent(one.norm)}" for one in blocks)
    return Metric(
        "norm",
        _tr("LoRA weight norm"),
        _percent(largest.norm),
        _tr("Largest change of one block's weights"),
        (line_of([p.step for p in known], [max(map(_norm_of, p.weight_norms)) for p in known], "muted"),),
        _block_name(largest.block),
        _tr("How much the LoRA changes each block, as a share of the base model's weights:") + "\n" + listed,
    )


def _speed(series: RunSeries) -> Metric:
    value = _speed_text(series.images_per_second[-1]) if series.steps else "–"
    line = peaks_of(series.steps, series.images_per_second, "muted")
    return Metric("speed", _tr("Speed"), value, _tr("Training pictures that it gets through"), (line,))


def _memory(series: RunSeries) -> Metric:
    value = file_size(series.memory_bytes[-1]) if series.steps else "–"
    line = peaks_of(series.steps, series.memory_bytes, "muted")
    return Metric("memory", _tr("Memory"), value, _tr("What the run takes"), (line,))


def _temperature(series: RunSeries) -> Metric | None:
    if not series.steps or math.isnan(series.temperatures_c[-1]):
        return None
    line = peaks_of(series.steps, series.temperatures_c, "accent")
    value = _degrees(series.temperatures_c[-1])
    return Metric("temperature", _tr("Temperature"), value, _tr("Of the graphics card"), (line,))


def _power(series: RunSeries) -> Metric | None:
    if not series.steps or math.isnan(series.powers_watts[-1]):
        return None
    line = peaks_of(series.steps, series.powers_watts, "muted")
    value = _tr("{watts} W").format(watts=f"{series.powers_watts[-1]:.0f}")
    return Metric("power", _tr("Power"), value, _tr("Drawn by the graphics card"), (line,))


def _measured(series: RunSeries, of: Callable[[ValidationFinished], float], tone: str) -> MetricLine:
    return line_of([point.step for point in series.validations], [of(point) for point in series.validations], tone)


def _gap_of(point: ValidationFinished) -> float:
    return point.ratio.value - point.probe_ratio


def _norm_of(block: BlockNorm) -> float:
    return block.norm


def _percent(share: float) -> str:
    percent = 100 * share
    return _tr("{value} %").format(value=f"{percent:.0f}" if percent >= 10 else f"{percent:.2g}")


def _block_name(block: str) -> str:
    """A block of the U-Net in plain words: `up_blocks.2` is “up 3”."""
    kind, _dot, place = block.partition(".")
    names = {"down_blocks": _tr("down {number}"), "up_blocks": _tr("up {number}"), "mid_block": _tr("middle")}
    return names.get(kind, block).format(number=int(place) + 1 if place.isdigit() else place)


def _speed_text(speed: float) -> str:
    return _tr("{speed} images/s").format(speed=f"{speed:.1f}")


def _degrees(celsius: float) -> str:
    return _tr("{degrees} °C").format(degrees=f"{celsius:.0f}")
