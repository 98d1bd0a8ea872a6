"""What the measurements of the Starter share: the art of its recipe, and pictures of it to compare with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "packaging" / "starter_model"
sys.path.insert(0, str(RECIPE))

from art import Sprite, load_sprites  # noqa: E402  (the recipe is not a package: `packaging` would hide PyPI's)
from likeness import Floats, best_match, describe  # noqa: E402
from scenes import Jitter, Scene, draw_scene, paint, plain_scene  # noqa: E402
from words import COLOURS, CONCEPTS, HELD_OUT, STYLE_WORDS, standard_caption  # noqa: E402

__all__ = [
    "COLOURS",
    "CONCEPTS",
    "HELD_OUT",
    "ROOT",
    "STYLE_WORDS",
    "Jitter",
    "Scene",
    "Sprite",
    "best_match",
    "describe",
    "draw_scene",
    "draw_scenes",
    "load_sprites",
    "plain_scene",
    "standard_caption",
    "views_on",
]

VIEW_SCALES = (0.84, 0.89, 0.94)


def draw_scenes(sprites: Sequence[Sprite], scenes: Sequence[Scene]) -> list[Image.Image]:
    """Pictures of scenes whose numbers count `sprites`."""
    drawn = paint(torch.stack([sprite.pixels for sprite in sprites]), scenes, torch.device("cpu"))
    values = ((drawn + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return [Image.fromarray(value) for value in values]


def views_on(sprites: Sequence[Sprite], colour: str) -> list[list[Floats]]:
    """Each sprite described at three sizes, in the middle of one background."""
    scenes = [plain_scene(place, colour, scale) for place in range(len(sprites)) for scale in VIEW_SCALES]
    found = [describe(picture) for picture in draw_scenes(sprites, scenes)]
    return [found[place : place + len(VIEW_SCALES)] for place in range(0, len(found), len(VIEW_SCALES))]
