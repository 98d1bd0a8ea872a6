"""Our denoising loop draws what the stock pipeline draws."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.sampling import SamplingSettings, draw

SETTINGS = SamplingSettings(128, 128, 4, 4.0)


def test_that_the_picture_is_the_stock_pipelines_picture(starter: BaseModel, starter_folder: Path) -> None:
    steps = draw(starter, SETTINGS, ["red apple, 3d render, white background"], "", [5])
    numbers = []
    while True:
        try:
            numbers.append(next(steps))
        except StopIteration as finished:
            pictures = finished.value
            break
    pipeline = StableDiffusionPipeline.from_pretrained(
        starter_folder, safety_checker=None, local_files_only=True, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    stock = pipeline(
        "red apple, 3d render, white background",
        num_inference_steps=4,
        guidance_scale=4.0,
        width=128,
        height=128,
        generator=torch.Generator().manual_seed(5),
    ).images[0]

    assert numbers == [1, 2, 3, 4]
    difference = np.abs(np.asarray(pictures[0], dtype=int) - np.asarray(stock, dtype=int))
    assert difference.max() <= 1
    assert np.asarray(stock).std() > 20  # a picture, not a plain colour


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_that_a_closed_drawing_leaves_the_model_usable(guidance: float, starter: BaseModel) -> None:
    settings = SamplingSettings(128, 128, 3, guidance)
    with closing(draw(starter, settings, ["cat face"], "", [1])) as steps:
        next(steps)

    with closing(draw(starter, settings, ["cat face"], "", [1])) as steps:
        assert list(steps) == [1, 2, 3]
