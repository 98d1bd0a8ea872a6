"""calotype rates: find a good learning rate in a short throw-away run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ModelOption, ProjectArgument, SettingsOption, as_command, opened_workspace
from calotype.cli.output import Output
from calotype.cli.training import parsed_settings, plan_for
from calotype.cli.words import duration
from calotype.domain.control import Control
from calotype.domain.events import ModelLoaded, StageChanged
from calotype.domain.models import STARTER_ID
from calotype.domain.presets import Quality
from calotype.domain.rate_range import (
    RateAnswer,
    RateAnswerKind,
    RateEvent,
    RateMeasured,
    RateTestFinished,
    RateTestStarted,
)
from calotype.services import projects, rate_ranges


@as_command
def find_rate(
    chosen: Choices,
    project: ProjectArgument,
    model: ModelOption = STARTER_ID,
    quality: Annotated[Quality, typer.Option(help="The preset whose other settings are used.")] = Quality.BALANCED,
    settings: SettingsOption = None,
) -> None:
    """Try growing learning rates on the pictures of a project, and suggest one. Nothing of the test is kept."""
    wanted = parsed_settings(settings or [], None)
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        target = projects.find_project(workspace, project)
        plan = plan_for(workspace, target, model, quality, wanted)
        points, finished = _follow(rate_ranges.find_rate(workspace, target, plan, control), chosen.output)
    text = _text(target.name, finished, plan.learning_rate)
    chosen.output.result(text, _values(points, finished, plan.learning_rate))
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


def _follow(events: Iterable[RateEvent], output: Output) -> tuple[list[RateMeasured], RateTestFinished]:
    points: list[RateMeasured] = []
    step_count = 0
    for event in events:
        match event:
            case StageChanged():
                output.passing(f"{event.stage.value.capitalize()} …")
            case ModelLoaded():
                output.progress(f"Trying learning rates on {event.device} ({event.precision}).")
            case RateTestStarted():
                step_count = event.step_count
            case RateMeasured():
                points.append(event)
                left = (step_count - event.step) * sum(point.seconds for point in points) / len(points)
                output.passing(
                    f"Step {event.step} of {step_count} · rate {event.rate:.1e} · {event.ratio:.3f} of the base "
                    f"model's error · at most {duration(left)} left"
                )
            case RateTestFinished():
                return points, event
            case _:
                pass
    raise AssertionError("a test always ends with RateTestFinished")


def _text(project: str, finished: RateTestFinished, preset: float) -> str:
    answer = finished.answer
    lines = [_answer_text(answer, preset), f"The test took {duration(finished.seconds)}. Nothing of it was kept."]
    if answer.suggested_rate is not None:
        lines.append(f'To use it: calotype train "{project}" --set learning_rate={answer.suggested_rate:g}')
    return "\n".join(lines)


def _answer_text(answer: RateAnswer, preset: float) -> str:
    keep = f"No clear answer: keep {preset:g}."
    match answer.kind:
        case RateAnswerKind.SUGGESTED:
            return (
                f"Learning rate {answer.suggested_rate:g}, a tenth of {answer.broke_at:.2g}, where the model broke. "
                f"On the way its error fell to {answer.lowest_ratio:.2f} of the base model's. "
                f"The plan has {preset:g}."
            )
        case RateAnswerKind.NEVER_FELL:
            return f"{keep} At no rate did the model become clearly better than the base model."
        case RateAnswerKind.NEVER_BROKE:
            return f"{keep} Even the highest rate did not break the model, so nothing shows where the limit is."
        case RateAnswerKind.STOPPED_EARLY:
            return f"{keep} The test was stopped before the model broke."


def _values(points: list[RateMeasured], finished: RateTestFinished, preset: float) -> dict[str, object]:
    answer = finished.answer
    return {
        "answer": answer.kind,
        "suggested_rate": answer.suggested_rate,
        "planned_rate": preset,
        "broke_at": answer.broke_at,
        "lowest_ratio": answer.lowest_ratio,
        "lowest_at": answer.lowest_at,
        "end": finished.end,
        "seconds": round(finished.seconds, 2),
        "points": [{"rate": point.rate, "ratio": point.ratio} for point in points],
    }
