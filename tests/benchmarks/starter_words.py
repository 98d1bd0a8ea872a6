"""Whether the Starter draws what it is told: the right thing, and the right background.

Every concept is drawn four times, each time on another colour, by `StableDiffusionPipeline` as anyone would. A picture
is right if, among the thing and 49 others drawn at random, each in front of that colour, the thing is most alike by
colours and gradients (`packaging/starter_model/likeness.py`). Chance: 2 %.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from starter_art import COLOURS, CONCEPTS, best_match, describe, load_sprites, standard_caption, views_on
from table import Row, report

from calotype.services.model_catalog import starter_card

SEEDS, OTHERS, AT_ONCE = 4, 49, 8
STEPS, GUIDANCE = 20, 4.0
BORDER_PX = 4
RIGHT_THING, RIGHT_COLOUR = 0.70, 0.95


def draw(prompts: list[str], seeds: list[int]) -> Iterator[Image.Image]:
    """A picture for each prompt."""
    pipeline = StableDiffusionPipeline.from_pretrained(starter_card().folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    side = pipeline.unet.config.sample_size * pipeline.vae_scale_factor
    for start in range(0, len(prompts), AT_ONCE):
        generators = [torch.Generator().manual_seed(seed) for seed in seeds[start : start + AT_ONCE]]
        yield from pipeline(
            prompts[start : start + AT_ONCE],
            height=side,
            width=side,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=generators,
        ).images
        sys.stderr.write(f"\r{min(start + AT_ONCE, len(prompts))} of {len(prompts)} pictures")


def colour_behind(picture: Image.Image) -> str:
    """The named colour that is nearest to the median of the picture's border."""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.float32)
    inside = np.zeros(pixels.shape[:2], dtype=bool)
    inside[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = True
    border = np.median(pixels[~inside], axis=0)
    return min(COLOURS, key=lambda name: float(np.square(border - COLOURS[name]).sum()))


def main() -> None:
    """Measure and report."""
    chance = random.Random(0)
    sprites = load_sprites(("3d",), CONCEPTS)
    places = [place for place in range(len(sprites)) for _ in range(SEEDS)]
    colours = [colour for _ in sprites for colour in chance.sample(list(COLOURS), SEEDS)]
    prompts = [standard_caption(sprites[place].label, colour) for place, colour in zip(places, colours, strict=True)]
    views = {colour: views_on(sprites, colour) for colour in COLOURS}
    right_things, right_colours = 0, 0
    for place, colour, picture in zip(places, colours, draw(prompts, list(range(len(prompts)))), strict=True):
        others = chance.sample([other for other in range(len(sprites)) if other != place], OTHERS)
        candidates = [views[colour][other] for other in (place, *others)]
        right_things += best_match(describe(picture), candidates) == 0
        right_colours += colour_behind(picture) == colour
    report(
        [
            _row(f"Right thing of 50, {len(sprites)} things x {SEEDS}", right_things / len(prompts), RIGHT_THING),
            _row("Right colour of 16 behind it", right_colours / len(prompts), RIGHT_COLOUR),
        ]
    )


def _row(name: str, share: float, goal: float) -> Row:
    return Row(name, f"{share:.1%}", f"goal: at least {goal:.0%}", goal / max(share, 1e-9), share >= goal)


if __name__ == "__main__":
    main()
