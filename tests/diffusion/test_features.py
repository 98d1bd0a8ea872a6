"""Features of the base model: the same whatever a LoRA does, and able to tell subjects apart."""

from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.features import CHOSEN, FeatureChoice, Reference, picture_features
from calotype.diffusion.latents import encode_pixels, encode_prompts, pixels_of
from calotype.diffusion.lora_adapter import attach_trainable
from calotype.diffusion.noise import NoiseSchedule
from calotype.domain.lora import LoraSpec, LoraTargets


def _described(model: BaseModel, latents: Tensor, choice: FeatureChoice = CHOSEN) -> Tensor:
    schedule = NoiseSchedule.from_config(model.scheduler_config, model.device)
    return picture_features(model, schedule, latents, encode_prompts(model, [""]), choice)


def _noise(height: int, width: int) -> Tensor:
    return torch.randn(1, 4, height, width, generator=torch.Generator().manual_seed(7))


def _drawn(shape: str, background: str) -> Image.Image:
    picture = Image.new("RGB", (128, 128), background)
    pen = ImageDraw.Draw(picture)
    if shape == "disc":
        pen.ellipse((24, 24, 104, 104), fill="white", outline="black", width=8)
    else:
        pen.line((20, 64, 108, 64), fill="black", width=22)
        pen.line((64, 20, 64, 108), fill="black", width=22)
    return picture


def test_that_a_lora_that_has_learned_changes_no_feature_and_is_on_again(starter: BaseModel) -> None:
    latents = _noise(16, 16)
    before = _described(starter, latents)
    parameters = attach_trainable(starter.unet, LoraSpec(rank=4, alpha=4.0, targets=LoraTargets.ALL_LAYERS), 1)
    with torch.no_grad():
        for parameter in parameters:
            parameter.add_(0.1)
    starter.unet.train()

    after = _described(starter, latents)

    assert torch.equal(before, after)
    assert starter.unet.training
    with torch.no_grad():
        changed = starter.unet(latents, 100, encode_prompts(starter, [""]).hidden_states).sample
        starter.unet.disable_adapters()
        plain = starter.unet(latents, 100, encode_prompts(starter, [""]).hidden_states).sample
    assert not torch.allclose(changed, plain)


def test_that_the_same_latents_have_the_same_features_and_chance_is_left_alone(starter: BaseModel) -> None:
    latents = _noise(16, 16)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)

    first, second = _described(starter, latents), _described(starter, latents)

    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first, second)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (8, 24), (24, 8)])
@pytest.mark.parametrize("block", [0, 1, 2, 9])
def test_that_pictures_of_every_shape_can_be_compared(starter: BaseModel, height: int, width: int, block: int) -> None:
    features = _described(starter, _noise(height, width), FeatureChoice(block, 0.5, 4))

    channels = starter.unet.config.block_out_channels[::-1][min(block, 2)]
    assert features.shape == (1, channels, 4, 4)
    assert torch.isfinite(features).all()


def test_that_a_shape_is_known_again_on_another_background(starter: BaseModel) -> None:
    shapes = ("disc", "disc", "cross", "cross")
    colours = ("teal", "orange", "teal", "orange")
    pixels = torch.stack([pixels_of(_drawn(shape, colour)) for shape, colour in zip(shapes, colours, strict=True)])
    features = _described(starter, encode_pixels(starter, pixels))

    unit = Reference.of(features).directions(features)
    alike = unit @ unit.T

    assert alike[0, 1] > alike[0, 2]
    assert alike[2, 3] > alike[2, 0]


def test_that_each_group_and_each_channel_of_a_reference_counts_alike() -> None:
    # One cell; the first channel is 0, 2 and 11, the second a hundredth of it.
    near = torch.tensor([[0.0, 0.0], [2.0, 0.02]])[:, :, None, None]
    far = torch.tensor([[11.0, 0.11]])[:, :, None, None]

    reference = Reference.of(near, far)
    unit = reference.directions(torch.cat([near, far]))

    assert reference.mean.flatten().tolist() == pytest.approx([6.0, 0.06])  # the middle of 1 and 11
    assert reference.scale.flatten().tolist() == pytest.approx([(77 / 3) ** 0.5, (77 / 3) ** 0.5 / 100])
    assert unit.tolist() == [pytest.approx([side * 0.5**0.5] * 2) for side in (-1, -1, 1)]


def test_that_a_picture_like_the_mean_has_no_direction() -> None:
    same = torch.ones(3, 2, 4, 4)

    unit = Reference.of(same).directions(same)

    assert torch.equal(unit, torch.zeros(3, 32))
