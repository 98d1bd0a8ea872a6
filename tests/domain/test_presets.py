"""The plan that somebody gets who changes nothing, for Stable Diffusion 1 and XL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.imageset import CaptionedImage, ImageSet, Project, Split, SubjectKind
from calotype.domain.lora import LoraTargets
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.presets import Quality, preset_plan

SD1 = BaseModelCard("sd", "SD", Path("/models/sd"), ModelFamily.SD1, 512, "epsilon", 1)
SDXL = BaseModelCard("xl", "XL", Path("/models/xl"), ModelFamily.SDXL, 1024, "epsilon", 1)


def _images(count: int, kind: SubjectKind = SubjectKind.CHARACTER) -> ImageSet:
    project = Project("p", "Zorbi", kind, "zorbi", Path("/p"), 0.0)
    return ImageSet(
        project,
        tuple(
            CaptionedImage(Path(f"/p/{number}.png"), 1024, 1024, "zorbi", str(number), number, Split.TRAINING, "z.png")
            for number in range(count)
        ),
    )


@pytest.mark.parametrize(("quality", "steps"), [(Quality.QUICK, 798), (Quality.BALANCED, 1596), (Quality.BEST, 2400)])
def test_that_xl_learns_at_its_own_size_one_picture_at_a_time(quality: Quality, steps: int) -> None:
    """20 pictures, each 40, 80 or 120 times, in a multiple of six rounds of measuring."""
    plan = preset_plan(_images(20), quality, SDXL)

    assert (plan.resolution_px, plan.batch_size, plan.step_count) == (1024, 1, steps)
    assert (plan.lora.rank, plan.lora.alpha, plan.lora.targets) == (32, 16.0, LoraTargets.ATTENTION_AND_MLP)
    assert (plan.learning_rate, plan.warmup_steps) == (1e-4, steps // 20)


def test_that_a_set_is_learned_for_a_while_however_small_and_not_for_ever_however_large() -> None:
    few, many = (preset_plan(_images(count), Quality.BALANCED, SDXL).step_count for count in (2, 500))

    assert (few, many) == (300, 3000)


def test_that_a_picture_that_counts_twice_is_learned_for_as_long_as_two() -> None:
    images = _images(20).images
    twice = ImageSet(
        _images(1).project, (*(replace(image, repeats=10) for image in images[:19]), replace(images[19], repeats=20))
    )

    assert twice.turns == (*[1] * 19, 2)
    assert (
        preset_plan(twice, Quality.QUICK, SDXL).step_count == preset_plan(_images(21), Quality.QUICK, SDXL).step_count
    )


@pytest.mark.parametrize(("kind", "rank"), [(SubjectKind.CHARACTER, 16), (SubjectKind.STYLE, 32)])
def test_that_stable_diffusion_1_is_taught_as_before(kind: SubjectKind, rank: int) -> None:
    plan = preset_plan(_images(20, kind), Quality.BALANCED, SD1)

    assert (plan.resolution_px, plan.batch_size, plan.step_count) == (512, 2, 996)
    assert (plan.lora.rank, plan.lora.alpha) == (rank, rank / 2)
