"""A run whose process is killed goes on in the next one, in the terminal and in the window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.domain.events import StepFinished
from calotype.domain.runs import RunState
from calotype.services import training_runs
from calotype.services.projects import create_sample_project
from calotype.services.workspace import close_workspace, open_workspace

TINY = ["rank=4", "targets=attention", "batch_size=2", "checkpoint_every=2", "validate_every=6"]
TINY += ["preview_every=100", "preview_steps=1"]


def _calotype(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "calotype", "--home", str(home), *words]


def _wait_for(is_there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Read the process's progress line by line until something is there; its end is a failure."""
    assert process.stderr is not None
    for _line in process.stderr:
        if is_there():
            return
    pytest.fail("the process ended before it was killed")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is for POSIX")
def test_that_a_killed_run_is_offered_and_finishes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    workspace = open_workspace(home)
    project = create_sample_project(workspace)
    settings = [word for setting in TINY for word in ("--set", setting)]
    command = _calotype(home, "train", project.name, "--steps", "12", *settings)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)

    _wait_for(lambda: bool(list(home.glob("projects/*/runs/*/checkpoints/state.safetensors"))), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()  # type: ignore[union-attr]

    interrupted = training_runs.interrupted_runs(workspace)
    assert [run.state for run in interrupted] == [RunState.INTERRUPTED]
    again = subprocess.run(
        _calotype(home, "--json", "train", project.name, "--resume", interrupted[0].id),
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)
    run = training_runs.find_run(workspace, interrupted[0].id)
    assert (run.state, run.last_step) == (RunState.COMPLETED, 12)
    steps = [event.step for event in training_runs.history(workspace, run) if isinstance(event, StepFinished)]
    assert steps == list(range(1, 13))
    close_workspace(workspace)
