"""Exported keys and shapes against tables made from the published structure of Stable Diffusion 1 and naming rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from diffusers import UNet2DConditionModel

from calotype.diffusion.lora_adapter import LoraLayer, attach_trainable, trained_layers
from calotype.diffusion.lora_formats import diffusers_tensors, kohya_tensors
from calotype.domain.lora import LoraSpec, LoraTargets

TEXT_WIDTH, TIME_WIDTH, RANK = 768, 1280, 4
WIDTHS = (320, 640, 1280, 1280)
# Of every residual block on the way up: the width before it and that of the skip connection, from the paper's figure.
WIDTHS_UP = ((2560, 2560, 2560), (2560, 2560, 1920), (1920, 1280, 960), (960, 640, 640))
Table = dict[str, tuple[int, ...]]


def _attentions() -> Iterator[tuple[str, int]]:
    for level in range(3):
        for place in range(2):
            yield f"down_blocks.{level}.attentions.{place}", WIDTHS[level]
    yield "mid_block.attentions.0", 1280
    for level in range(1, 4):
        for place in range(3):
            yield f"up_blocks.{level}.attentions.{place}", WIDTHS[3 - level]


def _attention_and_mlp() -> Table:
    """The shape of the weight of each layer, by its dotted name."""
    table: Table = {}
    for name, width in _attentions():
        table |= {f"{name}.{part}": (width, width, 1, 1) for part in ("proj_in", "proj_out")}
        block = f"{name}.transformer_blocks.0"
        for part, source in (("attn1", width), ("attn2", TEXT_WIDTH)):
            table |= {f"{block}.{part}.to_q": (width, width), f"{block}.{part}.to_out.0": (width, width)}
            table |= {f"{block}.{part}.to_k": (width, source), f"{block}.{part}.to_v": (width, source)}
        table |= {f"{block}.ff.net.0.proj": (8 * width, width), f"{block}.ff.net.2": (width, 4 * width)}
    return table


def _residuals() -> Iterator[tuple[str, int, int]]:
    for level, width in enumerate(WIDTHS):
        yield f"down_blocks.{level}.resnets.0", WIDTHS[max(0, level - 1)], width
        yield f"down_blocks.{level}.resnets.1", width, width
    yield from ((f"mid_block.resnets.{place}", 1280, 1280) for place in range(2))
    for level, befores in enumerate(WIDTHS_UP):
        for place, before in enumerate(befores):
            yield f"up_blocks.{level}.resnets.{place}", before, WIDTHS[3 - level]


def _convolutions() -> Table:
    table: Table = {}
    for name, before, width in _residuals():
        table |= {f"{name}.conv1": (width, before, 3, 3), f"{name}.conv2": (width, width, 3, 3)}
        table |= {f"{name}.time_emb_proj": (width, TIME_WIDTH)}
        if before != width:
            table |= {f"{name}.conv_shortcut": (width, before, 1, 1)}
    for level in range(3):
        width, width_up = WIDTHS[level], WIDTHS[3 - level]
        table |= {f"down_blocks.{level}.downsamplers.0.conv": (width, width, 3, 3)}
        table |= {f"up_blocks.{level}.upsamplers.0.conv": (width_up, width_up, 3, 3)}
    return table


def _lora_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of down and up: a convolution first reduces with its own kernel and then widens with 1x1."""
    return (RANK, *shape[1:]), (shape[0], RANK, *[1] * (len(shape) - 2))


def _layers(targets: LoraTargets) -> dict[str, LoraLayer]:
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=TEXT_WIDTH, attention_head_dim=8, sample_size=64)
        attach_trainable(unet, LoraSpec(RANK, alpha=2.0, targets=targets), seed=1)
    for name, module in unet.named_modules():
        if ".lora_" in name and not list(module.children()):
            module.to_empty(device="cpu")  # the base model stays without memory
    return trained_layers(unet, LoraSpec(RANK, alpha=2.0, targets=targets))


TABLES = [
    (LoraTargets.ATTENTION_AND_MLP, _attention_and_mlp(), 192),
    (LoraTargets.ALL_LAYERS, {**_attention_and_mlp(), **_convolutions()}, 278),
]


@pytest.mark.parametrize(("targets", "table", "count"), TABLES)
def test_that_kohya_keys_and_shapes_are_the_published_ones(targets: LoraTargets, table: Table, count: int) -> None:
    expected: Table = {}
    for name, shape in table.items():
        key = "lora_unet_" + name.replace(".", "_")
        down, up = _lora_shapes(shape)
        expected |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": ()}

    tensors = kohya_tensors(_layers(targets), torch.float16)

    assert len(table) == count
    assert {key: tuple(tensor.shape) for key, tensor in tensors.items()} == expected
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}


@pytest.mark.parametrize(("targets", "table", "count"), TABLES)
def test_that_diffusers_keys_and_shapes_are_the_published_ones(targets: LoraTargets, table: Table, count: int) -> None:
    expected: Table = {}
    for name, shape in table.items():
        down, up = _lora_shapes(shape)
        expected |= {f"unet.{name}.lora_A.weight": down, f"unet.{name}.lora_B.weight": up}

    tensors = diffusers_tensors(_layers(targets), torch.float16)

    assert len(table) == count
    assert {key: tuple(tensor.shape) for key, tensor in tensors.items()} == expected


@pytest.mark.parametrize(
    ("alpha", "dtype", "written_as"),
    [
        (16.0, torch.float16, torch.float16),
        (0.1, torch.float16, torch.float32),  # 0.0999756 in 16 bits would draw a fortieth of a percent too weakly
        (257.0, torch.bfloat16, torch.float32),  # 256 in bf16
    ],
)
def test_that_an_alpha_is_never_rounded_to_16_bits(alpha: float, dtype: torch.dtype, written_as: torch.dtype) -> None:
    layer = LoraLayer(torch.zeros(2, 8), torch.zeros(8, 2), alpha)

    tensors = kohya_tensors({"mid_block.attentions.0.proj_in": layer}, dtype)

    scalar = tensors["lora_unet_mid_block_attentions_0_proj_in.alpha"]
    assert scalar.dtype == written_as
    assert float(scalar) == pytest.approx(alpha, rel=1e-7)
