"""calotype runs: the training runs of a project."""

from __future__ import annotations

from datetime import UTC, datetime

from calotype.cli.options import Choices, ProjectArgument, as_command, opened_workspace
from calotype.cli.preview_numbers import preview_numbers
from calotype.cli.words import table
from calotype.domain.events import PreviewsMeasured
from calotype.domain.runs import Run
from calotype.services import projects, training_runs
from calotype.services.workspace import Workspace


@as_command
def list_runs(
    chosen: Choices,
    project: ProjectArgument,
) -> None:
    """List the training runs of a project, the newest first: id, state, steps and best result."""
    with opened_workspace(chosen) as workspace:
        target = projects.find_project(workspace, project)
        runs = training_runs.list_runs(workspace, target)
        previews = {run.id: _previews(workspace, run) for run in runs} if chosen.output.is_json else {}
    text = table([_row(run) for run in runs]) or f"“{target.name}” has no training run yet."
    chosen.output.result(
        text, {"project": target.id, "runs": [{**_values(run), "previews": previews.get(run.id)} for run in runs]}
    )


def _previews(workspace: Workspace, run: Run) -> dict[str, object] | None:
    history = training_runs.history(workspace, run)
    return preview_numbers([event for event in history if isinstance(event, PreviewsMeasured)], run.best_step)


def _row(run: Run) -> tuple[str, ...]:
    best = "no result yet"
    if run.best_ratio is not None:
        best = f"best {run.best_ratio:.3f} of the base model's error, at step {run.best_step}"
    return run.id, run.state.value, f"{run.last_step} of {run.plan.step_count} steps", best


def _values(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "state": run.state.value,
        "steps": run.last_step,
        "steps_planned": run.plan.step_count,
        "best_validation_ratio": run.best_ratio,
        "best_step": run.best_step,
        "base_model": run.plan.base_model,
        "started_at": datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds"),
        "failure": run.failure,
        "folder": run.folder,
    }
