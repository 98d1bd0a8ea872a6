"""Follow long work in the terminal: a line for what stays, a passing line for what moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from calotype.cli.output import Output
from calotype.cli.preview_numbers import likeness_text
from calotype.cli.words import counted, duration
from calotype.domain.events import (
    CheckpointSaved,
    GenerationEvent,
    GenerationFinished,
    GenerationStarted,
    ModelLoaded,
    PictureReady,
    PreviewReady,
    PreviewsMeasured,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SamplingProgress,
    StageChanged,
    StepFinished,
    TrainingEvent,
    ValidationFinished,
)


@dataclass(slots=True)
class RunReport:
    """What a run told of itself, for the summary at its end."""

    started: RunStarted | None = None
    finished: RunFinished | None = None
    validations: list[ValidationFinished] = field(default_factory=list)
    comparisons: list[PreviewsMeasured] = field(default_factory=list)
    events: list[TrainingEvent] = field(default_factory=list)
    _step_seconds: float = 0.0

    def apply(self, event: TrainingEvent, output: Output) -> None:
        """Remember an event, and say it."""
        self.events.append(event)
        match event:
            case RunStarted():
                self.started = event
                output.progress(
                    f"Run {event.run_id}: {counted(event.images_trained, 'picture')} to learn from, "
                    f"{event.images_held_out} held out, {counted(event.step_count, 'step')}."
                )
            case ModelLoaded():
                share = f"{event.trained_parameters / 1e6:.2f} M of {event.total_parameters / 1e6:.1f} M weights"
                output.progress(f"Training {share} on {event.device} ({event.precision}).")
            case StepFinished():
                output.passing(self._step(event))
            case ValidationFinished():
                self.validations.append(event)
                mark = ", the best so far" if event.is_best and event.step else ""
                output.progress(
                    f"Step {event.step}: {event.ratio.value:.3f} of the base model's error on held-out pictures{mark}."
                )
            case PreviewsMeasured():
                self.comparisons.append(event)
                text = likeness_text(event)
                if text:
                    output.progress(text)
            case RunFinished():
                self.finished = event
            case StageChanged():
                output.passing(f"{event.stage.value.capitalize()} …")
            case PreviewReady() | CheckpointSaved() | RunPaused() | RunResumed():
                pass

    def _step(self, event: StepFinished) -> str:
        total = self.started.step_count if self.started else event.step
        # The first steps warm up caches; a moving average forgets them.
        self._step_seconds = 0.9 * self._step_seconds + 0.1 * event.seconds if self._step_seconds else event.seconds
        left = duration((total - event.step) * self._step_seconds)
        return f"Step {event.step} of {total} · loss {event.loss:.3f} · {left} left"


def follow_run(events: Iterable[TrainingEvent], output: Output, earlier: Iterable[TrainingEvent] = ()) -> RunReport:
    """Take every event of a run and say it as it comes; `earlier` ones, of a run that goes on, are only remembered."""
    report = RunReport(events=list(earlier))
    for event in events:
        report.apply(event, output)
    return report


def follow_generation(events: Iterable[GenerationEvent], output: Output, *, names: bool = True) -> list[PictureReady]:
    """Take every event of a generation, say it as it comes, and answer with the pictures that were made."""
    pictures: list[PictureReady] = []
    for event in events:
        match event:
            case SamplingProgress():
                output.passing(f"Picture {event.index + 1}: step {event.step} of {event.step_count}")
            case PictureReady():
                pictures.append(event)
                if names:
                    output.progress(str(event.path))
            case StageChanged():
                output.passing(f"{event.stage.value.capitalize()} …")
            case GenerationStarted():
                for unused in event.unused:
                    output.progress(str(unused.notice))
            case GenerationFinished():
                pass
    return pictures
