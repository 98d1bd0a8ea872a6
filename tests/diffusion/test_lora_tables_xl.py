"""Exported keys and shapes for Stable Diffusion XL against tables made from the published structure and naming rules.

The structure is that of the checkpoint (`unet_layout`, from sd_xl_base.yaml), whose names kohya's layout takes over.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel

from calotype.diffusion.lora_adapter import LoraLayer, attach_trainable, trained_layers
from calotype.diffusion.lora_formats import diffusers_tensors, kohya_tensors
from calotype.diffusion.lora_names import names_by_underscores
from calotype.diffusion.lora_targets import is_target, lora_parameter_count
from calotype.diffusion.sgm_names import UnetNames, sgm_name
from calotype.diffusion.unet_layout import UNETS, unet_tensors
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.recognised import ModelKind

RANK = 2
Table = dict[str, tuple[int, ...]]
COUNTS = {LoraTargets.ATTENTION: 560, LoraTargets.ATTENTION_AND_MLP: 722, LoraTargets.ALL_LAYERS: 788}


def _is_wanted(name: str, targets: LoraTargets) -> bool:
    """Whether kohya's scripts train a layer of SGM: all inside the transformers, and with convolutions all blocks."""
    if ".attn" in name:
        return True
    if ".transformer_blocks." in name or name.endswith((".proj_in", ".proj_out")):
        return targets is not LoraTargets.ATTENTION
    is_in_block = name.startswith(("input_blocks.", "middle_block.", "output_blocks.")) and name != "input_blocks.0.0"
    return is_in_block and targets is LoraTargets.ALL_LAYERS


def _table(targets: LoraTargets) -> Table:
    """The shape of the weight of each layer, by its name in SGM."""
    tensors = unet_tensors(UNETS[ModelKind.SDXL], 4)
    weights = {key.removesuffix(".weight"): shape for key, shape in tensors if key.endswith(".weight")}
    return {name: shape for name, shape in weights.items() if len(shape) > 1 and _is_wanted(name, targets)}


def _lora_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of down and up: a convolution first reduces with its own kernel and then widens with 1x1."""
    return (RANK, *shape[1:]), (shape[0], RANK, *[1] * (len(shape) - 2))


def _unet() -> Any:
    """The published configuration, without memory."""
    with torch.device("meta"):
        return UNet2DConditionModel(
            sample_size=128,
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )


@cache
def _layers(targets: LoraTargets) -> dict[str, LoraLayer]:
    unet, spec = _unet(), LoraSpec(RANK, alpha=1.0, targets=targets)
    with torch.device("meta"):
        attach_trainable(unet, spec, seed=1)
    for name, module in unet.named_modules():
        if ".lora_" in name and not list(module.children()):
            module.to_empty(device="cpu")  # the base model stays without memory
    return trained_layers(unet, spec)


@pytest.mark.parametrize("targets", list(LoraTargets))
def test_that_kohya_keys_and_shapes_are_the_published_ones(targets: LoraTargets) -> None:
    table = _table(targets)
    expected: dict[str, object] = {}
    for name, shape in table.items():
        key = "lora_unet_" + name.replace(".", "_")
        down, up = _lora_shapes(shape)
        expected |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": ()}

    tensors = kohya_tensors(_layers(targets), torch.float16, UnetNames.SGM)

    assert len(table) == COUNTS[targets]
    assert {key: tuple(tensor.shape) for key, tensor in tensors.items()} == expected


@pytest.mark.parametrize("targets", list(LoraTargets))
def test_that_diffusers_keys_and_shapes_are_those_of_its_own_network(targets: LoraTargets) -> None:
    expected: Table = {}
    for key, weight in _unet().state_dict().items():
        name = key.removesuffix(".weight")
        if key.endswith(".weight") and weight.dim() > 1 and is_target(name, targets):
            down, up = _lora_shapes(tuple(weight.shape))
            expected |= {f"unet.{name}.lora_A.weight": down, f"unet.{name}.lora_B.weight": up}

    tensors = diffusers_tensors(_layers(targets), torch.float16)

    assert len(expected) == 2 * COUNTS[targets]
    assert {key: tuple(tensor.shape) for key, tensor in tensors.items()} == expected


def test_that_a_lora_has_as_many_weights_as_kohyas_scripts_make() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in _unet().state_dict().items()}

    count = lora_parameter_count(shapes, LoraSpec(rank=16, targets=LoraTargets.ATTENTION_AND_MLP))

    assert count == 42_557_440


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("down_blocks.0.resnets.0.conv1", "input_blocks.1.0.in_layers.2"),
        ("down_blocks.0.downsamplers.0.conv", "input_blocks.3.0.op"),
        ("down_blocks.1.attentions.0.proj_in", "input_blocks.4.1.proj_in"),
        ("down_blocks.2.resnets.1.time_emb_proj", "input_blocks.8.0.emb_layers.1"),
        ("mid_block.resnets.1.conv2", "middle_block.2.out_layers.3"),
        ("up_blocks.0.attentions.2.proj_out", "output_blocks.2.1.proj_out"),
        ("up_blocks.1.upsamplers.0.conv", "output_blocks.5.2.conv"),
        ("up_blocks.2.resnets.2.conv_shortcut", "output_blocks.8.0.skip_connection"),
    ],
)
def test_that_each_kind_of_layer_has_its_published_name(layer: str, name: str) -> None:
    assert sgm_name(layer) == name


def test_that_a_name_with_underscores_leads_to_one_layer_in_either_naming() -> None:
    known = names_by_underscores()

    assert known["input_blocks_4_1_transformer_blocks_0_attn1_to_q"] == (
        "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    )
    assert len(known) == 2 * len(set(known.values()))


def test_that_a_layer_that_no_unet_has_is_no_name() -> None:
    with pytest.raises(ValueError, match=r"text_model\.encoder is no layer"):
        sgm_name("text_model.encoder")
