"""Checkpoints that are kept, drawn at several strengths and put into the Library, with the real engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from safetensors import safe_open
from trained_sample import OpenTrained

from calotype.domain.control import Control, Stop
from calotype.domain.errors import NothingLearnedError
from calotype.domain.events import GenerationEvent, GenerationFinished, PictureReady, SamplingProgress
from calotype.domain.runs import Run
from calotype.services import checkpoint_grid, exports, generation, library, model_catalog, training_runs
from calotype.services.checkpoint_grid import STRENGTHS, Checkpoint
from calotype.services.projects import create_sample_project, list_projects
from calotype.services.workspace import Workspace

TINY = {
    "step_count": "4",
    "batch_size": "2",
    "targets": "attention",
    "rank": "4",
    "validate_every": "2",
    "checkpoint_every": "2",
    "preview_every": "4",
    "preview_steps": "1",
}


@pytest.fixture
def workspace(open_trained: OpenTrained) -> Workspace:
    """With a run of four steps that has a checkpoint at the second."""
    return open_trained(TINY)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """That run."""
    [summary] = list_projects(workspace)
    [found] = training_runs.list_runs(workspace, summary.project)
    return found


def cells(events: list[GenerationEvent]) -> list[int]:
    return [event.index for event in events if isinstance(event, PictureReady)]


def is_half(checkpoint: Checkpoint) -> bool:
    with safe_open(checkpoint.path, "np") as file:
        return all(file.get_slice(name).get_dtype() == "F16" for name in file.keys())  # noqa: SIM118 - not a dict


def test_that_every_checkpoint_is_kept_and_the_best_in_full_precision(run: Run) -> None:
    found = checkpoint_grid.checkpoints_of(run)

    assert [checkpoint.step for checkpoint in found] == [2, 4]
    assert [is_half(checkpoint) for checkpoint in found] == [not checkpoint.is_best for checkpoint in found]
    assert sum(checkpoint.is_best for checkpoint in found) == (run.best_step > 0)


def test_that_a_run_without_kept_steps_shows_its_best_and_its_newest(run: Run) -> None:
    for path in (run.folder / "checkpoints").glob("step-*"):
        path.unlink()

    found = checkpoint_grid.checkpoints_of(run)

    assert [checkpoint.step for checkpoint in found] == sorted({run.best_step or run.last_step, run.last_step})


def test_that_a_stopped_grid_goes_on_where_it_was_and_is_there_at_once_the_next_time(
    workspace: Workspace, run: Run
) -> None:
    checkpoints, control = checkpoint_grid.checkpoints_of(run), Control()
    first: list[GenerationEvent] = []
    for event in checkpoint_grid.draw_grid(workspace, run, checkpoints, control):
        first.append(event)
        if len(cells(first)) == 3:
            control.send(Stop())
    kept = checkpoint_grid.kept_pictures(run, checkpoints)

    rest = list(checkpoint_grid.draw_grid(workspace, run, checkpoints, Control()))
    again = list(checkpoint_grid.draw_grid(workspace, run, checkpoints, Control()))

    assert cells(first) == [0, 4, 3] == sorted(kept, key=[0, 4, 3].index)
    assert sorted(cells(rest)) == sorted(cells(again)) == list(range(2 * len(STRENGTHS)))
    assert isinstance(first[-1], GenerationFinished) and first[-1].was_stopped
    assert not [event for event in again if isinstance(event, SamplingProgress)]
    whole = checkpoint_grid.kept_pictures(run, checkpoints)
    assert whole[0] == whole[4]
    assert len(set(whole.values())) == 7


def test_that_the_comparison_of_the_result_and_the_grid_share_their_pictures(workspace: Workspace, run: Run) -> None:
    list(generation.compare_strengths(workspace, run, [0.0, 1.0], Control()))
    checkpoints = checkpoint_grid.checkpoints_of(run)
    best = next(
        row for row, checkpoint in enumerate(checkpoints) if checkpoint.step == (run.best_step or run.last_step)
    )

    assert set(checkpoint_grid.kept_pictures(run, checkpoints)) == {0, 4, 4 * best + 3}


def test_that_a_chosen_checkpoint_lies_beside_the_best_in_the_library(workspace: Workspace, run: Run) -> None:
    first = checkpoint_grid.checkpoints_of(run)[0]
    exports.keep_lora(workspace, run.id)

    card = exports.keep_checkpoint(workspace, run.id, first, None)
    again = exports.keep_checkpoint(workspace, run.id, first, None)

    assert card.path.name.endswith(f"{run.id}-step-2.safetensors")
    assert card.path == again.path
    assert len(model_catalog.list_loras(workspace)) == 2
    with safe_open(card.path, "np") as file:
        assert file.metadata()["ss_steps"] == "2"


def test_that_a_checkpoint_whose_file_is_gone_is_said(workspace: Workspace, run: Run) -> None:
    first = checkpoint_grid.checkpoints_of(run)[0]
    gone = replace(first, path=first.path.with_name("gone.safetensors"))

    with pytest.raises(NothingLearnedError):
        exports.keep_checkpoint(workspace, run.id, gone, None)


def test_that_the_estimate_counts_the_kept_checkpoints(workspace: Workspace, run: Run) -> None:
    project = library.image_set(workspace, create_sample_project(workspace))
    few = training_runs.estimate(workspace, replace(run.plan, checkpoint_every=4), project)
    more = training_runs.estimate(workspace, replace(run.plan, checkpoint_every=1), project)

    assert more.disk_bytes - few.disk_bytes == 3 * 2 * few.trained_parameters
