"""The schedule against the published table, and the weights that follow from it."""

import json
from pathlib import Path

import pytest
import torch

from calotype.diffusion.noise import NoiseSchedule

SD15 = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000}


def _schedule(prediction_type: str) -> NoiseSchedule:
    return NoiseSchedule.from_config({**SD15, "prediction_type": prediction_type}, torch.device("cpu"))


@pytest.mark.parametrize(
    ("timestep", "kept", "snr", "epsilon_weight", "v_weight"),
    [
        (0, 0.999150, 1175.5, 0.0043, 0.0043),
        (50, 0.951577, 19.65, 0.2544, 0.2421),
        (100, 0.894223, 8.454, 0.5914, 0.5289),
        (200, 0.753692, 3.060, 1.0, 0.7537),
        (400, 0.424483, 0.7376, 1.0, 0.4245),
        (499, 0.277670, 0.3844, 1.0, 0.2777),
        (600, 0.160783, 0.1916, 1.0, 0.1608),
        (800, 0.036870, 0.03828, 1.0, 0.0369),
        (999, 0.004660, 0.004682, 1.0, 0.0047),
    ],
)
def test_that_the_schedule_and_min_snr_5_match_the_published_table(
    timestep: int, kept: float, snr: float, epsilon_weight: float, v_weight: float
) -> None:
    at = torch.tensor([timestep])

    assert float(_schedule("epsilon").alphas_cumprod[timestep]) == pytest.approx(kept, rel=1e-3)
    assert float(_schedule("epsilon").snr(at)) == pytest.approx(snr, rel=1e-3)
    assert float(_schedule("epsilon").min_snr_weight(at, 5.0)) == pytest.approx(epsilon_weight, abs=1e-4)
    assert float(_schedule("v_prediction").min_snr_weight(at, 5.0)) == pytest.approx(v_weight, abs=1e-4)


def test_that_min_snr_5_holds_back_the_first_147_timesteps_and_noise_outweighs_the_picture_from_354() -> None:
    schedule = _schedule("epsilon")
    every = torch.arange(1000)

    is_held_back = schedule.min_snr_weight(every, 5.0) < 1
    is_mostly_noise = schedule.snr(every) < 1

    assert is_held_back.nonzero().flatten().tolist() == list(range(147))
    assert is_mostly_noise.nonzero().flatten().tolist() == list(range(354, 1000))


def test_that_a_schedule_made_to_end_in_noise_keeps_its_first_timestep_and_is_stretched_evenly() -> None:
    config = {**SD15, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}

    rescaled = NoiseSchedule.from_config(config, torch.device("cpu")).alphas_cumprod.double()

    # sqrt(a) of the table's 0, 400 and 999: 0.999575, 0.651524 and 0.068264. Source: arXiv:2305.08891, algorithm 1.
    stretched = (0.651524 - 0.068264) * 0.999575 / (0.999575 - 0.068264)
    assert float(rescaled[0]) == pytest.approx(0.999150, abs=1e-6)
    assert float(rescaled[400]) == pytest.approx(stretched**2, abs=1e-5)
    assert float(rescaled[999]) == pytest.approx(0.0, abs=1e-9)
    assert bool((rescaled.diff() < 0).all())


def test_that_the_clean_latents_follow_from_the_noisy_ones_and_v() -> None:
    schedule, chance = _schedule("v_prediction"), torch.Generator().manual_seed(0)
    latents, noise = torch.randn(2, 3, 4, 4, 4, generator=chance)
    timesteps = torch.tensor([10, 500, 900])

    noisy = schedule.add_noise(latents, noise, timesteps)
    v = schedule.target(latents, noise, timesteps)

    kept = schedule.alphas_cumprod[timesteps][:, None, None, None]
    torch.testing.assert_close(kept.sqrt() * noisy - (1 - kept).sqrt() * v, latents, atol=1e-5, rtol=1e-5)


def test_that_the_starter_ends_in_pure_noise_and_its_weights_stay_finite(starter_folder: Path) -> None:
    config = json.loads((starter_folder / "scheduler" / "scheduler_config.json").read_text())

    schedule = NoiseSchedule.from_config(config, torch.device("cpu"))

    last = torch.tensor([999])
    assert float(schedule.snr(last)) == pytest.approx(0.0, abs=1e-6)
    assert torch.isfinite(schedule.min_snr_weight(last, 5.0)).all()
    assert float(schedule.min_snr_weight(last, 0.0)) == 1.0
