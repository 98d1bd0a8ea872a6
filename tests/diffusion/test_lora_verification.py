"""The second reader: it agrees with the live adapter and with diffusers, and it finds every kind of damage."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file, save_file
from torch import Tensor

from calotype.diffusion import lora_verification
from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import attach_trainable, remove_adapters, trained_layers
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_trial import output_difference
from calotype.diffusion.lora_verification import (
    VerificationError,
    has_places,
    read_updates,
    weight_difference,
)
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision

SPEC = LoraSpec(rank=4, alpha=0.7, targets=LoraTargets.ALL_LAYERS)
QUERY = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
KEY = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_k"


@pytest.fixture
def learned(starter: BaseModel, tmp_path: Path) -> Path:
    """The file of a run, whose weights are no longer zero."""
    chance = torch.Generator().manual_seed(5)
    for parameter in attach_trainable(starter.unet, SPEC, seed=1):
        parameter.data = torch.randn(parameter.shape, generator=chance) * 0.1
    path = tmp_path / "learned.safetensors"
    path.write_bytes(lora_file_bytes(trained_layers(starter.unet, SPEC), {}, torch.float32))
    remove_adapters(starter.unet)
    return path


def _exported(learned: Path, choice: ExportChoice) -> Path:
    path = learned.with_name("written.safetensors")
    path.write_bytes(pack_lora(learned, choice, None).data)
    return path


def _verify(written: Path, learned: Path) -> float:
    return weight_difference(read_updates(written), read_updates(learned))


def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(1, 4, 16, 16, generator=chance), torch.randn(1, 8, 256, generator=chance)
    with torch.no_grad():
        prediction: Tensor = unet(latents, torch.tensor([500]), embeddings).sample
    return prediction


# Twice what rounding was measured to change of a layer, with trained LoRAs and with random ones.
MOST = {LoraPrecision.FP32: 1e-7, LoraPrecision.FP16: 7e-4, LoraPrecision.BF16: 5e-3}


@pytest.mark.parametrize(("layout", "precision"), list(product(LoraLayout, LoraPrecision)))
def test_that_every_kind_of_file_predicts_what_the_live_adapter_predicts(
    layout: LoraLayout, precision: LoraPrecision, learned: Path, starter: BaseModel
) -> None:
    written = _exported(learned, ExportChoice(layout, precision))

    weights, output = _verify(written, learned), output_difference(starter.card, learned, read_updates(written))

    assert len(read_updates(written)) == len(load_file(written)) / (3 if layout is LoraLayout.KOHYA else 2)
    assert (weights == 0) == (precision is LoraPrecision.FP32 and layout is LoraLayout.KOHYA)
    assert weights <= MOST[precision]
    assert output <= (1e-5 if precision is LoraPrecision.FP32 else 0.05)


def test_that_diffusers_own_loader_draws_the_same_from_both_layouts(
    learned: Path, starter: BaseModel, starter_folder: Path
) -> None:
    base, predictions = _predict(starter.unet), []

    for layout in LoraLayout:
        pipeline = StableDiffusionPipeline.from_pretrained(starter_folder, safety_checker=None, local_files_only=True)
        pipeline.load_lora_weights(_exported(learned, ExportChoice(layout, LoraPrecision.FP32)))
        predictions.append(_predict(pipeline.unet))

    assert float((predictions[0] - base).abs().max()) > 1e-2
    assert float((predictions[0] - predictions[1]).abs().max()) <= 1e-5


def test_that_the_difference_of_a_layer_is_the_one_worked_out_with_whole_matrices(learned: Path) -> None:
    written = _exported(learned, ExportChoice(precision=LoraPrecision.BF16))
    ours, theirs = read_updates(written), read_updates(learned)

    by_hand = max(float((ours[name].delta - theirs[name].delta).norm() / theirs[name].delta.norm()) for name in ours)

    assert weight_difference(ours, theirs) == pytest.approx(by_hand, rel=1e-9)


def _damaged(change: Callable[[dict[str, Tensor]], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)

    return damage


def _swap(tensors: dict[str, Tensor]) -> None:
    for part in ("lora_down.weight", "lora_up.weight"):
        first, second = f"{QUERY}.{part}", f"{KEY}.{part}"
        tensors[first], tensors[second] = tensors[second], tensors[first]


def _flip_one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "one bit flipped": _flip_one_bit,
    "end missing": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "zeros at the end": lambda path: path.write_bytes(path.read_bytes()[:-64] + bytes(64)),
    "empty": lambda path: path.write_bytes(b""),
    "two layers swapped": _damaged(_swap),
    "alpha as rank": _damaged(lambda tensors: tensors.update({f"{QUERY}.alpha": torch.tensor(4.0)})),
    "alpha missing": _damaged(lambda tensors: tensors.pop(f"{QUERY}.alpha")),
    "half a layer missing": _damaged(lambda tensors: tensors.pop(f"{QUERY}.lora_up.weight")),
    "a layer missing": _damaged(
        lambda tensors: [tensors.pop(f"{QUERY}.{part}") for part in ("lora_up.weight", "lora_down.weight", "alpha")]
    ),
    "a key too many": _damaged(lambda tensors: tensors.update({f"{QUERY}.dora_scale": torch.ones(1)})),
    "a misspelt layer": _damaged(
        lambda tensors: tensors.update({"lora_unet_Mid.lora_up.weight": tensors.pop(f"{QUERY}.lora_up.weight")})
    ),
    "not a number": _damaged(lambda tensors: tensors[f"{QUERY}.lora_up.weight"].fill_(math.nan)),
    "another rank": _damaged(
        lambda tensors: tensors.update(
            {f"{QUERY}.lora_up.weight": torch.ones(256, 2), f"{QUERY}.lora_down.weight": torch.ones(2, 256)}
        )
    ),
}


@pytest.mark.parametrize("precision", [LoraPrecision.FP16, LoraPrecision.FP32])
@pytest.mark.parametrize("damage", DAMAGES)
def test_that_no_damage_goes_unnoticed(damage: str, precision: LoraPrecision, learned: Path) -> None:
    written = _exported(learned, ExportChoice(precision=precision))
    _verify(written, learned)

    DAMAGES[damage](written)

    with pytest.raises(VerificationError):
        _verify(written, learned)


def test_that_weights_too_large_for_16_bits_are_named(learned: Path) -> None:
    _damaged(lambda tensors: tensors[f"{QUERY}.lora_up.weight"].fill_(1e6))(learned)

    with pytest.raises(VerificationError, match=r"attn1\.to_q has numbers that are too large for this precision"):
        _verify(_exported(learned, ExportChoice(precision=LoraPrecision.FP16)), learned)


def test_that_layers_in_the_wrong_place_predict_otherwise(learned: Path, starter: BaseModel) -> None:
    updates = dict(read_updates(learned))
    first, second = (f"mid_block.attentions.0.transformer_blocks.0.attn1.{part}" for part in ("to_v", "to_out.0"))
    updates[first], updates[second] = updates[second], updates[first]

    with pytest.raises(VerificationError, match="predicts otherwise"):
        output_difference(starter.card, learned, updates)


def test_that_another_base_model_has_no_place_for_it(learned: Path, starter: BaseModel) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in starter.unet.state_dict().items()}
    narrower = {name: (shape[0] // 2, *shape[1:]) for name, shape in shapes.items()}
    updates = read_updates(learned)

    assert has_places(updates, shapes)
    assert not has_places(updates, narrower)
    assert not has_places(updates, {})


def test_that_the_second_reader_shares_no_code_with_the_exporter() -> None:
    tree = ast.parse(Path(lora_verification.__file__).read_text(encoding="utf-8"))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert [name for name in imported if name.split(".")[0] in ("calotype", "safetensors", "peft", "diffusers")] == []
