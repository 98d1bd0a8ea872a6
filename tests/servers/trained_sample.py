"""Data folders in which the sample was trained: each trained once in a process, and copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calotype.services.workspace import Workspace

TrainedHome = Callable[[Mapping[str, str]], Path]
OpenTrained = Callable[[Mapping[str, str]], "Workspace"]


@pytest.fixture(scope="session")
def _trained_home(tmp_path_factory: pytest.TempPathFactory) -> TrainedHome:
    """Makes a data folder with a run of the sample that has ended, with the quick plan and these settings."""
    made: dict[tuple[tuple[str, str], ...], Path] = {}

    def make(settings: Mapping[str, str]) -> Path:
        key = tuple(sorted(settings.items()))
        if key not in made:
            home = tmp_path_factory.mktemp("trained") / "home"
            _train_sample(home, settings)
            made[key] = home
        return made[key]

    return make


def _train_sample(home: Path, settings: Mapping[str, str]) -> None:
    from calotype.domain.control import Control
    from calotype.domain.plan import override
    from calotype.domain.presets import Quality
    from calotype.services import library, model_catalog, training_runs
    from calotype.services.projects import create_sample_project
    from calotype.services.workspace import close_workspace, open_workspace

    workspace = open_workspace(home)
    project = create_sample_project(workspace)
    images = library.image_set(workspace, project)
    model = model_catalog.find_base_model(workspace, "starter")
    plan = override(training_runs.default_plan(workspace, images, Quality.QUICK, model), settings)
    list(training_runs.start(workspace, project, plan, Control()))
    close_workspace(workspace)


@pytest.fixture
def open_trained(_trained_home: TrainedHome, tmp_path: Path) -> Iterator[OpenTrained]:
    """Opens a copy, of this test's own, of a data folder in which the sample was trained with these settings."""
    from calotype.services.workspace import close_workspace, open_workspace

    opened: list[Workspace] = []

    def open_copy(settings: Mapping[str, str]) -> Workspace:
        home = tmp_path / f"trained-{len(opened)}"
        shutil.copytree(_trained_home(settings), home)
        opened.append(open_workspace(home))
        return opened[-1]

    yield open_copy
    for workspace in opened:
        close_workspace(workspace)
