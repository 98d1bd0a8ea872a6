"""calotype models compare-with: the model that compares previews, chosen in a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

MakeVisionFolder = Callable[[str], Path]


def test_that_a_model_is_chosen_said_and_left_again(call: Any, home: Path, vision_folder: MakeVisionFolder) -> None:
    folder = vision_folder("dinov2")

    chosen = call("models", "compare-with", folder, "--json")
    said = call("models", "compare-with")
    left = call("models", "compare-with", "--none", "--json")

    assert chosen.values == {"comparison_model": str(folder)}
    assert str(folder) in said.out
    assert left.values == {"comparison_model": ""}


def test_that_a_folder_that_cannot_compare_changes_nothing(
    call: Any, home: Path, vision_folder: MakeVisionFolder, starter_folder: Path
) -> None:
    call("models", "compare-with", vision_folder("clip"))

    refused = call("models", "compare-with", starter_folder)
    both = call("models", "compare-with", starter_folder, "--none")

    assert refused.code == 1 and "Stable Diffusion" in refused.err
    assert both.code == 2
    assert call("models", "compare-with", "--json").values == {"comparison_model": str(vision_folder("clip"))}


def test_that_training_says_that_the_chosen_model_is_gone_and_goes_on(
    call: Any, home: Path, pictures: Path, vision_folder: MakeVisionFolder, tmp_path: Path, caplog: Any
) -> None:
    folder = Path(shutil.copytree(vision_folder("dinov2"), tmp_path / "my model"))
    call("new", "Blob", "--trigger", "blob")
    call("import", "Blob", pictures)
    call("models", "compare-with", folder)
    shutil.rmtree(folder)

    trained = call("train", "Blob", "--steps", "1", "--set", "batch_size=1", "--set", "preview_steps=1", "--json")

    assert trained.code == 0
    assert "Previews are compared by the base model only" in trained.err and "my model" in trained.err
    assert trained.values["previews"]["subject_similarity_by_model"] is None
