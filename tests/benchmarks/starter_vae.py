"""How well the Starter's VAE keeps pictures of things that it never saw, and how long one preview takes."""

from __future__ import annotations

import statistics
import time

import torch
from places import sample_place
from starter_art import HELD_OUT, load_sprites
from table import Row, report
from vae import held_out_pictures, psnr_db

from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.sampling import SamplingSettings, draw

PSNR_DB, PREVIEW_S = 27.0, 1.5
TURNS = 9


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        model = load_base_model(place.model, torch.device("cpu"), torch.float32)
        found = psnr_db(model.vae, held_out_pictures(load_sprites(("3d",), HELD_OUT), torch.device("cpu")))
        preview, side = place.plan.preview, place.model.resolution_px
        settings = SamplingSettings(side, side, preview.sampling_steps, preview.guidance)
        times = []
        for seed in range(TURNS):
            began = time.perf_counter()
            list(draw(model, settings, list(preview.prompts[:1]), "", [seed]))
            times.append(time.perf_counter() - began)
    median = statistics.median(times)
    report(
        [
            Row(
                f"Held-out reconstruction by the VAE, {len(HELD_OUT)} things",
                f"{found:.1f} dB PSNR",
                f"goal: at least {PSNR_DB:.0f} dB",
                PSNR_DB / found,
                found >= PSNR_DB,
            ),
            Row(
                f"One preview, {preview.sampling_steps} steps with guidance",
                f"{median:.2f} s",
                f"goal: {PREVIEW_S} s",
                median / PREVIEW_S,
                median <= PREVIEW_S,
            ),
        ]
    )


if __name__ == "__main__":
    main()
