"""calotype train: from pictures to a LoRA file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, ModelOption, ProjectArgument, SettingsOption, as_command, opened_workspace
from calotype.cli.preview_numbers import preview_numbers
from calotype.cli.progress import RunReport, follow_run
from calotype.cli.verdicts import verdict_text, verdict_values
from calotype.cli.words import duration
from calotype.domain.control import Control
from calotype.domain.imageset import Project
from calotype.domain.models import STARTER_ID
from calotype.domain.plan import TrainingPlan, override
from calotype.domain.presets import Quality
from calotype.domain.run_log import RunLog
from calotype.services import exports, library, model_catalog, projects, training_runs
from calotype.services.comparison_models import trouble_with_comparison_model
from calotype.services.workspace import Workspace, load_settings


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a new run is to be like."""

    model: ModelOption = STARTER_ID
    quality: Annotated[Quality, typer.Option(help="How much time to give it.")] = Quality.BALANCED
    steps: Annotated[int | None, typer.Option(metavar="N", help="How many updates; otherwise as the quality says.")] = (
        None
    )
    settings: SettingsOption = None


@as_command
def train(
    chosen: Choices,
    project: ProjectArgument,
    *,
    planned: PlanOptions,
    resume: Annotated[str, typer.Option(metavar="RUN", help="Go on with a run that was interrupted or stopped.")] = "",
) -> None:
    """Train a LoRA on the pictures of a project. Ctrl+C stops and keeps what was learned."""
    wanted = parsed_settings(planned.settings or [], planned.steps)
    if resume and (wanted or replace(planned, settings=None) != PlanOptions()):
        raise typer.BadParameter("a run goes on with its own plan; no other option changes it", param_hint="--resume")
    control = Control()
    with opened_workspace(chosen) as workspace, stop_on_interrupt(control, chosen.output):
        trouble = trouble_with_comparison_model(load_settings(workspace))
        if trouble is not None:
            chosen.output.progress(f"Previews are compared by the base model only. {trouble}")
        target = projects.find_project(workspace, project)
        if resume:
            run = training_runs.find_run(workspace, resume)
            if run.project_id != target.id:
                raise typer.BadParameter(f"“{resume}” is a run of another project", param_hint="--resume")
            earlier = training_runs.history(workspace, run)
            report = follow_run(training_runs.resume(workspace, run.id, control), chosen.output, earlier)
        else:
            plan = plan_for(workspace, target, planned.model, planned.quality, wanted)
            report = follow_run(training_runs.start(workspace, target, plan, control), chosen.output)
        kept = keep(workspace, report)
    chosen.output.result(summary_text(report, kept), summary(report, kept))
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


def parsed_settings(settings: list[str], steps: int | None) -> dict[str, str]:
    """Read `--set key=value` and `--steps`. Raises typer.BadParameter for text without an equals sign."""
    for text in settings:
        if "=" not in text:
            raise typer.BadParameter(f"“{text}” needs the form key=value", param_hint="--set")
    pairs = dict(text.split("=", 1) for text in settings)
    return pairs if steps is None else {**pairs, "step_count": str(steps)}


def plan_for(
    workspace: Workspace, project: Project, model: str, quality: Quality, wanted: dict[str, str]
) -> TrainingPlan:
    """The plan of the window for these pictures, with single settings changed."""
    pictures = library.image_set(workspace, project)
    card = model_catalog.find_base_model(workspace, model)
    return override(training_runs.default_plan(workspace, pictures, quality, card), wanted)


def keep(workspace: Workspace, report: RunReport) -> Path | None:
    """Put what was learned into the Library, so that `generate --lora TRIGGER` finds it; None if there is nothing."""
    if report.started is None or report.finished is None or report.finished.lora_path is None:
        return None
    return exports.keep_lora(workspace, report.started.run_id).path


def summary(report: RunReport, lora_path: Path | None) -> dict[str, object]:
    """What a program wants to know of a run that ended."""
    started, finished = report.started, report.finished
    return {
        "run": started and started.run_id,
        "reason": finished and finished.reason,
        "steps": finished and finished.step,
        "seconds": finished and round(finished.seconds, 2),
        "base_validation_loss": finished and finished.base_loss,
        "best_validation_ratio": finished and finished.best_ratio,
        "best_step": finished and finished.best_step,
        "images_trained": started and started.images_trained,
        "images_held_out": started and started.images_held_out,
        "previews": preview_numbers(report.comparisons, finished.best_step if finished else 0),
        "verdict": verdict_values(RunLog.of(report.events).verdict),
        "lora_path": lora_path,
    }


def summary_text(report: RunReport, lora_path: Path | None) -> str:
    """What a person wants to know of a run that ended."""
    if report.started is None or report.finished is None:
        return "The run ended before it began."
    ended = report.finished
    return "\n".join(
        [
            f"Run {report.started.run_id} {ended.reason.value} at step {ended.step} after {duration(ended.seconds)}.",
            f"Best: step {ended.best_step}, {ended.best_ratio:.3f} of the base model's error on held-out pictures.",
            verdict_text(RunLog.of(report.events).verdict),
            f"LoRA: {lora_path}" if lora_path else "No LoRA was saved: nothing was learned yet.",
        ]
    )
