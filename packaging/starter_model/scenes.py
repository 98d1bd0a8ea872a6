"""Put sprites in front of backgrounds: what to draw is chosen as data first, then drawn for a whole batch at once."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from words import COLOURS

COLOUR_SPREAD = 7.0  # of 255: named colours vary, so that a name means a region and not a point
PLAIN = ("white", "black")  # these two never vary: they are what people ask for exactly


@dataclass(frozen=True, slots=True)
class Jitter:
    """How freely a thing is placed: its size of the picture's side, its turn, and how far from the middle."""

    scale: tuple[float, float] = (0.83, 0.95)
    angle_deg: float = 2.0
    shift: float = 0.6  # of the room that is left beside the thing
    roam: float = 0.0  # further, in half sides: for crops, which may show any part of the thing
    flip: float = 0.0
    gradients: float = 0.06  # share of backgrounds that run from one colour to another


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture before it is drawn. Colours are RGB in 0…1; a plain background has twice the same."""

    sprite: int
    top_colour: tuple[float, float, float]
    bottom_colour: tuple[float, float, float]
    background: str  # in words
    scale: float
    angle_deg: float
    shift_x: float  # -1…1 of the picture's half side
    shift_y: float
    is_flipped: bool


def draw_scene(sprite: int, jitter: Jitter, chance: random.Random, colour: str | None = None) -> Scene:
    """Choose everything about a picture of one sprite; a colour asked for makes the background plain."""
    top = colour or ("white" if chance.random() < 0.08 else chance.choice(list(COLOURS)))
    bottom = chance.choice(list(COLOURS)) if colour is None and chance.random() < jitter.gradients else top
    scale = chance.uniform(*jitter.scale)
    room = max(0.0, 1 - scale) * jitter.shift + jitter.roam
    first = _varied(top, chance)
    return Scene(
        sprite=sprite,
        top_colour=first,
        bottom_colour=first if bottom == top else _varied(bottom, chance),
        background=top if bottom == top else f"{top} and {bottom} gradient",
        scale=scale,
        angle_deg=chance.gauss(0, jitter.angle_deg),
        shift_x=chance.uniform(-room, room),
        shift_y=chance.uniform(-room, room),
        is_flipped=chance.random() < jitter.flip,
    )


def plain_scene(sprite: int, colour: str, scale: float = 0.88) -> Scene:
    """The sprite upright in the middle of an exact colour."""
    red, green, blue = (value / 255 for value in COLOURS[colour])
    exact = (red, green, blue)
    return Scene(sprite, exact, exact, colour, scale, 0.0, 0.0, 0.0, False)


def paint(sprites: Tensor, scenes: Sequence[Scene], device: torch.device, crop_px: int = 0) -> Tensor:
    """Draw scenes. Shapes: sprites (count, 4, side, side) uint8, result (scenes, 3, side, side) in -1…1.

    With `crop_px` only the middle of each picture is drawn: cheap pictures for the VAE, which need not be whole.
    """
    side = crop_px or sprites.shape[-1]
    chosen = sprites[[scene.sprite for scene in scenes]].to(device).float() / 255  # (scenes, 4, side, side)
    matrices = torch.tensor([_matrix(scene, side / sprites.shape[-1]) for scene in scenes], device=device)
    grid = functional.affine_grid(matrices, [len(scenes), 4, side, side], align_corners=False)
    placed = functional.grid_sample(chosen, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    ramp = torch.linspace(0, 1, side, device=device)[None, None, :, None]
    top = torch.tensor([scene.top_colour for scene in scenes], device=device)[:, :, None, None]
    bottom = torch.tensor([scene.bottom_colour for scene in scenes], device=device)[:, :, None, None]
    behind = top * (1 - ramp) + bottom * ramp
    return (placed[:, :3] + behind * (1 - placed[:, 3:])).clamp(0, 1) * 2 - 1


def _varied(colour: str, chance: random.Random) -> tuple[float, float, float]:
    spread = 0.0 if colour in PLAIN else COLOUR_SPREAD
    red, green, blue = (min(255.0, max(0.0, chance.gauss(value, spread))) / 255 for value in COLOURS[colour])
    return red, green, blue


def _matrix(scene: Scene, window: float) -> list[list[float]]:
    """From places in the picture to places in the sprite, both in -1…1; `window` is the share of the side drawn."""
    angle = math.radians(scene.angle_deg)
    cos, sin = math.cos(angle) / scene.scale, math.sin(angle) / scene.scale
    side = -1.0 if scene.is_flipped else 1.0
    x, y = scene.shift_x, scene.shift_y
    return [
        [window * cos * side, window * sin * side, -(cos * x + sin * y) * side],
        [-window * sin, window * cos, sin * x - cos * y],
    ]
