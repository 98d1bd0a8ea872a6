"""Draw the grid of the model card: every thing that the Starter knows, on backgrounds in turn.

python packaging/starter_model/draw_grid.py resources/calotype_resources/starter docs/starter.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from words import COLOURS, CONCEPTS, standard_caption

ACROSS, SIDE_PX, GAP_PX = 18, 72, 2
AT_ONCE, STEPS, GUIDANCE = 12, 20, 4.0


def draw_grid(model: Path, labels: list[str], across: int = ACROSS) -> Image.Image:
    """One picture of each thing, always with the same seeds."""
    pipeline = StableDiffusionPipeline.from_pretrained(model, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    colours = list(COLOURS)
    prompts = [standard_caption(label, colours[place % len(colours)]) for place, label in enumerate(labels)]
    step = SIDE_PX + GAP_PX
    sheet = Image.new("RGB", (across * step - GAP_PX, -(-len(labels) // across) * step - GAP_PX), "white")
    side = pipeline.unet.config.sample_size * pipeline.vae_scale_factor
    for start in range(0, len(prompts), AT_ONCE):
        asked = prompts[start : start + AT_ONCE]
        generators = [torch.Generator().manual_seed(start + place) for place in range(len(asked))]
        drawn = pipeline(
            asked,
            height=side,
            width=side,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=generators,
        ).images
        for place, picture in enumerate(drawn, start=start):
            down, right = divmod(place, across)
            small = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
            sheet.paste(small, (right * step, down * step))
    return sheet


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    asked_for = parser.parse_args()
    draw_grid(asked_for.model, list(CONCEPTS)).save(asked_for.out, quality=88)
