"""What a run on a Stable Diffusion XL checkpoint will need, from its header alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.imageset import Project
from calotype.domain.presets import Quality
from calotype.domain.recognised import ModelKind
from calotype.services import library, model_catalog, training_runs
from calotype.services.workspace import Workspace


def test_that_memory_and_weights_are_told_before_anything_is_loaded(
    workspace: Workspace, sample: Project, write_tensors: Callable[..., Path]
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SDXL).values() for key, shape in part.items()}
    model = model_catalog.add_base_model(workspace, write_tensors("xl.safetensors", shapes))
    images = library.image_set(workspace, sample)
    plan = training_runs.default_plan(workspace, images, Quality.BALANCED, model)

    needed = training_runs.estimate(workspace, plan, images)

    assert needed.trained_parameters == 2 * 42_557_440  # twice as many as kohya's scripts make at rank 16
    assert needed.seconds is None
    # Weights twice as large as in the file, four numbers for each trained weight, and one GiB for the program; what a
    # step keeps at 1024 pixels was counted as 12.68 GiB, and as 1.18 GiB with gradient checkpointing.
    always = 2 * model.size_bytes + 16 * needed.trained_parameters + 2**30
    assert needed.memory_bytes == pytest.approx(always + 12.68 * 2**30, rel=0.01)
    assert needed.least_memory_bytes == pytest.approx(always + 1.18 * 2**30, rel=0.01)
