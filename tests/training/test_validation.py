"""The draws of a validation: where they look, that they never change, and what the bands make of them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.buckets import Bucket
from calotype.training.latent_cache import CachedImage
from calotype.training.objective import in_batches
from calotype.training.validation import TIMESTEPS, FixedDraws, band_ratios

SD15 = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
}


@pytest.fixture(scope="module")
def starter(starter_folder: Path) -> BaseModel:
    card = read_model_card(starter_folder, "starter", "Starter")
    return load_base_model(card, torch.device("cpu"), torch.float32, thread_count=1)


def _picture(name: str, model: BaseModel) -> CachedImage:
    chance = torch.Generator().manual_seed(len(name))
    side, channels = 16, model.unet.config.in_channels
    told = Conditioning.filled(model.unet, 1, 77, partial(torch.randn, generator=chance))
    return CachedImage(name, Bucket(128, 128), torch.randn(channels, side, side, generator=chance), None, told)


def _schedule(config: dict[str, object]) -> NoiseSchedule:
    return NoiseSchedule.from_config(config, torch.device("cpu"))


def test_that_timesteps_are_in_the_middle_of_equal_parts_of_time() -> None:
    assert FixedDraws.of([], 16, 1000, TIMESTEPS).timesteps == (125, 375, 625, 875)
    assert FixedDraws.of([], 16, 1000, 8).timesteps == (62, 187, 312, 437, 562, 687, 812, 937)


def test_that_each_band_has_a_timestep(starter_folder: Path) -> None:
    starter_config = json.loads((starter_folder / "scheduler" / "scheduler_config.json").read_text(encoding="utf-8"))
    timesteps = torch.tensor(FixedDraws.of([], 16, 1000, TIMESTEPS).timesteps)

    for config in (SD15, starter_config):
        snr = _schedule(config).snr(timesteps)
        coarse, fine = int((snr < 0.1).sum()), int((snr > 1).sum())
        assert min(coarse, len(snr) - coarse - fine, fine) >= 1


def test_that_a_band_is_the_mean_over_its_own_timesteps() -> None:
    # SNR of SD 1.5: 19.65, 8.454, 0.7376, 0.1916 and 0.03828
    draws = FixedDraws((), (50, 100, 400, 600, 800))
    losses, base = ((1.0, 2.0, 3.0, 4.0, 5.0), (3.0, 2.0, 1.0, 2.0, 5.0)), ((4.0,) * 5, (4.0,) * 5)

    bands = band_ratios(_schedule(SD15), draws, losses, base)

    # fine: 4 / 8 and 4 / 8; middle: 4 / 8 and 6 / 8; coarse: 10 / 8
    assert (bands.fine, bands.middle, bands.coarse) == pytest.approx((0.5, 0.625, 1.25))


def test_that_the_same_model_gives_the_same_losses_whatever_other_pictures_there_are(starter: BaseModel) -> None:
    schedule = NoiseSchedule.from_config(starter.scheduler_config, starter.device)
    pictures = [_picture(name, starter) for name in ("aa", "b", "cccc")]

    alone = FixedDraws.of(pictures[:1], 16, 1000, 4).measure(starter.unet, schedule, torch.float32)
    together = FixedDraws.of(pictures, 16, 1000, 4).measure(starter.unet, schedule, torch.float32)

    first, *others = together
    assert list(alone) == [pytest.approx(first, rel=1e-5)]  # rounded otherwise, being looked at together
    assert len({first, *others}) == 3


def test_that_pictures_of_other_shapes_are_measured_in_their_order(starter: BaseModel) -> None:
    schedule = NoiseSchedule.from_config(starter.scheduler_config, starter.device)
    square, wide, tall = (_picture(name, starter) for name in ("aa", "b", "cccc"))
    wide = replace(wide, latents=wide.latents[:, :8])
    pictures = [square, wide, tall]

    together = FixedDraws(tuple(pictures), (125, 625)).measure(starter.unet, schedule, torch.float32)
    each = [FixedDraws((one,), (125, 625)).measure(starter.unet, schedule, torch.float32) for one in pictures]

    assert list(together) == [pytest.approx(next(losses), rel=1e-5) for losses in each]


@pytest.mark.parametrize(("limit", "sizes"), [(2, [2, 1, 1]), (9, [3, 1]), (0, [1, 1, 1, 1])])
def test_that_a_batch_holds_pictures_of_one_shape(limit: int, sizes: list[int], starter: BaseModel) -> None:
    pictures = [_picture(name, starter) for name in ("a", "b", "c", "d")]
    pictures[3] = replace(pictures[3], latents=pictures[3].latents[:, :8])

    batches = list(in_batches(pictures, limit))

    assert [len(batch) for batch in batches] == sizes
    assert [image for batch in batches for image in batch] == pictures
