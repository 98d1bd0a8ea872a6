"""Whatever the small files of a model folder say, it is described or refused with a sentence."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from calotype.diffusion.model_folder import read_model_card
from calotype.domain.errors import BaseModelError, BaseModelUnsupportedError

FILES = ("model_index.json", *(f"{part}/config.json" for part in ("unet", "vae", "text_encoder")))
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    3,
    2**70,
    1.5,
    "",
    "x",
    "text_time",
    [],
    [0],
    [None, 2],
    {},
    {"a": 1},
    [[1]],
)


@pytest.fixture
def folder(starter_folder: Path, tmp_path: Path) -> Path:
    """A folder with the small files of the starter, and its weights by link."""
    return Path(shutil.copytree(starter_folder, tmp_path / "model", copy_function=_link))


def _link(source: str, target: str) -> None:
    shutil.copyfile(source, target) if source.endswith(".json") else Path(target).symlink_to(source)


@pytest.mark.parametrize("name", [*FILES, "scheduler/scheduler_config.json"])
@pytest.mark.parametrize("seed", range(2))
def test_that_strange_values_never_end_in_a_crash(name: str, seed: int, folder: Path) -> None:
    """Two hundred configurations a seed, with one to three of their values replaced or left out."""
    chance, path = random.Random(f"{name} {seed}"), folder / name
    whole = json.loads(path.read_text(encoding="utf-8"))
    if name == "unet/config.json":
        whole |= {"addition_embed_type": None, "projection_class_embeddings_input_dim": 1, "addition_time_embed_dim": 1}
    for _ in range(200):
        changed = dict(whole)
        for key in chance.sample(sorted(changed), min(len(changed), chance.randint(1, 3))):
            changed[key] = chance.choice(VALUES)
            if chance.random() < 0.2:
                del changed[key]
        path.write_text(json.dumps(changed), encoding="utf-8")
        try:
            read_model_card(folder, "m", "My model")
        except BaseModelError as error:
            assert "My model" in str(error)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '"a"', "NaN", "\ud800"])
def test_that_what_is_no_configuration_is_named(name: str, text: str, folder: Path) -> None:
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(BaseModelUnsupportedError, match=name):
        read_model_card(folder, "m", "My model")
