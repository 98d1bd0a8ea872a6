"""Start, continue and look back on training runs.

torch is imported when a run begins, inside the thread that runs it, so that the window opens at once.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from calotype.diffusion.lora_targets import lora_parameter_count
from calotype.diffusion.model_cards import unet_shapes
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.errors import CalotypeError, RunNotFoundError, StorageError
from calotype.domain.events import FinishReason, RunFinished, TrainingEvent
from calotype.domain.imageset import ImageSet, Project
from calotype.domain.kept_steps import BUDGET_BYTES, MOST
from calotype.domain.lora import LoraAdapter
from calotype.domain.memory_need import GIB, activation_bytes
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Estimate, Quality, preset_plan
from calotype.domain.run_log import RunLog
from calotype.domain.runs import Run, RunState
from calotype.domain.verdict import Verdict
from calotype.services.compute_modules import load_compute_modules
from calotype.services.library import image_set as load_image_set
from calotype.services.linked_pictures import require_present
from calotype.services.model_catalog import find_base_model
from calotype.services.projects import find_project
from calotype.services.run_files import as_told, images_of_run, is_held, read_history, run_lock, write_run_files
from calotype.services.run_records import Record
from calotype.services.sides import settle
from calotype.services.workspace import Workspace, load_settings
from calotype.storage import runs as run_rows
from calotype.training.job import TrainingJob

STARTER_SECONDS_PER_IMAGE = 0.05  # measured on two CPU cores; used only until this computer has its own figure
FORWARD_SHARE = 0.3  # of a training step, measured: what a prediction without gradients takes
LOADING_SECONDS = 5.0
# A step of a DoRA beside one of a LoRA, measured with Starter: 296 and 235 ms (tests/benchmarks/dora_step.py).
STEP_SHARES = {LoraAdapter.LORA: 1.0, LoraAdapter.DORA: 1.26}
EXAMINED_STEPS, EXAMINED_FORWARDS = 4, 6  # predictions for each picture that is looked at before the first step

logger = logging.getLogger(__name__)


def default_plan(workspace: Workspace, image_set: ImageSet, quality: Quality, model: BaseModelCard) -> TrainingPlan:
    """The preset for this set, quality and base model."""
    return preset_plan(image_set, quality, model)


def start(
    workspace: Workspace, project: Project, plan: TrainingPlan, control: Control, shelf: ModelShelf | None = None
) -> Iterator[TrainingEvent]:
    """Begin a new run. Everything it reports is on disk before it is reported; failures are recorded and raised.

    The base model comes from the shelf, and stays there afterwards. Sides that wait for comparing are chosen first.
    """
    for _ in settle(workspace, project, control):
        pass
    image_set = load_image_set(workspace, project).included
    image_set.require_trainable()
    require_present(image_set)
    find_base_model(workspace, plan.base_model)
    started_at = time.time()
    run_id = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(started_at))}-{uuid.uuid4().hex[:4]}"
    run = Run(
        id=run_id,
        project_id=project.id,
        plan=plan,
        folder=project.runs_folder / run_id,
        state=RunState.RUNNING,
        started_at=started_at,
        last_step=0,
        best_step=0,
        best_ratio=None,
        failure="",
    )
    with run_lock(run.folder, project.name):
        write_run_files(run, image_set)
        run_rows.add_run(workspace.database, run, workspace.folder.projects)
        yield from _recorded(workspace, run, _job(workspace, run, image_set, continues=False), control, shelf)


def resume(
    workspace: Workspace, run_id: str, control: Control, shelf: ModelShelf | None = None
) -> Iterator[TrainingEvent]:
    """Go on with a run from its last checkpoint, exactly as if it had never been interrupted."""
    load_compute_modules()
    from calotype.training.checkpoints import STATE_FILE

    run = find_run(workspace, run_id)
    project = find_project(workspace, run.project_id)
    find_base_model(workspace, run.plan.base_model)  # before anything is noted: a model that is gone changes nothing
    image_set = images_of_run(run, load_image_set(workspace, project))
    require_present(image_set)
    with run_lock(run.folder, project.name):
        run_rows.update_state(workspace.database, run.id, RunState.RUNNING)
        continues = (run.folder / "checkpoints" / STATE_FILE).is_file()
        yield from _recorded(workspace, run, _job(workspace, run, image_set, continues=continues), control, shelf)


def _job(workspace: Workspace, run: Run, image_set: ImageSet, *, continues: bool) -> TrainingJob:
    settings = load_settings(workspace)
    return TrainingJob(
        run_id=run.id,
        plan=run.plan,
        image_set=image_set,
        model=find_base_model(workspace, run.plan.base_model),
        folder=run.folder,
        started_at=run.started_at,
        device=settings.device,
        thread_count=settings.thread_count,
        continues=continues,
        comparison_model=Path(settings.comparison_model) if settings.comparison_model else None,
    )


def _recorded(
    workspace: Workspace, run: Run, job: TrainingJob, control: Control, shelf: ModelShelf | None
) -> Iterator[TrainingEvent]:
    load_compute_modules()
    from calotype.training.engine import train

    try:
        for event in Record(workspace, run).keep(train(job, control, shelf)):
            if isinstance(event, RunFinished):
                _close(workspace, run, event)
            yield event
    except CalotypeError as error:
        with _index_may_fail(run):
            run_rows.update_state(workspace.database, run.id, RunState.FAILED, str(error))
        raise


def _close(workspace: Workspace, run: Run, event: RunFinished) -> None:
    state = RunState.COMPLETED if event.reason is FinishReason.COMPLETED else RunState.STOPPED
    best_ratio = event.best_ratio if event.best_step else None
    with _index_may_fail(run):
        run_rows.update_progress(workspace.database, run.id, event.step, event.best_step, best_ratio)
        run_rows.update_state(workspace.database, run.id, state)


@contextmanager
def _index_may_fail(run: Run) -> Iterator[None]:
    """A busy or full index hides neither an end that the run's own file tells of, nor why a run failed."""
    try:
        yield
    except StorageError as error:
        logger.warning("the index misses the end of run %s: %s", run.id, error)


def list_runs(workspace: Workspace, project: Project) -> list[Run]:
    """The runs of a project, newest first."""
    runs = run_rows.runs_of_project(workspace.database, project.id, workspace.folder.projects)
    return [_with_true_state(run) for run in runs]


def find_run(workspace: Workspace, run_id: str) -> Run:
    """The run with this id. Raises RunNotFoundError."""
    run = run_rows.find_run(workspace.database, run_id, workspace.folder.projects)
    if run is None:
        raise RunNotFoundError(run_id)
    return _with_true_state(run)


def interrupted_runs(workspace: Workspace) -> list[Run]:
    """Runs that were going on when the app died, newest first; they can be continued."""
    running = run_rows.runs_in_state(workspace.database, RunState.RUNNING, workspace.folder.projects)
    known = [_with_true_state(run) for run in running if run.folder.is_dir()]
    return [run for run in known if run.state is RunState.INTERRUPTED]


def can_continue(workspace: Workspace, run: Run) -> bool:
    """True if the run ended before its last step, and what it needs to go on is still there."""
    is_open = run.state in (RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED)
    return is_open and run.last_step < run.plan.step_count and run.state_path.is_file() and not is_held(run.folder)


def dismiss_interrupted(workspace: Workspace, run: Run) -> None:
    """Do not offer to continue this run again; what it saved is kept."""
    run_rows.update_state(workspace.database, run.id, RunState.STOPPED)


def history(workspace: Workspace, run: Run) -> list[TrainingEvent]:
    """Every event of a past run, from its own file."""
    return read_history(run)


def verdict(workspace: Workspace, run: Run) -> Verdict:
    """What the run's measurements say."""
    return RunLog.of(read_history(run)).verdict_now(is_over=run.state is not RunState.RUNNING)


def estimate(workspace: Workspace, plan: TrainingPlan, image_set: ImageSet) -> Estimate:
    """What a run will need, before it starts; the time from this computer's last run with the same base model.

    Memory follows what was counted: activations for each image, with and without gradient checkpointing; 16 bytes for
    each trained weight (itself, its gradient, two moments), the model's weights, and what the program itself takes.
    """
    model = find_base_model(workspace, plan.base_model)
    parameters = lora_parameter_count(unet_shapes(model), plan.lora)
    kept, least_kept = (activation_bytes(model.family, plan, is_checkpointed=flag) for flag in (False, True))
    always = model.size_bytes * 2 + 16 * parameters + GIB
    return Estimate(
        seconds=_seconds(workspace, plan, image_set, model),
        memory_bytes=always + kept,
        least_memory_bytes=always + least_kept,
        disk_bytes=parameters * 4 * 5 + _kept_bytes(plan, parameters),
        trained_parameters=parameters,
    )


def _kept_bytes(plan: TrainingPlan, parameters: int) -> int:
    """What the checkpoints take that are kept to choose among, two bytes for each trained weight."""
    file_bytes = 2 * parameters
    saved = range(plan.checkpoint_every, plan.step_count + 1, plan.checkpoint_every)
    return file_bytes * min(len(saved), max(2, min(MOST, BUDGET_BYTES // max(1, file_bytes))))


def _seconds(workspace: Workspace, plan: TrainingPlan, image_set: ImageSet, model: BaseModelCard) -> float | None:
    per_image = _seconds_per_image(workspace, plan, model)
    if per_image is None:
        return None
    steps = plan.step_count * plan.batch_size * per_image
    forwards = (min(16, len(image_set.held_out)) * 8 + 16) * (plan.step_count // plan.validate_every + 1)
    pictures = len(plan.preview.prompts) * (plan.step_count // plan.preview.every + 1)
    forwards += EXAMINED_FORWARDS * min(12, len(image_set.training)) + 2 * pictures * plan.preview.sampling_steps
    examined = EXAMINED_STEPS * (min(12, len(image_set.training)) + min(4, len(image_set.held_out)))
    return steps + per_image * (examined + FORWARD_SHARE * forwards) + LOADING_SECONDS


def _seconds_per_image(workspace: Workspace, plan: TrainingPlan, model: BaseModelCard) -> float | None:
    """What one picture of a step takes, from the newest run with this base model, scaled by the pixels and the kind of
    adapter.
    """
    share = STEP_SHARES[plan.lora.adapter]
    for run in run_rows.all_runs(workspace.database, workspace.folder.projects):
        measured = run_rows.mean_metric(workspace.database, run.id, "step seconds")
        if run.plan.base_model == model.id and measured is not None:
            share /= STEP_SHARES[run.plan.lora.adapter]
            return share * measured / run.plan.batch_size * (plan.resolution_px / run.plan.resolution_px) ** 2
    return share * STARTER_SECONDS_PER_IMAGE if model.family is ModelFamily.STARTER else None


def _with_true_state(run: Run) -> Run:
    """A run that is marked as running, while no process holds it, was interrupted, unless its file tells of its end."""
    if run.state is RunState.RUNNING and not is_held(run.folder):
        told = as_told(run)
        return told if told.state is not RunState.RUNNING else replace(run, state=RunState.INTERRUPTED)
    return run
