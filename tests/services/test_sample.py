"""The sample that ships is what our own code draws, and its captions say what is seen."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from calotype.services.sample_project import sample_set

SHIPPED = Path(str(files("calotype_resources"))) / "sample"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    path = Path(__file__).parents[2] / "packaging" / "sample_set" / "draw_sample.py"
    spec = importlib.util.spec_from_file_location("draw_sample", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw_sample"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_that_the_shipped_sample_is_what_the_code_draws(drawing: ModuleType, tmp_path: Path) -> None:
    drawing.write_sample(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in SHIPPED.iterdir()}
    for path in sorted(tmp_path.glob("*.png")):
        drawn, shipped = (_values(p) for p in (path, SHIPPED / path.name))
        assert np.abs(drawn - shipped).mean() < 1  # another Pillow may round differently
        assert path.with_suffix(".txt").read_text() == (SHIPPED / path.name).with_suffix(".txt").read_text()
    assert json.loads((tmp_path / "sample.json").read_text()) == json.loads((SHIPPED / "sample.json").read_text())


def test_that_the_sample_has_enough_pictures_in_varied_poses_and_places(drawing: ModuleType) -> None:
    training = [scene for scene in drawing.SCENES if not scene.is_held_out]

    assert 12 <= len(training) <= 16 and len(drawing.SCENES) - len(training) == len(sample_set().held_out) >= 2
    assert {scene.pose for scene in training} == set(drawing.POSES)
    assert len({scene.background for scene in training}) >= 10
    assert len({scene.caption for scene in drawing.SCENES}) == len(drawing.SCENES)


def _values(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=float)
