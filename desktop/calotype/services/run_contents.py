"""Everything there is to tell of a run, gathered from its files, for reports and comparisons."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from calotype import __version__
from calotype.domain.errors import CalotypeError
from calotype.domain.imageset import Project
from calotype.domain.run_log import RunLog
from calotype.domain.runs import Run, RunState
from calotype.domain.verdict import Verdict
from calotype.services.model_catalog import find_base_model
from calotype.services.projects import find_project
from calotype.services.run_files import captions_by_hash, held_out_captions, held_out_hashes, read_history
from calotype.services.run_notes import read_notes
from calotype.services.training_runs import find_run, list_runs
from calotype.services.workspace import Workspace

_PACKAGES = ("torch", "diffusers", "peft")


@dataclass(frozen=True, slots=True)
class RunContents:
    """One run, whole. `number` counts the runs of the project from 1, as the window does."""

    run: Run
    number: int
    project: Project
    base_name: str
    log: RunLog
    verdict: Verdict
    captions: tuple[str, ...]  # of the held-out pictures
    held_out: frozenset[str]  # their content hashes
    all_captions: Mapping[str, str]  # of every picture by its content hash
    notes: str
    has_captions: bool  # False: nothing that was written about a picture is told

    @property
    def is_running(self) -> bool:
        """True if the run goes on while the report is written."""
        return self.run.state is RunState.RUNNING

    @property
    def started(self) -> datetime:
        """When the run began, by the clock of this computer."""
        return datetime.fromtimestamp(self.run.started_at)

    def without_captions(self) -> RunContents:
        """The same without captions, prompts (which are captions) and error texts (which name folders)."""
        return replace(self, captions=(), all_captions={}, has_captions=False, run=replace(self.run, failure=""))


def gather(workspace: Workspace, run_id: str) -> RunContents:
    """Read a run. Raises RunNotFoundError or ProjectNotFoundError."""
    run = find_run(workspace, run_id)
    project = find_project(workspace, run.project_id)
    older = [other for other in list_runs(workspace, project) if other.started_at <= run.started_at]
    log = RunLog.of(read_history(run))
    return RunContents(
        run=run,
        number=len(older),
        project=project,
        base_name=_base_name(workspace, run.plan.base_model),
        log=log,
        verdict=log.verdict_now(is_over=run.state is not RunState.RUNNING),
        captions=held_out_captions(run),
        held_out=held_out_hashes(run),
        all_captions=captions_by_hash(run),
        notes=read_notes(run),
        has_captions=True,
    )


def _base_name(workspace: Workspace, model_id: str) -> str:
    """What the user calls the base model; its id if it is gone."""
    try:
        return find_base_model(workspace, model_id).name
    except CalotypeError:
        return model_id


def versions() -> dict[str, str]:
    """The programs that this computer has now, by name."""
    known = {"Calotype": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            known[package] = version(package)
        except PackageNotFoundError:
            continue
    return {**known, "System": f"{platform.system()} {platform.machine()}"}
