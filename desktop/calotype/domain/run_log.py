"""What a run left behind, sorted by kind, and the few numbers that sum it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calotype.domain.events import (
    LoraChecked,
    ModelLoaded,
    PartsCompared,
    PreviewReady,
    PreviewsMeasured,
    RunFinished,
    RunStarted,
    SetExamined,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.verdict import Measurements, Verdict, judge


@dataclass(frozen=True, slots=True)
class RunLog:
    """The events of one run by kind, each kind in the order of the steps."""

    started: RunStarted | None
    loaded: ModelLoaded | None
    finished: RunFinished | None
    examined: SetExamined | None
    checked: LoraChecked | None
    compared: PartsCompared | None
    steps: tuple[StepFinished, ...]
    validations: tuple[ValidationFinished, ...]
    previews: tuple[PreviewReady, ...]
    comparisons: tuple[PreviewsMeasured, ...] = ()

    @classmethod
    def of(cls, events: Iterable[TrainingEvent]) -> RunLog:
        """Sort the events of a run; of two that say the same of one step, the later one counts."""
        known = list(events)
        steps = {event.step: event for event in known if isinstance(event, StepFinished)}
        validations = {event.step: event for event in known if isinstance(event, ValidationFinished)}
        previews = {(event.step, event.index): event for event in known if isinstance(event, PreviewReady)}
        comparisons = {event.step: event for event in known if isinstance(event, PreviewsMeasured)}
        return cls(
            started=next((event for event in reversed(known) if isinstance(event, RunStarted)), None),
            loaded=next((event for event in reversed(known) if isinstance(event, ModelLoaded)), None),
            finished=next((event for event in reversed(known) if isinstance(event, RunFinished)), None),
            examined=next((event for event in reversed(known) if isinstance(event, SetExamined)), None),
            checked=next((event for event in reversed(known) if isinstance(event, LoraChecked)), None),
            compared=next((event for event in reversed(known) if isinstance(event, PartsCompared)), None),
            steps=tuple(steps[step] for step in sorted(steps)),
            validations=tuple(validations[step] for step in sorted(validations)),
            previews=tuple(previews[place] for place in sorted(previews)),
            comparisons=tuple(comparisons[step] for step in sorted(comparisons)),
        )

    @property
    def verdict(self) -> Verdict:
        """What the measurements say, taken as a whole."""
        return self.verdict_now(is_over=True)

    def verdict_now(self, *, is_over: bool) -> Verdict:
        """What the measurements say so far."""
        return judge(self.measurements(is_over=is_over))

    def measurements(self, *, is_over: bool) -> Measurements:
        """Everything that a verdict is made of."""
        return Measurements(self.validations, self.examined, self.checked, is_over, self.compared)

    @property
    def best(self) -> ValidationFinished | None:
        """The measurement of the best step; None if no step was better than the base model."""
        step = self.verdict.best_step
        return next((point for point in self.validations if point.step == step > 0), None)

    @property
    def last_step(self) -> int:
        """The last step that left anything, 0 if none did."""
        kinds = (self.steps[-1:], self.validations[-1:], self.previews[-1:])
        return max((event.step for newest in kinds for event in newest), default=0)

    @property
    def prompts(self) -> dict[int, str]:
        """The prompts of the previews by their index."""
        return {event.index: event.prompt for event in sorted(self.previews, key=lambda event: event.index)}

    @property
    def seconds(self) -> float:
        """How long it took, as the run itself says; of a run without an end, the time of its steps."""
        return self.finished.seconds if self.finished is not None else sum(event.seconds for event in self.steps)

    def preview_at(self, step: int, index: int) -> PreviewReady | None:
        """The preview of a prompt at this step, or the newest one before it."""
        until = [event for event in self.previews if event.index == index and event.step <= step]
        return until[-1] if until else None
