"""Runs as a user meets them: started, recorded, interrupted, continued, judged and kept."""

import gc
import json
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open
from trained_sample import OpenTrained

from calotype.domain.control import Control, Stop
from calotype.domain.errors import (
    BaseModelNotFoundError,
    CheckpointUnusableError,
    DiskFullError,
    LoraNotFoundError,
    NothingLearnedError,
    RunNotFoundError,
    TooFewImagesError,
)
from calotype.domain.events import PictureReady, PreviewReady, StepFinished, TrainingEvent, ValidationFinished
from calotype.domain.imageset import Project, SubjectKind
from calotype.domain.plan import TrainingPlan, override
from calotype.domain.presets import Quality
from calotype.domain.runs import RunState
from calotype.domain.settings import Settings
from calotype.services import exports, generation, library, model_catalog, training_runs
from calotype.services.projects import create_project, create_sample_project, list_projects
from calotype.services.workspace import Workspace, close_workspace, open_workspace, save_settings

TINY = {
    "step_count": "4",
    "batch_size": "2",
    "targets": "attention",
    "rank": "4",
    "validate_every": "2",
    "checkpoint_every": "2",
    "preview_every": "4",
    "preview_steps": "2",
}


@pytest.fixture
def project(workspace: Workspace) -> Project:
    """The sample set."""
    return create_sample_project(workspace)


@pytest.fixture
def plan(workspace: Workspace, project: Project) -> TrainingPlan:
    """Four steps."""
    images = library.image_set(workspace, project)
    model = model_catalog.find_base_model(workspace, "starter")
    return override(training_runs.default_plan(workspace, images, Quality.QUICK, model), TINY)


def _train(workspace: Workspace, project: Project, plan: TrainingPlan) -> list[TrainingEvent]:
    return list(training_runs.start(workspace, project, plan, Control()))


def _die_after(events: Iterator[TrainingEvent], step: int) -> None:
    """Leave a run as a killed process leaves it: no last event, no saving, but the lock is let go."""
    for event in events:
        if isinstance(event, StepFinished) and event.step == step:
            break
    events.close()  # type: ignore[attr-defined]


def test_that_what_was_reported_is_on_disk(workspace: Workspace, project: Project, plan: TrainingPlan) -> None:
    events = _train(workspace, project, plan)

    run = training_runs.list_runs(workspace, project)[0]
    steps = [event for event in events if isinstance(event, StepFinished)]
    assert (run.state, run.last_step) == (RunState.COMPLETED, 4)
    recorded = training_runs.history(workspace, run)
    assert [event for event in recorded if isinstance(event, StepFinished)] == steps
    lines = run.metrics_path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines].count("StepFinished") == 4
    assert (run.folder / "plan.json").is_file()


def test_that_a_run_survives_the_loss_of_the_index(open_trained: OpenTrained) -> None:
    workspace = open_trained(TINY)
    [summary] = list_projects(workspace)
    project = summary.project
    before = training_runs.list_runs(workspace, project)
    close_workspace(workspace)
    for file in workspace.folder.root.glob("calotype.sqlite*"):
        file.unlink()

    again = open_workspace(workspace.folder.root)

    assert training_runs.list_runs(again, project) == before
    close_workspace(again)


def test_that_a_killed_run_is_offered_and_finishes_exactly(
    workspace: Workspace, project: Project, plan: TrainingPlan
) -> None:
    save_settings(workspace, Settings(thread_count=1))  # measured anew, two runs might round differently
    first = next(image for image in library.image_set(workspace, project).images if not image.is_held_out)
    library.save_choices(workspace, project, [replace(first, repeats=9)])
    _train(workspace, project, plan)
    whole = training_runs.list_runs(workspace, project)[0]
    _die_after(training_runs.start(workspace, project, plan, Control()), step=3)

    interrupted = training_runs.interrupted_runs(workspace)
    assert [run.state for run in interrupted] == [RunState.INTERRUPTED]
    library.set_caption(workspace, project, first, "changed meanwhile")
    library.save_choices(workspace, project, [first])
    resumed = list(training_runs.resume(workspace, interrupted[0].id, Control()))

    assert [event.step for event in resumed if isinstance(event, StepFinished)] == [3, 4]
    assert training_runs.interrupted_runs(workspace) == []
    run = training_runs.find_run(workspace, interrupted[0].id)
    assert run.state is RunState.COMPLETED
    with safe_open(run.last_lora_path, "pt") as ours, safe_open(whole.last_lora_path, "pt") as theirs:
        for key in theirs.keys():  # noqa: SIM118 - not a dict
            assert ours.get_tensor(key).equal(theirs.get_tensor(key))
    steps = [event.step for event in training_runs.history(workspace, run) if isinstance(event, StepFinished)]
    assert steps == [1, 2, 3, 4]


def test_that_a_run_killed_before_its_first_checkpoint_starts_over(
    workspace: Workspace, project: Project, plan: TrainingPlan
) -> None:
    _die_after(training_runs.start(workspace, project, plan, Control()), step=1)
    run = training_runs.interrupted_runs(workspace)[0]

    events = list(training_runs.resume(workspace, run.id, Control()))

    assert [event.step for event in events if isinstance(event, StepFinished)] == [1, 2, 3, 4]


def test_that_a_dismissed_run_is_not_offered_again(workspace: Workspace, project: Project, plan: TrainingPlan) -> None:
    _die_after(training_runs.start(workspace, project, plan, Control()), step=2)

    training_runs.dismiss_interrupted(workspace, training_runs.interrupted_runs(workspace)[0])

    assert training_runs.interrupted_runs(workspace) == []
    assert training_runs.list_runs(workspace, project)[0].state is RunState.STOPPED


def test_that_a_run_that_is_going_on_is_not_taken_for_interrupted(
    workspace: Workspace, project: Project, plan: TrainingPlan
) -> None:
    control = Control()
    for event in training_runs.start(workspace, project, plan, control):
        if isinstance(event, StepFinished):
            assert training_runs.interrupted_runs(workspace) == []
            assert training_runs.list_runs(workspace, project)[0].state is RunState.RUNNING
            control.send(Stop())


def test_that_removed_pictures_are_named_when_a_run_would_go_on(
    workspace: Workspace, project: Project, plan: TrainingPlan
) -> None:
    _die_after(training_runs.start(workspace, project, plan, Control()), step=3)
    library.remove_images(workspace, project, library.image_set(workspace, project).training[:1])

    with pytest.raises(CheckpointUnusableError, match="removed"):
        list(training_runs.resume(workspace, training_runs.interrupted_runs(workspace)[0].id, Control()))


def test_that_a_failure_is_recorded_with_its_sentence(
    workspace: Workspace, project: Project, plan: TrainingPlan, starter_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(starter_folder, tmp_path / "model"))
    model = model_catalog.add_base_model(workspace, folder)
    config = folder / "unet" / "config.json"
    config.write_text(config.read_text().replace("128", "160"))

    with pytest.raises(Exception, match="damaged"):
        _train(workspace, project, replace(plan, base_model=model.id))

    run = training_runs.list_runs(workspace, project)[0]
    assert run.state is RunState.FAILED
    assert "damaged" in run.failure


def test_that_an_empty_project_says_how_many_pictures_are_needed(workspace: Workspace, plan: TrainingPlan) -> None:
    empty = create_project(workspace, "Empty", SubjectKind.STYLE, "empty")

    with pytest.raises(TooFewImagesError, match="at least 4"):
        _train(workspace, empty, plan)

    assert training_runs.list_runs(workspace, empty) == []


def test_that_the_lora_is_kept_with_its_words_and_picture_and_draws(open_trained: OpenTrained, tmp_path: Path) -> None:
    workspace = open_trained(TINY)
    [summary] = list_projects(workspace)
    project = summary.project
    [run] = training_runs.list_runs(workspace, project)

    exported = exports.export_lora(workspace, run.id, tmp_path / "out" / "mine")
    kept = exports.keep_lora(workspace, run.id)

    with safe_open(exported.path, "pt") as file:
        words = file.metadata()
    assert exported.path.name == "mine.safetensors"
    assert words["modelspec.trigger_phrase"] == project.trigger_word
    assert words["ss_network_dim"] == "4" and words["ss_network_module"] == "networks.lora"
    assert words["modelspec.thumbnail"].startswith("data:image/jpeg;base64,")
    assert exported.path.with_suffix(".preview.png").is_file()
    assert [card.path for card in model_catalog.list_loras(workspace)] == [kept.path]
    assert model_catalog.find_lora(workspace, project.trigger_word.upper()).path == kept.path
    strengths = list(generation.compare_strengths(workspace, run, [0.0, 1.0], Control()))
    assert [event.index for event in strengths if isinstance(event, PictureReady)] == [0, 1]


def test_that_names_nobody_knows_are_refused(workspace: Workspace, project: Project, plan: TrainingPlan) -> None:
    with pytest.raises(RunNotFoundError, match="nothing"):
        training_runs.find_run(workspace, "nothing")
    with pytest.raises(LoraNotFoundError, match="nobody"):
        model_catalog.find_lora(workspace, "nobody")
    with pytest.raises(BaseModelNotFoundError, match="no base model called “unknown”"):
        _train(workspace, project, replace(plan, base_model="unknown"))


def test_that_a_run_without_a_step_has_nothing_to_export(
    workspace: Workspace, project: Project, plan: TrainingPlan, tmp_path: Path
) -> None:
    control = Control()
    for event in training_runs.start(workspace, project, plan, control):
        if isinstance(event, ValidationFinished | PreviewReady):
            control.send(Stop())

    with pytest.raises(NothingLearnedError):
        exports.export_lora(workspace, training_runs.list_runs(workspace, project)[0].id, tmp_path / "x.safetensors")


def test_that_the_estimate_learns_from_the_last_run(
    workspace: Workspace, project: Project, plan: TrainingPlan, open_trained: OpenTrained
) -> None:
    before = training_runs.estimate(workspace, plan, library.image_set(workspace, project))
    trained = open_trained(TINY)
    [summary] = list_projects(trained)
    images = library.image_set(trained, summary.project)
    after = training_runs.estimate(trained, plan, images)

    assert before.seconds is not None and after.seconds is not None
    assert before.seconds != after.seconds
    assert before.trained_parameters == after.trained_parameters > 0
    dora = training_runs.estimate(trained, override(plan, {"adapter": "dora"}), images)
    assert dora.seconds is not None and dora.seconds > after.seconds
    assert dora.memory_bytes > after.memory_bytes and dora.trained_parameters > after.trained_parameters


def test_that_the_model_of_an_ended_run_leaves_the_memory(
    workspace: Workspace, project: Project, plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calotype.diffusion import base_model

    loaded: list[weakref.ref[object]] = []
    load = base_model.load_base_model

    def watched(*arguments: object) -> object:
        model = load(*arguments)  # type: ignore[arg-type]
        loaded.append(weakref.ref(model.unet))
        return model

    monkeypatch.setattr(base_model, "load_base_model", watched)
    _train(workspace, project, plan)
    gc.collect()

    assert [reference() for reference in loaded] == [None]


def test_that_a_project_that_was_moved_away_does_not_come_back_as_a_ghost(
    workspace: Workspace, project: Project, plan: TrainingPlan, tmp_path: Path
) -> None:
    _die_after(training_runs.start(workspace, project, plan, Control()), step=2)
    project.folder.rename(tmp_path / "elsewhere")

    training_runs.interrupted_runs(workspace)

    assert not project.folder.exists()


def test_that_a_full_disk_stops_the_run_with_its_sentence(
    workspace: Workspace, project: Project, plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calotype.training import keeping

    def full(path: Path, _data: bytes) -> None:
        raise DiskFullError(path.name)

    monkeypatch.setattr(keeping, "write_atomically", full)

    with pytest.raises(DiskFullError):
        _train(workspace, project, plan)

    run = training_runs.list_runs(workspace, project)[0]
    assert run.state is RunState.FAILED and "disk is full" in run.failure
