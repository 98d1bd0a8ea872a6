"""Which activations of the U-Net know a subject again: `python tests/benchmarks/feature_choice.py art.tar`.

For each up block and amount of noise: how often is the picture that is nearest to a picture, among pictures of all
subjects on other backgrounds, one of the same subject? Reads an archive or a folder with `about.json` (`labels` by key)
and transparent pictures `3d/<key>.webp`; the subjects below were never shown to the starter model.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image, ImageColor
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.features import CHOSEN, FeatureChoice, Reference, picture_features
from calotype.diffusion.latents import encode_pixels, encode_prompts, pixels_of
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.noise import NoiseSchedule
from calotype.services.model_catalog import starter_card

NAMES = """alien monster, robot, fox, unicorn, panda, penguin, owl, dragon face, sauropod, octopus, snail, sunflower,
cactus, strawberry, hamburger, cupcake, teapot, rocket, snowman, snowman without snow, guitar, violin"""
SUBJECTS = tuple(re.split(r",\s+", NAMES))
COLOURS = "white #101012 #8c8e92 #d63031 #f59234 #fad746 #46aa54 #1a9e96 #3470dc #8cc8f5 #1c285c #8048be"
BACKGROUNDS = tuple(re.split(" ", COLOURS))
SIDE_PX = 128
PICTURES = 8  # of each subject, each on another background
NOISE_SHARES = (0.02, 0.05, 0.1, 0.2, 0.26, 0.35, 0.5, 0.7)
CELLS = (2, 3, 4, 6, 8)


@dataclass(frozen=True, slots=True)
class Scene:
    """Which subject a picture shows, and on which background."""

    subject: int
    background: str


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("art", type=Path, help="archive or folder with about.json and 3d/<key>.webp")
    parser.add_argument(
        "--model", type=Path, default=starter_card().folder, help="a base model in the layout of diffusers"
    )
    wanted = parser.parse_args()
    card = read_model_card(wanted.model, "measured", "Measured")
    model = load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)
    scenes, pictures = composed(subjects_in(wanted.art))
    bench = Bench(model, scenes, encoded(model, pictures))
    say(f"{len(scenes)} pictures of {len({scene.subject for scene in scenes})} subjects, nearest is the same subject\n")
    blocks = range(len(model.unet.up_blocks))
    say("| up block | " + " | ".join(f"{share:g} T" for share in NOISE_SHARES) + " |")
    say("| --- |" + " --- |" * len(NOISE_SHARES))
    for block in blocks:
        shown = [bench.percent(replace(CHOSEN, up_block=block, noise_share=share)) for share in NOISE_SHARES]
        say(f"| {block + 1} | " + " | ".join(shown) + " |")
    say("\n| up block | " + " | ".join(f"{cells} x {cells}" for cells in CELLS) + " |")
    say("| --- |" + " --- |" * len(CELLS))
    for block in blocks:
        shown = [bench.percent(replace(CHOSEN, up_block=block, cells=cells)) for cells in CELLS]
        say(f"| {block + 1} | " + " | ".join(shown) + " |")
    for name, values in (("pixels", pictures), ("latents", bench.latents)):
        say(f"\n{name}, 8 x 8: {bench.percent_of(adaptive_avg_pool2d(values, 8))}")


def say(line: str) -> None:
    """Print at once: the whole takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Bench:
    """The pictures as latents, and how well a choice knows their subjects again."""

    model: BaseModel
    scenes: Sequence[Scene]
    latents: Tensor

    def percent(self, choice: FeatureChoice) -> str:
        """The share for these features."""
        schedule = NoiseSchedule.from_config(self.model.scheduler_config, self.model.device)
        empty = encode_prompts(self.model, [""])
        parts = [picture_features(self.model, schedule, part, empty, choice) for part in self.latents.split(16)]
        return self.percent_of(torch.cat(parts))

    def percent_of(self, features: Tensor) -> str:
        """How many pictures have one of their own subject as the nearest on another background, in per cent."""
        unit = Reference.of(features).directions(features)
        alike = unit @ unit.T
        subject = torch.tensor([scene.subject for scene in self.scenes])
        backgrounds = [BACKGROUNDS.index(scene.background) for scene in self.scenes]
        background = torch.tensor(backgrounds)
        alike[background[:, None] == background[None]] = -2.0  # the picture itself, too
        is_right = subject[alike.argmax(dim=1)] == subject
        return f"{100 * is_right.float().mean().item():.0f} %"


def subjects_in(art: Path) -> list[Image.Image]:
    """The transparent pictures of the subjects, in the order of their names."""
    found: dict[str, Image.Image] = {}
    labels: dict[str, str] = {}
    for name, content in _files(art):
        if name == "about.json":
            labels = json.loads(content)["labels"]
        elif name.startswith("3d/"):
            found[Path(name).stem] = Image.open(io.BytesIO(content)).convert("RGBA")
    by_label = {labels[key]: picture for key, picture in found.items() if key in labels}
    return [by_label[label] for label in SUBJECTS if label in by_label]


def _files(art: Path) -> Iterator[tuple[str, bytes]]:
    if art.is_dir():
        yield from (
            (path.relative_to(art).as_posix(), path.read_bytes()) for path in sorted(art.rglob("*")) if path.is_file()
        )
        return
    with tarfile.open(art) as archive:
        for member in archive:
            handle = archive.extractfile(member)
            if handle is not None:
                yield member.name, handle.read()


def composed(subjects: Sequence[Image.Image]) -> tuple[list[Scene], Tensor]:
    """Each subject at other sizes, places and angles on plain backgrounds; pixels (pictures, 3, side, side)."""
    chance, scenes, pictures = random.Random(0), [], []
    for subject, sprite in enumerate(subjects):
        for background in chance.sample(BACKGROUNDS, PICTURES):
            scenes.append(Scene(subject, background))
            pictures.append(pixels_of(scene(sprite, background, chance)))
    return scenes, torch.stack(pictures)


def scene(sprite: Image.Image, background: str, chance: random.Random) -> Image.Image:
    """The subject somewhere on a plain background, a little turned."""
    side = round(SIDE_PX * chance.uniform(0.74, 0.96))
    turned = sprite.resize((side, side), Image.Resampling.LANCZOS).rotate(chance.gauss(0, 6), Image.Resampling.BICUBIC)
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), ImageColor.getrgb(background))
    room = SIDE_PX - side
    picture.paste(turned, (chance.randint(0, room), chance.randint(0, room)), turned)
    return picture


def encoded(model: BaseModel, pixels: Tensor) -> Tensor:
    """Latents, shape (pictures, channels, side / factor, side / factor)."""
    return torch.cat([encode_pixels(model, part) for part in pixels.split(16)])


if __name__ == "__main__":
    main()
