"""Drawing pictures against StableDiffusionPipeline called directly."""

from __future__ import annotations

import time

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from places import sample_place
from table import Row, interleaved, report

from calotype.diffusion.base_model import load_base_model
from calotype.diffusion.sampling import SamplingSettings, draw

SEEDS, TURNS = (1, 2), 7


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        model = load_base_model(place.model, torch.device("cpu"), torch.float32)
        pipe = StableDiffusionPipeline.from_pretrained(place.model.folder, dtype=torch.float32)
        pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
        pipe.set_progress_bar_config(disable=True)
        prompts = list(place.plan.preview.prompts)[: len(SEEDS)]
        side, steps, guidance = place.model.resolution_px, place.plan.preview.sampling_steps, 4.0

        def ours() -> float:
            began = time.perf_counter()
            for _ in draw(model, SamplingSettings(side, side, steps, guidance), prompts, "", SEEDS):
                pass
            return time.perf_counter() - began

        def theirs() -> float:
            began = time.perf_counter()
            generators = [torch.Generator().manual_seed(seed) for seed in SEEDS]
            pipe(
                prompts,
                height=side,
                width=side,
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=generators,
            )
            return time.perf_counter() - began

        own_time, pipe_time = interleaved(TURNS, ours, theirs)
    name = f"{len(SEEDS)} previews, {side} px, {steps} steps"
    compared = f"{pipe_time:.2f} s, `StableDiffusionPipeline`"
    report([Row(name, f"{own_time:.2f} s", compared, own_time / pipe_time, own_time <= 1.05 * pipe_time)])


if __name__ == "__main__":
    main()
