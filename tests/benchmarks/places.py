"""A throw-away data folder with the sample project in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from calotype.domain.imageset import ImageSet, Project
from calotype.domain.models import BaseModelCard
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.services import library, model_catalog, projects, training_runs
from calotype.services.workspace import Workspace, close_workspace, open_workspace


@dataclass(frozen=True, slots=True)
class Place:
    """Everything that a measurement starts from."""

    workspace: Workspace
    project: Project
    pictures: ImageSet
    model: BaseModelCard
    plan: TrainingPlan
    scratch: Path


@contextmanager
def sample_place() -> Iterator[Place]:
    """The sample project with the balanced plan; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="calotype-bench-") as folder:
        workspace = open_workspace(Path(folder, "home"))
        try:
            project = projects.create_sample_project(workspace)
            pictures = library.image_set(workspace, project)
            model = model_catalog.find_base_model(workspace, "starter")
            plan = training_runs.default_plan(workspace, pictures, Quality.BALANCED, model)
            yield Place(workspace, project, pictures, model, plan, Path(folder))
        finally:
            close_workspace(workspace)
