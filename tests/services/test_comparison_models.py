"""The model that compares previews, from the settings to the record of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.control import Control
from calotype.domain.errors import ComparisonModelMissingError, ComparisonModelUnsupportedError
from calotype.domain.events import PreviewsMeasured
from calotype.domain.imageset import Project
from calotype.domain.plan import override
from calotype.domain.presets import Quality
from calotype.domain.runs import Run
from calotype.domain.settings import Settings
from calotype.services import library, model_catalog, training_runs
from calotype.services.comparison_models import comparison_model, trouble_with_comparison_model
from calotype.services.workspace import Workspace, save_settings
from calotype.storage import runs as run_rows

MakeVisionFolder = Callable[[str], Path]
TINY = {"step_count": "2", "batch_size": "2", "rank": "4", "preview_every": "2", "preview_steps": "2"}


@pytest.fixture
def train(workspace: Workspace, sample: Project) -> Callable[[], Run]:
    """Trains for two steps with the settings as they are."""
    images = library.image_set(workspace, sample)
    model = model_catalog.find_base_model(workspace, "starter")
    plan = override(training_runs.default_plan(workspace, images, Quality.QUICK, model), TINY)

    def run() -> Run:
        list(training_runs.start(workspace, sample, plan, Control()))
        return training_runs.list_runs(workspace, sample)[0]

    return run


def test_that_only_a_folder_that_can_compare_is_taken(
    vision_folder: MakeVisionFolder, starter_folder: Path, tmp_path: Path
) -> None:
    card = comparison_model(vision_folder("clip"))

    assert (card.name, card.reads_text) == ("clip", True)
    with pytest.raises(ComparisonModelUnsupportedError, match="starter"):
        comparison_model(starter_folder)
    with pytest.raises(ComparisonModelMissingError, match="nowhere"):
        comparison_model(tmp_path / "nowhere")


def test_that_a_choice_that_went_bad_is_noticed(vision_folder: MakeVisionFolder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(vision_folder("dinov2"), tmp_path / "mine"))
    chosen = Settings(comparison_model=str(folder))
    before = trouble_with_comparison_model(chosen)

    (folder / "model.safetensors").unlink()

    assert before is None
    assert isinstance(trouble_with_comparison_model(chosen), ComparisonModelMissingError)
    assert trouble_with_comparison_model(replace(chosen, comparison_model="")) is None


def test_that_a_run_compares_by_the_model_of_the_settings_and_records_it(
    workspace: Workspace, vision_folder: MakeVisionFolder, train: Callable[[], Run]
) -> None:
    save_settings(workspace, Settings(thread_count=1, comparison_model=str(vision_folder("clip"))))

    run = train()

    told = [event for event in training_runs.history(workspace, run) if isinstance(event, PreviewsMeasured)]
    assert [event.step for event in told] == [0, 2]
    assert told[0].adherence == 0.0
    assert told[1].adherence not in (None, 0.0)
    assert run_rows.mean_metric(workspace.database, run.id, "prompt adherence") == pytest.approx(
        (told[1].adherence or 0) / 2
    )
