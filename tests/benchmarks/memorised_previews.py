"""How often the alarm for repeated training pictures is right: `python tests/benchmarks/memorised_previews.py art.tar`.

A set is twelve scenes of one subject. Twelve new scenes of it should raise no alarm; the set's own pictures should,
after the VAE alone, and after they were also blurred, moved and made larger, as a picture drawn by heart would be.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from feature_choice import BACKGROUNDS, encoded, say, scene, subjects_in
from PIL import Image, ImageFilter
from torch import Tensor

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.features import picture_features
from calotype.diffusion.latents import decode_latents, encode_prompts, picture_of, pixels_of
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.likeness import MEMORISED_BELOW
from calotype.services.model_catalog import starter_card
from calotype.training.resemblance import Gauge

PICTURES = 12
LIMITS = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("art", type=Path, help="archive or folder with about.json and 3d/<key>.webp")
    parser.add_argument("--model", type=Path, default=starter_card().folder, help="a base model's folder")
    wanted = parser.parse_args()
    card = read_model_card(wanted.model, "measured", "Measured")
    model = load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)
    chance = random.Random(1)
    rows: dict[str, list[float]] = {"new scenes": [], "through the VAE": [], "also blurred and moved": []}
    for sprite in subjects_in(wanted.art):
        own, new = ([scene(sprite, chance.choice(BACKGROUNDS), chance) for _ in range(PICTURES)] for _ in range(2))
        coded = [picture_of(decode_latents(model, one[None])[0]) for one in _latents(model, own)]
        features = _described(model, own)
        gauge = Gauge(features, features[:1], features[:1], tuple(range(PICTURES)))
        for name, pictures in zip(rows, (new, coded, [_by_heart(one) for one in coded]), strict=True):
            found = [gauge.compare(one[None]).nearest_distance for one in _described(model, pictures)]
            rows[name] += [distance for distance in found if distance is not None]
    say("| alarm below | " + " | ".join(f"{limit:g}" for limit in LIMITS) + " |")
    say("| --- |" + " --- |" * len(LIMITS))
    for name, distances in rows.items():
        shares = [sum(distance < limit for distance in distances) / len(distances) for limit in LIMITS]
        say(f"| {name} | " + " | ".join(f"{share:.0%}" for share in shares) + " |")
    say(f"\n{len(rows['new scenes'])} pictures in each row; the app's limit is {MEMORISED_BELOW:g}")


def _by_heart(picture: Image.Image) -> Image.Image:
    moved = (1.03, 0, 1, 0, 1.03, -2)
    blurred = picture.filter(ImageFilter.GaussianBlur(1.2))
    return blurred.transform(picture.size, Image.Transform.AFFINE, moved, fillcolor=picture.getpixel((2, 2)))


def _latents(model: BaseModel, pictures: list[Image.Image]) -> Tensor:
    return encoded(model, torch.stack([pixels_of(picture) for picture in pictures]))


def _described(model: BaseModel, pictures: list[Image.Image]) -> Tensor:
    schedule = NoiseSchedule.from_config(model.scheduler_config, model.device)
    return picture_features(model, schedule, _latents(model, pictures), encode_prompts(model, [""]))


if __name__ == "__main__":
    main()
