"""Merging and baking heed how strongly the blocks of a LoRA count."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from calotype.diffusion.lora_verification import read_updates
from calotype.domain.control import Control
from calotype.domain.errors import LoraToolError
from calotype.domain.generation import LoraUse
from calotype.domain.lora_blocks import BlockStrengths
from calotype.domain.lora_export import LoraPrecision
from calotype.services import lora_tools
from calotype.services.lora_tools import LoraChoice

DOWN = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
UP = "up_blocks.0.resnets.1.conv1"
SHAPES = {DOWN: (128, 256), UP: (256, 384, 3, 3)}


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    """A LoRA of one layer on the way down and one on the way up."""
    chance, tensors = torch.Generator().manual_seed(1), {}
    for name, (out, into, *kernel) in SHAPES.items():
        key = "lora_unet_" + name.replace(".", "_")
        tensors[f"{key}.lora_down.weight"] = torch.randn(2, into, *kernel, generator=chance) * 0.1
        tensors[f"{key}.lora_up.weight"] = torch.randn(out, 2, *[1] * len(kernel), generator=chance) * 0.1
    save_file(tensors, tmp_path / "it.safetensors")
    return tmp_path / "it.safetensors"


def test_that_a_merge_holds_each_block_at_its_strength_and_none_that_counts_nothing(lora: Path, tmp_path: Path) -> None:
    uses = [
        LoraUse(lora, 0.5, BlockStrengths.parse("down=0")),
        LoraUse(lora, 1.0, BlockStrengths.parse("up1=0.5 down2=0")),
    ]
    choice = LoraChoice(tmp_path / "both.safetensors", precision=LoraPrecision.FP32)

    *_, written = lora_tools.merge_loras(uses, choice, Control())

    before, after = read_updates(lora), read_updates(choice.destination)
    assert set(after) == {UP} < set(before)
    assert float((after[UP].delta - before[UP].delta).abs().max()) < 1e-6  # 0.5 and 1.0 * 0.5
    with safe_open(choice.destination, "pt") as file:
        assert file.metadata()["calotype.made_by"] == "merged from it (0.5 down=0), it (1 up1=0.5 down2=0)"
    assert getattr(written, "layer_count", 0) == 1


def test_that_nothing_is_written_if_nothing_counts(lora: Path, tmp_path: Path) -> None:
    use = LoraUse(lora, 1.0, BlockStrengths.parse("down=0 up=0"))

    with pytest.raises(LoraToolError, match=r"none\.safetensors cannot be written: .* has strength 0\."):
        list(lora_tools.merge_loras([use], LoraChoice(tmp_path / "none.safetensors"), Control()))

    assert not (tmp_path / "none.safetensors").exists()


def test_that_baking_changes_only_blocks_that_count(lora: Path, starter_folder: Path, tmp_path: Path) -> None:
    use = LoraUse(lora, 1.0, BlockStrengths.parse("down=0"))

    *_, baked = lora_tools.bake_loras(starter_folder, [use], tmp_path / "baked", Control())

    unet = next(starter_folder.glob("unet/*.safetensors"))
    old, new = load_file(unet), load_file(tmp_path / "baked" / "unet" / unet.name)
    assert [key for key in old if not torch.equal(old[key], new[key])] == [f"{UP}.weight"]
    assert getattr(baked, "changed_tensors", 0) == 1
