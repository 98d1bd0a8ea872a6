"""Draw what a run measured as a picture: the validation ratio above, the training loss and the learning rate below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calotype.cli.canvas import Canvas, Frame, Letters, Point
from calotype.domain.events import StepFinished, TrainingEvent, ValidationFinished
from calotype.domain.metrics import smoothed

BACKGROUND, SURFACE, LINE = "#17151a", "#1e1c22", "#37333e"
TEXT, MUTED = "#eeeae4", "#a49da9"
AMBER, TEAL, BLUE = "#e3a857", "#5dbcae", "#7aa7e8"
WIDTH_PX, HEIGHT_PX = 1400, 900


@dataclass(frozen=True, slots=True)
class Curves:
    """The series of one run."""

    validations: tuple[ValidationFinished, ...]
    steps: tuple[StepFinished, ...]

    @property
    def last_step(self) -> int:
        """Where the axis of steps ends; 1 at least, so that it has a length."""
        return max([1, *(point.step for point in self.validations), *(point.step for point in self.steps)])

    @property
    def best(self) -> ValidationFinished:
        """The measurement with the lowest ratio."""
        return min(self.validations, key=lambda point: point.ratio.value)


def draw_curves(events: Sequence[TrainingEvent], title: str, path: Path) -> None:
    """Write a PNG of 1400x900 pixels; there must be one validation at least, as every run has at step 0."""
    validations = tuple(event for event in events if isinstance(event, ValidationFinished))
    curves = Curves(validations, tuple(event for event in events if isinstance(event, StepFinished)))
    canvas = Canvas(WIDTH_PX, HEIGHT_PX, BACKGROUND)
    canvas.text((48, 34), title, Letters(TEXT, 26, is_bold=True))
    canvas.text((48, 70), _headline(curves), Letters(MUTED, 16))
    _draw_validation(canvas, curves)
    _draw_loss(canvas, curves)
    _draw_learning_rate(canvas, curves)
    canvas.save(path)


def _headline(curves: Curves) -> str:
    best = curves.best
    if best.step == 0:
        return "No step was better than the base model on held-out pictures."
    return f"Best at step {best.step}: {best.ratio.value:.3f} of the base model's error on held-out pictures."


def _draw_validation(canvas: Canvas, curves: Curves) -> None:
    points, best = curves.validations, curves.best
    values = [value for point in points for value in (point.ratio.low, point.ratio.high, point.probe_ratio, 1.0)]
    card = canvas.card((32, 112, WIDTH_PX - 32, 600), SURFACE, LINE)
    # Room above the highest value, so that the words “best step” cross no line.
    frame = card.scaled(curves.last_step, min(values), max(values), headroom=0.16)
    _draw_grid(canvas, frame)
    _draw_legend(canvas, frame)
    canvas.dotted(frame.at(0, 1.0), frame.at(curves.last_step, 1.0), MUTED)
    canvas.text(frame.above_right(1.0), "base model", Letters(MUTED, 14), anchor="rs")
    band = [frame.at(point.step, point.ratio.high) for point in points]
    band += [frame.at(point.step, point.ratio.low) for point in reversed(points)]
    canvas.area(band, TEAL, 0.22)
    canvas.dashed([frame.at(point.step, point.probe_ratio) for point in points], BLUE, 2.5)
    canvas.line([frame.at(point.step, point.ratio.value) for point in points], TEAL, 3.5)
    top, bottom = frame.at(best.step, frame.high), frame.at(best.step, frame.low)
    canvas.line([top, bottom], AMBER, 2)
    canvas.dot(frame.at(best.step, best.ratio.value), AMBER, 7)
    is_late = best.step > 0.8 * curves.last_step
    canvas.text(
        _beside(top, is_late),
        f"best · step {best.step}",
        Letters(AMBER, 16, is_bold=True),
        anchor="ra" if is_late else "la",
    )


def _draw_legend(canvas: Canvas, frame: Frame) -> None:
    left, top = frame.title_at
    canvas.text((left, top), "Validation ratio", Letters(TEXT, 18, is_bold=True))
    canvas.line([(left + 190, top + 12), (left + 214, top + 12)], TEAL, 3.5)
    canvas.text((left + 222, top + 2), "held out, with its 95 % interval", Letters(MUTED, 15))
    canvas.dashed([(left + 470, top + 12), (left + 498, top + 12)], BLUE, 2.5)
    canvas.text((left + 506, top + 2), "training pictures", Letters(MUTED, 15))


def _draw_loss(canvas: Canvas, curves: Curves) -> None:
    losses = [point.loss for point in curves.steps] or [0.0]
    # A few wild steps must not flatten all others.
    ceiling = sorted(losses)[min(len(losses) - 1, int(0.98 * len(losses)))]
    frame = canvas.card((32, 620, 908, HEIGHT_PX - 32), SURFACE, LINE).scaled(curves.last_step, min(losses), ceiling)
    _draw_grid(canvas, frame, line_count=3)
    canvas.text(frame.title_at, "Training loss", Letters(TEXT, 18, is_bold=True))
    canvas.line([frame.at(point.step, min(point.loss, frame.high)) for point in curves.steps], "#54647e", 1.2)
    means = zip(curves.steps, smoothed([point.loss for point in curves.steps]), strict=True)
    canvas.line([frame.at(point.step, min(mean, frame.high)) for point, mean in means], BLUE, 3)


def _draw_learning_rate(canvas: Canvas, curves: Curves) -> None:
    peak = max((point.learning_rate for point in curves.steps), default=1e-4)
    frame = canvas.card((928, 620, WIDTH_PX - 32, HEIGHT_PX - 32), SURFACE, LINE).scaled(curves.last_step, 0.0, peak)
    _draw_grid(canvas, frame, line_count=3)
    canvas.text(frame.title_at, "Learning rate", Letters(TEXT, 18, is_bold=True))
    canvas.line([frame.at(point.step, point.learning_rate) for point in curves.steps], MUTED, 2.5)


def _draw_grid(canvas: Canvas, frame: Frame, line_count: int = 6) -> None:
    for value in frame.round_values(line_count):
        left, right = frame.at(0, value), frame.at(frame.last_step, value)
        canvas.line([left, right], LINE, 1)
        canvas.text((left[0] - 10, left[1]), f"{value:g}", Letters(MUTED, 14), anchor="rm")
    for step in frame.round_steps(6):
        across, down = frame.at(step, frame.low)
        canvas.text((across, down + 10), f"{step:g}", Letters(MUTED, 14), anchor="ma")


def _beside(point: Point, is_left: bool) -> Point:
    return (point[0] - 10 if is_left else point[0] + 10), point[1] + 4
