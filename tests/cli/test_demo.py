"""calotype demo and calotype selftest: the whole way, shortened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from safetensors import safe_open

SUMMARY = {
    "steps",
    "seconds",
    "base_validation_loss",
    "best_validation_ratio",
    "best_step",
    "images_trained",
    "images_held_out",
    "lora_path",
}


@pytest.mark.slow
def test_that_the_demo_leaves_its_results_and_nothing_else(call: Any, tmp_path: Path) -> None:
    answer = call("demo", "--out", tmp_path / "demo", "--steps", 4, "--json")

    values = answer.values
    made = {path.name for path in (tmp_path / "demo").iterdir()}
    assert answer.code == 0
    assert values.keys() >= SUMMARY
    assert values["steps"] == 4
    assert values["images_trained"] >= 12
    assert values["images_held_out"] >= 3
    assert Path(values["lora_path"]).parent == tmp_path / "demo"
    assert made >= {"before.png", "after.png", "curves.png", "metrics.jsonl", "summary.json", "zorbi.safetensors"}
    assert [name for name in made if name.startswith(".")] == []
    assert json.loads((tmp_path / "demo" / "summary.json").read_text(encoding="utf-8")) == values
    with safe_open(values["lora_path"], framework="np") as file:
        assert file.metadata()["modelspec.trigger_phrase"] == "zorbi"


@pytest.mark.slow
def test_that_the_sheets_of_the_demo_differ_by_the_lora_alone(call: Any, tmp_path: Path) -> None:
    call("demo", "--out", tmp_path / "demo", "--steps", 2)

    with Image.open(tmp_path / "demo" / "before.png") as before, Image.open(tmp_path / "demo" / "after.png") as after:
        assert before.size == after.size
        captions = (0, 0, before.width, 48)
        assert ImageChops.difference(before.crop(captions), after.crop(captions)).getbbox() is None
        assert ImageChops.difference(before, after).getbbox() is not None


@pytest.mark.slow
def test_that_the_selftest_goes_through_everything_that_a_run_needs(call: Any, home: Path) -> None:
    answer = call("selftest", "--json")

    checks = [check["name"] for check in answer.values["checks"]]
    assert answer.code == 0
    assert checks == ["imports", "resources", "device", "import", "training step", "picture", "LoRA file"]
    assert not home.exists()
