"""The file of measurements: whole lines, each step once, however often the run was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from full_disk import FilesLimitedTo

from calotype.domain.errors import DiskFullError
from calotype.domain.events import PreviewReady, PreviewsMeasured, RunStarted, StepFinished, TrainingEvent
from calotype.domain.imageset import Project
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.domain.runs import Run, RunState
from calotype.services import library, model_catalog, training_runs
from calotype.services.projects import create_sample_project
from calotype.services.run_files import read_history, write_run_files
from calotype.services.run_records import Record
from calotype.services.workspace import Workspace
from calotype.storage import runs as run_rows


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run that is known and has done nothing yet."""
    project: Project = create_sample_project(workspace)
    images = library.image_set(workspace, project)
    model = model_catalog.find_base_model(workspace, "starter")
    plan: TrainingPlan = training_runs.default_plan(workspace, images, Quality.QUICK, model)
    begun = Run("one", project.id, plan, project.runs_folder / "one", RunState.RUNNING, 0.0, 0, 0, None, "")
    write_run_files(begun, images)
    run_rows.add_run(workspace.database, begun, workspace.folder.projects)
    return begun


def _sitting(first: int, last: int) -> Iterator[TrainingEvent]:
    yield RunStarted("one", 9, first, 14, 4)
    for step in range(first, last + 1):
        yield StepFinished(step, 0.5, 1e-4, 1.0, 0.1, 40.0, 0)


def _steps_in_file(run: Run) -> list[int]:
    lines = map(json.loads, run.metrics_path.read_text(encoding="utf-8").splitlines())
    return [line["step"] for line in lines if line["event"] == "StepFinished"]


def test_that_steps_that_a_kill_made_the_run_repeat_are_in_the_file_once(workspace: Workspace, run: Run) -> None:
    list(Record(workspace, run).keep(_sitting(1, 5)))
    list(Record(workspace, run).keep(_sitting(4, 7)))
    list(Record(workspace, run).keep(_sitting(7, 9)))

    assert _steps_in_file(run) == list(range(1, 10))


def test_that_a_run_that_starts_over_forgets_what_it_did(workspace: Workspace, run: Run) -> None:
    list(Record(workspace, run).keep(_sitting(1, 2)))
    list(Record(workspace, run).keep(_sitting(1, 3)))

    assert _steps_in_file(run) == [1, 2, 3]


def test_that_half_a_line_of_a_killed_run_costs_no_other(workspace: Workspace, run: Run) -> None:
    list(Record(workspace, run).keep(_sitting(1, 3)))
    with run.metrics_path.open("a", encoding="utf-8") as file:
        file.write('{"event": "StepFin')

    list(Record(workspace, run).keep(_sitting(3, 4)))

    assert _steps_in_file(run) == [1, 2, 3, 4]
    assert [event.step for event in read_history(run) if isinstance(event, StepFinished)] == [1, 2, 3, 4]


def test_that_a_disk_that_takes_half_a_line_ends_the_run_before_the_line_is_told(
    workspace: Workspace, run: Run, files_limited_to: FilesLimitedTo
) -> None:
    list(Record(workspace, run).keep(_sitting(1, 1)))
    told: list[TrainingEvent] = []

    with files_limited_to(run.metrics_path.stat().st_size + 40), pytest.raises(DiskFullError):
        told.extend(Record(workspace, run).keep(_sitting(2, 2)))

    assert told == []


def test_that_a_prompt_with_a_separator_of_lines_is_read_again(workspace: Workspace, run: Run) -> None:
    prompt = "a fox\u2028on a hill\u0085at night"
    preview = PreviewReady(1, 0, prompt, 1, run.folder / "previews" / "0.png")

    list(Record(workspace, run).keep(iter([RunStarted("one", 9, 1, 14, 4), preview])))

    assert read_history(run)[1:] == [preview]


def test_that_the_numbers_of_previews_are_read_again_as_they_were_said(workspace: Workspace, run: Run) -> None:
    some = PreviewsMeasured(1, 0.5, 0.9, 1, "abc", "one.png", 1.2, False, 0.1, 0.75, -0.125)
    none = PreviewsMeasured(2, None, None, 0, "abc", "one.png", None, False, 0.1)

    list(Record(workspace, run).keep(iter([RunStarted("one", 9, 1, 14, 4), some, none])))

    assert read_history(run)[1:] == [some, none]
    assert run_rows.mean_metric(workspace.database, run.id, "subject similarity") == 0.5
    assert run_rows.mean_metric(workspace.database, run.id, "nearest training distance") == 1.2
    assert run_rows.mean_metric(workspace.database, run.id, "subject similarity by model") == 0.75
    assert run_rows.mean_metric(workspace.database, run.id, "prompt adherence") == -0.125


def test_that_temperature_and_power_are_kept_where_they_are_known(workspace: Workspace, run: Run) -> None:
    hot = StepFinished(1, 0.5, 1e-3, 0.1, 0.2, 5.0, 10**9, 61.0, 250.5)
    untold = StepFinished(2, 0.5, 1e-3, 0.1, 0.2, 5.0, 10**9)

    list(Record(workspace, run).keep(iter([RunStarted("one", 9, 1, 14, 4), hot, untold])))

    assert read_history(run)[1:] == [hot, untold]
    assert run_rows.mean_metric(workspace.database, run.id, "temperature") == 61.0
    assert run_rows.mean_metric(workspace.database, run.id, "power") == 250.5


def test_that_a_history_without_such_numbers_is_read_as_before(run: Run) -> None:
    run.folder.mkdir(parents=True, exist_ok=True)
    picture = '{"event": "PreviewReady", "step": 0, "index": 0, "prompt": "a", "seed": 1, "path": "previews/0.png"}\n'
    measured = (
        '{"event": "PreviewsMeasured", "step": 0, "similarity": 0.5, "diversity": null, "nearest_preview": 0, '
        '"nearest_hash": "abc", "nearest_name": "one.png", "nearest_distance": 1.2, "is_memorised": false, '
        '"seconds": 0.1}\n'
    )
    later = '{"event": "OfALaterVersion", "step": 0}\n'
    run.metrics_path.write_text(picture + measured + later, encoding="utf-8")

    assert read_history(run) == [
        PreviewReady(0, 0, "a", 1, run.folder / "previews/0.png"),
        PreviewsMeasured(0, 0.5, None, 0, "abc", "one.png", 1.2, False, 0.1, model_similarity=None, adherence=None),
    ]
