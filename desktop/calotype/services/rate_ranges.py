"""Find a good learning rate before a run. torch is imported inside the thread that runs the test."""

from __future__ import annotations

import time
from collections.abc import Iterator

from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.errors import ProjectBusyError
from calotype.domain.imageset import Project
from calotype.domain.plan import TrainingPlan
from calotype.domain.rate_range import RateEvent, RateRange
from calotype.domain.runs import RunState
from calotype.services.compute_modules import load_compute_modules
from calotype.services.library import image_set as load_image_set
from calotype.services.linked_pictures import require_present
from calotype.services.model_catalog import find_base_model
from calotype.services.projects import find_project
from calotype.services.run_files import is_held
from calotype.services.workspace import Workspace, load_settings
from calotype.storage import runs as run_rows
from calotype.training.job import TrainingJob


def find_rate(
    workspace: Workspace,
    project: Project,
    plan: TrainingPlan,
    control: Control,
    rates: RateRange | None = None,
    shelf: ModelShelf | None = None,
) -> Iterator[RateEvent]:
    """Try growing learning rates on the pictures of a project, with everything else as the plan says.

    Nothing is written, neither files nor rows. Raises ProjectBusyError while a run is going on, of whatever project:
    two trainings at once would take each other's memory and time. Otherwise raises what a run raises before its first
    step.
    """
    image_set = load_image_set(workspace, project)
    image_set.require_trainable()
    require_present(image_set)
    model = find_base_model(workspace, plan.base_model)
    _require_no_run(workspace)
    load_compute_modules()
    from calotype.training.rate_range import measure_rates

    settings = load_settings(workspace)
    job = TrainingJob(
        run_id="",
        plan=plan,
        image_set=image_set,
        model=model,
        folder=project.runs_folder,  # a job must name one; a test never writes there
        started_at=time.time(),
        device=settings.device,
        thread_count=settings.thread_count,
    )
    yield from measure_rates(job, rates or RateRange(), control, shelf)


def _require_no_run(workspace: Workspace) -> None:
    """Raise ProjectBusyError with the name of a project that is being trained by any process."""
    for run in run_rows.runs_in_state(workspace.database, RunState.RUNNING, workspace.folder.projects):
        if is_held(run.folder):
            raise ProjectBusyError(find_project(workspace, run.project_id).name)
