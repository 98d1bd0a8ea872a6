"""Draw the sample image set: Zorbi, a round one-eyed creature that no model has ever seen, with true captions.

    python packaging/sample_set/draw_sample.py resources/calotype_resources/sample

Large shapes and few saturated colours, so that a model of 128 pixels learns it in minutes; many poses, sizes and
backgrounds, so that it learns the creature and not one picture of it. The result depends on nothing but this file.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE_PX = 256
CANVAS_PX = 1024  # drawn four times as large, so that every edge is smooth
TRIGGER_WORD = "zorbi"

TEAL, TEAL_SHADE, ORANGE = (38, 200, 182), (20, 150, 140), (255, 160, 62)
PURPLE, RED, WHITE, INK = (112, 66, 176), (232, 58, 62), (255, 255, 255), (30, 28, 42)
# Backgrounds of the starter model, by its names, without those too near to the colours of the creature.
BACKGROUNDS = {
    "white": (255, 255, 255),
    "black": (16, 16, 18),
    "gray": (140, 142, 146),
    "orange": (245, 146, 52),
    "yellow": (250, 215, 70),
    "green": (70, 170, 84),
    "blue": (52, 112, 220),
    "sky blue": (140, 200, 245),
    "navy": (28, 40, 92),
    "pink": (246, 148, 188),
    "brown": (126, 84, 54),
    "beige": (238, 222, 190),
}


@dataclass(frozen=True)
class Pose:
    """Where the arms point (degrees below level), how the body leans, and whether the eye is half closed."""

    left_arm: float
    right_arm: float
    lean: float = 0.0
    is_sleepy: bool = False
    is_jumping: bool = False


POSES = {
    "standing": Pose(38, 38),
    "waving": Pose(38, -58),
    "arms up": Pose(-58, -58),
    "leaning left": Pose(58, -8, lean=15),
    "leaning right": Pose(-8, 58, lean=-15),
    "sleepy": Pose(66, 66, is_sleepy=True),
    "jumping": Pose(-20, -20, is_jumping=True),
}


@dataclass(frozen=True)
class Scene:
    """One picture: what its caption says, and whether it is held out."""

    pose: str
    background: str
    size: float  # of the creature, of the picture's side
    is_held_out: bool = False

    @property
    def caption(self) -> str:
        """What the picture shows, in words that the starter model knows."""
        return f"{TRIGGER_WORD}, 3d render, {self.pose}, {self.background} background"


SCENES = (
    Scene("standing", "white", 0.96),
    Scene("waving", "blue", 0.92),
    Scene("arms up", "pink", 0.90, is_held_out=True),
    Scene("leaning left", "white", 0.94),
    Scene("sleepy", "navy", 0.92),
    Scene("jumping", "orange", 0.86),
    Scene("standing", "blue", 0.82),
    Scene("leaning right", "beige", 0.95),
    Scene("waving", "black", 0.88),
    Scene("standing", "yellow", 0.90),
    Scene("arms up", "white", 0.84, is_held_out=True),
    Scene("arms up", "green", 0.95),
    Scene("sleepy", "sky blue", 0.97, is_held_out=True),
    Scene("waving", "pink", 0.96),
    Scene("leaning left", "yellow", 0.84),
    Scene("jumping", "gray", 0.95),
    Scene("leaning right", "black", 0.90, is_held_out=True),
    Scene("standing", "brown", 0.86),
)


def draw(scene: Scene, seed: int) -> Image.Image:
    """Draw one scene; the seed moves the eye, the antennae and the place a little."""
    chance = random.Random(seed)
    pose = POSES[scene.pose]
    creature = _creature(pose, chance).rotate(pose.lean + chance.uniform(-3, 3), Image.Resampling.BICUBIC)
    size = round(CANVAS_PX * scene.size)
    creature = creature.resize((size, size), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (*BACKGROUNDS[scene.background], 255))
    room = (CANVAS_PX - size) // 2
    lift = 40 if pose.is_jumping else 0
    left = room + round(chance.uniform(-0.6, 0.6) * room)
    top = max(0, room + round(chance.uniform(-0.5, 0.5) * room) - lift)
    picture.alpha_composite(creature, (left, top))
    return picture.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)


def _creature(pose: Pose, chance: random.Random) -> Image.Image:
    picture = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (0, 0, 0, 0))
    for side in (-1, 1):
        _antenna(picture, side, chance.uniform(-14, 14))
        _boot(picture, side, pose)
        _arm(picture, side, pose.left_arm if side < 0 else pose.right_arm)
    _ball(picture, (512, 560), (312, 300), TEAL)
    _ball(picture, (512, 722), (176, 122), ORANGE)
    _face(picture, pose, chance)
    return picture


def _antenna(picture: Image.Image, side: int, sway: float) -> None:
    top = (512 + side * 190 + sway, 132)
    _limb(picture, (512 + side * 110, 340), top, 34, TEAL_SHADE)
    _ball(picture, top, (66, 66), RED)


def _boot(picture: Image.Image, side: int, pose: Pose) -> None:
    spread = 30 if pose.is_jumping else 0
    _ball(picture, (512 + side * (142 + spread), 878), (112, 86), PURPLE)


def _arm(picture: Image.Image, side: int, degrees: float) -> None:
    start = (512 + side * 262, 590)
    angle = math.radians(degrees)
    hand = (start[0] + side * 168 * math.cos(angle), start[1] + 168 * math.sin(angle))
    _limb(picture, start, hand, 84, TEAL_SHADE)
    _ball(picture, hand, (76, 76), TEAL)


def _face(picture: Image.Image, pose: Pose, chance: random.Random) -> None:
    x, y = 512, 448
    _ball(picture, (x, y), (158, 158), WHITE, shade=0.1)
    look = (x + chance.uniform(-34, 34), y + chance.uniform(-8, 30))
    brush = ImageDraw.Draw(picture)
    brush.ellipse(_box(look, (84, 84)), fill=INK)
    brush.ellipse(_box((look[0] - 30, look[1] - 34), (28, 28)), fill=WHITE)
    if pose.is_sleepy:
        brush.chord(_box((x, y), (166, 166)), 178, 362, fill=TEAL_SHADE)
        brush.line(((x - 158, y), (x + 158, y)), fill=INK, width=16)
    brush.arc(_box((512, 648), (72, 44)), 18, 162, fill=INK, width=20)


def _ball(
    picture: Image.Image,
    centre: tuple[float, float],
    radii: tuple[float, float],
    colour: tuple[int, int, int],
    shade: float = 0.27,
) -> None:
    """Lay an ellipse that is lit from the upper left, like a ball of clay."""
    width, height = round(radii[0] * 2), round(radii[1] * 2)
    across = np.linspace(-1, 1, width)[None, :]
    down = np.linspace(-1, 1, height)[:, None]
    from_light = np.hypot(across + 0.35, down + 0.45)
    light = 1.12 - shade * np.clip(from_light, 0, 1.6) ** 1.5
    values = np.clip(np.array(colour)[None, None, :] * light[:, :, None], 0, 255).astype(np.uint8)
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, width - 1, height - 1), fill=255)
    picture.paste(Image.fromarray(values, "RGB"), (round(centre[0] - radii[0]), round(centre[1] - radii[1])), mask)


def _limb(
    picture: Image.Image,
    start: tuple[float, float],
    end: tuple[float, float],
    width: int,
    colour: tuple[int, int, int],
) -> None:
    brush = ImageDraw.Draw(picture)
    brush.line((start, end), fill=colour, width=width)
    for joint in (start, end):
        brush.ellipse(_box(joint, (width / 2, width / 2)), fill=colour)


def _box(centre: tuple[float, float], radii: tuple[float, float]) -> tuple[float, float, float, float]:
    return (centre[0] - radii[0], centre[1] - radii[1], centre[0] + radii[0], centre[1] + radii[1])


def write_sample(folder: Path) -> None:
    """Write every picture with its caption, and `sample.json` with what the project is called and what is held out."""
    folder.mkdir(parents=True, exist_ok=True)
    held_out: list[str] = []
    for number, scene in enumerate(SCENES, start=1):
        name = f"zorbi-{number:02d}"
        draw(scene, seed=number).save(folder / f"{name}.png", optimize=True)
        (folder / f"{name}.txt").write_text(scene.caption + "\n", encoding="utf-8")
        if scene.is_held_out:
            held_out.append(f"{name}.png")
    about = {
        "name": "Zorbi (sample)",
        "kind": "character",
        "trigger_word": TRIGGER_WORD,
        "count": len(SCENES),
        "held_out": held_out,
    }
    (folder / "sample.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_sample(parser.parse_args().folder)
