"""The numbers of one training run, in the shape in which plots want them."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

from calotype.domain.events import (
    LoraChecked,
    PartsCompared,
    PreviewReady,
    PreviewsMeasured,
    SetExamined,
    StepFinished,
    ValidationFinished,
)
from calotype.domain.verdict import Measurements, Verdict, judge

_STEP_NAMES = (
    "steps",
    "losses",
    "smoothed",
    "learning_rates",
    "gradient_norms",
    "seconds",
    "images_per_second",
    "memory_bytes",
    "temperatures_c",
    "powers_watts",
)
SMOOTHING = 0.94  # of the old value; about sixteen steps count


def _numbers() -> array[float]:
    return array("d")


@dataclass(slots=True)
class RunSeries:
    """Everything measured so far, by step; numbers lie in flat arrays so that a redraw copies them in one go."""

    steps: array[float] = field(default_factory=_numbers)
    losses: array[float] = field(default_factory=_numbers)
    smoothed: array[float] = field(default_factory=_numbers)
    learning_rates: array[float] = field(default_factory=_numbers)
    gradient_norms: array[float] = field(default_factory=_numbers)
    seconds: array[float] = field(default_factory=_numbers)
    images_per_second: array[float] = field(default_factory=_numbers)
    memory_bytes: array[float] = field(default_factory=_numbers)
    temperatures_c: array[float] = field(default_factory=_numbers)  # nan where the driver did not tell
    powers_watts: array[float] = field(default_factory=_numbers)  # likewise
    validations: list[ValidationFinished] = field(default_factory=list)
    previews: dict[int, dict[int, PreviewReady]] = field(default_factory=dict)
    comparisons: dict[int, PreviewsMeasured] = field(default_factory=dict)  # by step
    examined: SetExamined | None = None
    checked: LoraChecked | None = None
    compared: PartsCompared | None = None

    @property
    def best(self) -> ValidationFinished | None:
        """The measurement of the step that is kept so far; None before any beat the base model."""
        return next((point for point in reversed(self.validations) if point.is_best), None)

    def verdict(self, *, is_over: bool) -> Verdict:
        """What the measurements say so far."""
        return judge(self.measurements(is_over=is_over))

    def measurements(self, *, is_over: bool = False) -> Measurements:
        """Everything that a verdict is made of."""
        return Measurements(self.validations, self.examined, self.checked, is_over, self.compared)

    @property
    def prompts(self) -> list[str]:
        """The prompts of the previews, by index."""
        by_index = {p.index: p.prompt for pictures in self.previews.values() for p in pictures.values()}
        return [by_index[index] for index in sorted(by_index)]

    def add_step(self, event: StepFinished) -> None:
        """Append one step; the smoothed loss is kept up here, so that no redraw smooths the whole run again."""
        before = self.smoothed[-1] if self.smoothed else event.loss
        self.steps.append(event.step)
        self.losses.append(event.loss)
        self.smoothed.append(SMOOTHING * before + (1 - SMOOTHING) * event.loss)
        self.learning_rates.append(event.learning_rate)
        self.gradient_norms.append(event.gradient_norm)
        self.seconds.append(event.seconds)
        self.images_per_second.append(event.images_per_second)
        self.memory_bytes.append(event.memory_bytes)
        self.temperatures_c.append(math.nan if event.temperature_c is None else event.temperature_c)
        self.powers_watts.append(math.nan if event.power_watts is None else event.power_watts)

    def add_measurement(
        self, event: ValidationFinished | PreviewsMeasured | SetExamined | LoraChecked | PartsCompared
    ) -> None:
        """Append one measurement; a second one of the same step replaces the first."""
        match event:
            case PreviewsMeasured():
                self.comparisons[event.step] = event
            case ValidationFinished():
                self.validations = [point for point in self.validations if point.step != event.step]
                self.validations.append(event)
            case SetExamined():
                self.examined = event
            case LoraChecked():
                self.checked = event
            case PartsCompared():
                self.compared = event

    def add_preview(self, event: PreviewReady) -> None:
        """Keep one preview picture under its step and prompt."""
        self.previews.setdefault(event.step, {})[event.index] = event

    def preview_steps(self, index: int = 0) -> list[int]:
        """The steps that have a preview of prompt `index`, in order."""
        return sorted(step for step, pictures in self.previews.items() if index in pictures)

    def forget_from(self, step: int) -> None:
        """Drop what was measured at or after a step, because the run goes on from a checkpoint before it."""
        keep = sum(1 for known in self.steps if known < step)
        for name in _STEP_NAMES:
            setattr(self, name, getattr(self, name)[:keep])
        self.validations = [point for point in self.validations if point.step < step]
        self.previews = {known: pictures for known, pictures in self.previews.items() if known < step}
        self.comparisons = {known: numbers for known, numbers in self.comparisons.items() if known < step}

    def up_to(self, step: int) -> RunSeries:
        """A copy that ends with this step, as if nothing had been measured after it."""
        shorter = RunSeries(
            **{name: getattr(self, name)[:] for name in _STEP_NAMES},
            validations=list(self.validations),
            previews=dict(self.previews),
            comparisons=dict(self.comparisons),
        )
        shorter.forget_from(step + 1)
        return shorter

    def seconds_per_step(self) -> float | None:
        """The median of the last steps, so that one slow step does not make the time left jump."""
        recent = sorted(self.seconds[-25:])
        return recent[len(recent) // 2] if recent else None
