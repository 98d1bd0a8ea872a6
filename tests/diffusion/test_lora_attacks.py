"""Whatever a LoRA file holds, it is drawn with or refused with a sentence; nothing else happens."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_headers import lora_contents, read_lora_header
from calotype.diffusion.lora_keys import LoraPart, place_of
from calotype.diffusion.lora_reading import fit_lora, read_lora_file
from calotype.diffusion.lora_weights import networks_of
from calotype.domain.errors import LoraError, LoraUnreadableError

LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"  # (128, 256) in the starter
ENDINGS = (
    *("lora_down.weight", "lora_up.weight", "lora_mid.weight", "alpha", "dora_scale", "lora_magnitude_vector", "diff"),
    *(f"hada_w{n}_{half}" for n in (1, 2) for half in "ab"),
    *("hada_t1", "hada_t2", "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
)
SIZES = (0, 1, 2, 4, 32, 128, 256)
# Whole layers for a weight of 128 x 256; every attack begins with one of them.
WHOLE: tuple[dict[str, tuple[int, ...]], ...] = (
    {"lora_down.weight": (2, 256), "lora_up.weight": (128, 2), "alpha": ()},
    {"lora_down.weight": (2, 256, 1, 1), "lora_up.weight": (128, 2, 1, 1), "lora_mid.weight": (2, 2, 1, 1)},
    {"lora_down.weight": (2, 256), "lora_up.weight": (128, 2), "dora_scale": (128, 1)},
    {"hada_w1_a": (128, 2), "hada_w1_b": (2, 256), "hada_w2_a": (128, 2), "hada_w2_b": (2, 256), "alpha": (1,)},
    {"lokr_w1": (4, 8), "lokr_w2_a": (32, 2), "lokr_w2_b": (2, 32)},
    {"diff": (128, 256), "lora_magnitude_vector": (128,)},
)


def _attacked(chance: random.Random) -> dict[str, Tensor]:
    shapes = dict(chance.choice(WHOLE))
    for _ in range(chance.randint(0, 2)):
        ending = chance.choice([*shapes, *ENDINGS])
        match chance.randint(0, 3):
            case 0 if len(shapes) > 1:
                shapes.pop(ending, None)
            case 1 if ending in shapes:
                shapes[ending] = shapes[ending][::-1]
            case _:
                shapes[ending] = tuple(chance.choice(SIZES[:4]) for _ in range(chance.randint(0, 4)))
    kinds = (torch.float32, torch.float16, torch.bfloat16) + (torch.int8,) * (chance.random() < 0.1)
    return {f"{LAYER}.{ending}": torch.ones(shape, dtype=chance.choice(kinds)) for ending, shape in shapes.items()}


def test_that_no_mixture_of_tensors_does_anything_but_be_refused(starter: BaseModel, tmp_path: Path) -> None:
    path, refused = tmp_path / "odd.safetensors", 0
    for seed in range(400):
        save_file(_attacked(random.Random(seed)), path)
        try:
            lora_contents(read_lora_header(path))
            fitted = fit_lora(read_lora_file(path), networks_of(starter), "Starter")
            with drawing_with(starter, [(fitted, 1.0)]):
                pass
        except LoraError as error:
            assert "odd.safetensors" in str(error)
            refused += 1

    assert 100 < refused < 300


def test_that_shapes_that_would_need_terabytes_are_refused_at_once(starter: BaseModel, tmp_path: Path) -> None:
    path = tmp_path / "huge.safetensors"
    save_file({f"{LAYER}.lokr_w1": torch.ones(3000, 3000), f"{LAYER}.lokr_w2": torch.ones(3000, 3000)}, path)

    with pytest.raises(LoraError, match="made for 9000000x9000000"):
        fit_lora(read_lora_file(path), {LoraPart.UNET: starter.unet}, "Starter")


@pytest.mark.parametrize("count", [1, 127, 256 * 2])
def test_that_a_wrong_number_of_lengths_is_refused(count: int, starter: BaseModel, tmp_path: Path) -> None:
    tensors = {
        f"{LAYER}.lora_down.weight": torch.ones(2, 256),
        f"{LAYER}.lora_up.weight": torch.ones(128, 2),
        f"{LAYER}.dora_scale": torch.ones(count, 1),
    }
    save_file(tensors, tmp_path / "dora.safetensors")

    with pytest.raises(LoraUnreadableError, match="no meaning"):
        fit_lora(read_lora_file(tmp_path / "dora.safetensors"), {LoraPart.UNET: starter.unet}, "Starter")


def test_that_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    up = torch.ones(128, 2)
    up[5, 1] = float("nan")
    tensors = {f"{LAYER}.lora_down.weight": torch.ones(2, 256), f"{LAYER}.lora_up.weight": up}
    save_file(tensors, tmp_path / "nan.safetensors")

    with pytest.raises(LoraUnreadableError, match=r"attn2\.to_k holds numbers that are not finite"):
        read_lora_file(tmp_path / "nan.safetensors")


def test_that_any_name_at_all_has_a_place_or_none() -> None:
    chance, pieces = (
        random.Random(1),
        (*ENDINGS, LAYER, "unet", "lora_te1_", "processor", "", "..", "_", "\n", "é", "0" * 50),
    )
    for _ in range(3000):
        name = "".join(chance.choice((".", "_", "")) + chance.choice(pieces) for _ in range(chance.randint(0, 5)))
        place = place_of(name)
        assert place is None or place.layer


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "[]",
        '{"lora_alpha": 1%s}' % ("0" * 400),
        '{"lora_alpha": NaN}',
        '{"lora_alpha": -Infinity, "use_rslora": 1}',
        '{"lora_alpha": {"a": 1}, "alpha_pattern": [1]}',
        '{"lora_alpha": 4, "alpha_pattern": {"^attn2.to_k": null, "(": 1e999}}',
        '{"alpha_pattern": {"to_k": [[]]}}',
    ],
)
@pytest.mark.parametrize("is_inside", [True, False])
def test_that_a_strange_configuration_of_peft_is_no_crash(
    text: str, is_inside: bool, starter: BaseModel, tmp_path: Path
) -> None:
    path = tmp_path / "lora.safetensors"
    tensors = {f"{LAYER}.lora_down.weight": torch.ones(2, 256), f"{LAYER}.lora_up.weight": torch.ones(128, 2)}
    save_file(tensors, path, {"lora_adapter_metadata": text} if is_inside else {})
    if not is_inside:
        path.with_suffix(".adapter_config.json").write_text(text, encoding="utf-8")

    try:
        fitted = fit_lora(read_lora_file(path), {LoraPart.UNET: starter.unet}, "Starter")
    except LoraError as error:
        assert "lora.safetensors" in str(error)
    else:
        assert all(math.isfinite(layer.alpha) for layer in fitted.adapter.values())
