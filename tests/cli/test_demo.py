"""calotype demo and calotype selftest: the whole way, shortened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from safetensors import safe_open

from calotype.cli import demo
from calotype.cli.contact_sheet import HEAD_PX
from calotype.domain.control import Control, Stop

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
def test_that_the_demo_leaves_its_results_and_nothing_else(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "PROMPT_COUNT", 2)  # a quarter of the pictures on either sheet
    monkeypatch.setattr(demo, "SEED_COUNT", 1)
    folder = tmp_path / "demo"

    answer = call("demo", "--out", folder, "--steps", 3, "--json")

    values = answer.values
    made = {path.name for path in folder.iterdir()}
    assert answer.code == 0
    assert values.keys() >= SUMMARY
    assert values["steps"] == 3
    assert values["images_trained"] >= 12
    assert values["images_held_out"] >= 3
    assert Path(values["lora_path"]).parent == folder
    assert made >= {"before.png", "after.png", "curves.png", "metrics.jsonl", "summary.json", "zorbi.safetensors"}
    assert [name for name in made if name.startswith(".")] == []
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == values
    with safe_open(values["lora_path"], framework="np") as file:
        assert file.metadata()["modelspec.trigger_phrase"] == "zorbi"
    _require_sheets_that_differ_by_the_lora_alone(folder)


def _require_sheets_that_differ_by_the_lora_alone(folder: Path) -> None:
    with Image.open(folder / "before.png") as before, Image.open(folder / "after.png") as after:
        captions = (0, 0, before.width, HEAD_PX - 4)  # the tiles below are smoothed over the edge
        assert before.size == after.size
        assert ImageChops.difference(before.crop(captions), after.crop(captions)).getbbox() is None
        assert ImageChops.difference(before, after).getbbox() is not None


@pytest.mark.slow
def test_that_the_selftest_goes_through_everything_that_a_run_needs(call: Any, home: Path) -> None:
    answer = call("selftest", "--json")

    checks = [check["name"] for check in answer.values["checks"]]
    assert answer.code == 0
    assert checks == ["imports", "resources", "device", "import", "training step", "picture", "LoRA file"]
    assert not home.exists()


def test_that_a_demo_that_is_stopped_at_once_says_so(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped() -> Control:
        control = Control()
        control.send(Stop())
        return control

    monkeypatch.setattr(demo, "Control", stopped)

    answer = call("demo", "--out", tmp_path / "demo")

    assert answer.code == 130
    assert "The run ended before it began." in answer.out
    assert "fault" not in answer.err
