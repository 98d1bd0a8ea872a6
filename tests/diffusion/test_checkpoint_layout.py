"""Our list of the tensors of a checkpoint is the one that diffusers converts, name by name and shape by shape."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from calotype.diffusion.checkpoint_layout import SECOND_TEXT_ENCODER, TEXT_ENCODER, UNET, VAE, checkpoint_parts
from calotype.diffusion.lora_targets import is_target
from calotype.domain.lora import LoraTargets
from calotype.domain.recognised import ModelKind

_WITH_ATTENTION = {"down": "CrossAttnDownBlock2D", "up": "CrossAttnUpBlock2D"}
_PLAIN = {"down": "DownBlock2D", "up": "UpBlock2D"}
_SD = {"block_out_channels": (320, 640, 1280, 1280), "attention_at": (1, 1, 1, 0)}
_XL = {"addition_embed_type": "text_time", "addition_time_embed_dim": 256, "use_linear_projection": True}
UNETS = {
    ModelKind.SD1: {**_SD, "cross_attention_dim": 768},
    ModelKind.SD2: {**_SD, "cross_attention_dim": 1024, "use_linear_projection": True},
    ModelKind.SDXL: {
        **_XL,
        "block_out_channels": (320, 640, 1280),
        "attention_at": (0, 1, 1),
        "transformer_layers_per_block": [1, 2, 10],
        "cross_attention_dim": 2048,
        "projection_class_embeddings_input_dim": 2816,
    },
    ModelKind.SDXL_REFINER: {
        **_XL,
        "block_out_channels": (384, 768, 1536, 1536),
        "attention_at": (0, 1, 1, 0),
        "transformer_layers_per_block": 4,
        "cross_attention_dim": 1280,
        "projection_class_embeddings_input_dim": 2560,
    },
}
# As published: parameters of the U-Net, and tensors of a whole file without position numbers and logit scale.
PARAMETERS = {ModelKind.SD1: 859_520_964, ModelKind.SD2: 865_910_724, ModelKind.SDXL: 2_567_463_684}


def _tensors(kind: ModelKind, part: str, inputs: int = 4) -> dict[str, torch.Tensor]:
    return {key: torch.empty(shape, device="meta") for key, shape in checkpoint_parts(kind, inputs)[part].items()}


def _shapes(tensors: Any) -> dict[str, tuple[int, ...]]:
    return {key.removeprefix("text_model."): tuple(tensor.shape) for key, tensor in tensors.items()}


def _unet(kind: ModelKind, inputs: int) -> UNet2DConditionModel:
    config: dict[str, Any] = dict(UNETS[kind])
    levels = config.pop("attention_at")
    with torch.device("meta"):
        return UNet2DConditionModel(
            in_channels=inputs,
            attention_head_dim=8,
            down_block_types=tuple((_WITH_ATTENTION if at else _PLAIN)["down"] for at in levels),
            up_block_types=tuple((_WITH_ATTENTION if at else _PLAIN)["up"] for at in reversed(levels)),
            **config,
        )


@pytest.mark.parametrize(("kind", "inputs"), [*((kind, 4) for kind in UNETS), (ModelKind.SD1, 9), (ModelKind.SDXL, 9)])
def test_that_every_tensor_of_the_unet_is_listed(kind: ModelKind, inputs: int) -> None:
    unet = _unet(kind, inputs)

    ours = convert_ldm_unet_checkpoint(_tensors(kind, UNET, inputs), unet.config)

    assert _shapes(ours) == _shapes(unet.state_dict())


@pytest.mark.parametrize("kind", PARAMETERS)
def test_that_the_unet_has_as_many_weights_as_published(kind: ModelKind) -> None:
    shapes = checkpoint_parts(kind)[UNET].values()

    assert sum(math.prod(shape) for shape in shapes) == PARAMETERS[kind]


def test_that_every_tensor_of_the_vae_is_listed() -> None:
    with torch.device("meta"):
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
        )

    ours = convert_ldm_vae_checkpoint(_tensors(ModelKind.SD1, VAE), vae.config)

    assert _shapes(ours) == _shapes(vae.state_dict())


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SDXL])
def test_that_every_tensor_of_the_first_text_encoder_is_listed(kind: ModelKind) -> None:
    with torch.device("meta"):
        encoder = CLIPTextModel(CLIPTextConfig(vocab_size=49408, hidden_size=768, intermediate_size=3072))

    ours = convert_ldm_clip_checkpoint(_tensors(kind, TEXT_ENCODER))

    assert _shapes(ours) == _shapes(encoder.state_dict())


@pytest.mark.parametrize(
    ("kind", "part", "prefix", "size"),
    [
        (ModelKind.SD2, TEXT_ENCODER, "cond_stage_model.model.", (1024, 23, 16)),
        (ModelKind.SDXL, SECOND_TEXT_ENCODER, "conditioner.embedders.1.model.", (1280, 32, 20)),
        (ModelKind.SDXL_REFINER, TEXT_ENCODER, "conditioner.embedders.0.model.", (1280, 32, 20)),
    ],
)
def test_that_every_tensor_of_an_open_text_encoder_is_listed(
    kind: ModelKind, part: str, prefix: str, size: tuple[int, int, int]
) -> None:
    width, layers, heads = size
    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        projection_dim=width,
    )
    with torch.device("meta"):
        encoder = (CLIPTextModel if kind is ModelKind.SD2 else CLIPTextModelWithProjection)(config)

    ours = convert_open_clip_checkpoint(encoder, _tensors(kind, part), prefix)

    assert _shapes(ours) == _shapes(encoder.state_dict())


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2])
def test_that_an_inpainting_model_differs_in_a_layer_that_no_lora_changes(kind: ModelKind) -> None:
    plain, inpainting = checkpoint_parts(kind, 4), checkpoint_parts(kind, 9)

    changed = [key for part in plain for key, shape in plain[part].items() if inpainting[part][key] != shape]

    assert changed == ["model.diffusion_model.input_blocks.0.0.weight"]
    assert not is_target("conv_in", LoraTargets.ALL_LAYERS)
