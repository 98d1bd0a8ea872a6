"""The recipe of the Starter: its words, its pictures, and the whole of it on a budget of seconds."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "packaging" / "starter_model"
PARTS = ("art", "likeness", "scenes", "training", "team", "words")


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of the recipe, which is a folder of programs and not a package."""
    monkeypatch.syspath_prepend(str(RECIPE))
    known = set(sys.modules)
    yield {name: __import__(name) for name in PARTS}
    for name in set(sys.modules) - known:
        if name in {path.stem for path in RECIPE.glob("*.py")}:
            del sys.modules[name]


def test_that_held_out_things_are_in_no_training_data(recipe: dict[str, ModuleType]) -> None:
    words, art = recipe["words"], recipe["art"]

    trained = {sprite.label for sprite in art.load_sprites(("3d", "flat"))}

    assert len(words.HELD_OUT) >= 10
    assert not trained & set(words.HELD_OUT)
    assert not set(words.CONCEPTS) & set(words.HELD_OUT)


def test_that_the_word_test_has_its_two_hundred_things(recipe: dict[str, ModuleType]) -> None:
    words, art = recipe["words"], recipe["art"]

    drawn = [sprite.label for sprite in art.load_sprites(("3d",), words.CONCEPTS)]

    assert len(words.CONCEPTS) >= 200
    assert sorted(drawn) == sorted(set(words.CONCEPTS))


def test_that_the_archive_states_its_licences(recipe: dict[str, ModuleType]) -> None:
    import tarfile

    with tarfile.open(recipe["art"].ART) as archive:
        about = json.load(archive.extractfile("about.json") or pytest.fail("about.json is missing"))

    assert [source["licence"] for source in about["sources"]] == ["MIT", "MIT", "MIT"]


def test_that_a_plain_scene_has_exactly_its_colour_behind(recipe: dict[str, ModuleType]) -> None:
    scenes = recipe["scenes"]
    sprite = torch.zeros(1, 4, 16, 16, dtype=torch.uint8)

    picture = scenes.paint(sprite, [scenes.plain_scene(0, "black")], torch.device("cpu"))

    assert picture.shape == (1, 3, 16, 16)
    red, green, blue = ((picture[0, :, 0, 0] + 1) * 127.5).tolist()
    assert (round(red), round(green), round(blue)) == (16, 16, 18)


def test_that_a_sprite_lands_where_its_scene_says(recipe: dict[str, ModuleType]) -> None:
    from dataclasses import replace

    scenes = recipe["scenes"]
    sprite = torch.full((1, 4, 32, 32), 255, dtype=torch.uint8)
    right = replace(scenes.plain_scene(0, "black", scale=0.5), shift_x=0.5)

    picture = scenes.paint(sprite, [right], torch.device("cpu"))[0, 0]

    assert picture[16, 24] > 0.99  # white in the middle of the right half
    assert picture[16, 8] < -0.8  # and nothing in the left one


def test_that_captions_name_thing_and_background(recipe: dict[str, ModuleType]) -> None:
    words, chance = recipe["words"], random.Random(1)

    captions = [words.draw_caption("alien", "mint", chance) for _ in range(400)]

    standard = words.standard_caption("alien", "mint")
    assert 0.5 < captions.count(standard) / len(captions) < 0.7
    assert 0.03 < captions.count("") / len(captions) < 0.15
    assert all("alien" in caption for caption in captions if caption)


def test_that_the_judge_finds_a_thing_in_another_place_and_size(recipe: dict[str, ModuleType]) -> None:
    words, art, scenes, likeness = (recipe[name] for name in ("words", "art", "scenes", "likeness"))
    from PIL import Image

    sprites = art.load_sprites(("3d",), words.HELD_OUT)
    pixels = torch.stack([sprite.pixels for sprite in sprites])
    chance = random.Random(2)

    def described(drawn: list[Any]) -> list[Any]:
        values = ((scenes.paint(pixels, drawn, torch.device("cpu")) + 1) * 127.5).to(torch.uint8)
        return [likeness.describe(Image.fromarray(value.permute(1, 2, 0).numpy())) for value in values]

    views = [[view] for view in described([scenes.plain_scene(place, "teal") for place in range(len(sprites))])]
    moved = described([scenes.draw_scene(place, scenes.Jitter(), chance, "teal") for place in range(len(sprites))])

    assert [likeness.best_match(seen, views) for seen in moved] == list(range(len(sprites)))


def test_that_the_learning_rate_rises_and_falls(recipe: dict[str, ModuleType]) -> None:
    share = recipe["training"].learning_rate_share

    assert share(0.01) == pytest.approx(0.5)
    assert share(0.02) == pytest.approx(1.0)
    assert share(0.51) == pytest.approx(0.51)  # half of the cosine: 0.02 + 0.98 / 2
    assert share(1.0) == pytest.approx(0.02)


@pytest.mark.slow
def test_that_the_whole_recipe_makes_a_pipeline_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    script = (
        "import sys, dataclasses, pathlib, torch, build\n"
        "work, minutes = pathlib.Path(sys.argv[1]), float(sys.argv[2])\n"
        "times = {part + '_minutes': minutes for part in ('vae', 'naming', 'denoiser')}\n"
        "recipe = dataclasses.replace(build.TINY, **times)\n"
        "build.build(recipe, work, 1, torch.device('cpu'))\n"
    )
    work = tmp_path / "work"

    for minutes in ("0.02", "0.04"):
        finished = subprocess.run(
            [sys.executable, "-c", script, work, minutes],
            cwd=RECIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        steps = [int(line.split("step ")[1].split(":")[0]) for line in finished.stdout.splitlines() if "step " in line]
        assert len(steps) == 3  # the last report of each part
        if minutes == "0.02":
            first = steps
    assert all(later > earlier for later, earlier in zip(steps, first, strict=True))

    pipeline = StableDiffusionPipeline.from_pretrained(work / "model", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("lion, 3d render, red background", num_inference_steps=2, height=128, width=128).images[0]
    assert picture.size == (128, 128)
    assert not list(work.rglob("*.bin")) + list(work.rglob("*.pt"))  # no pickles
