"""calotype loras: the Library's files and the tools, to a person and to a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

KEY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    """A LoRA for the starter, with words and a tensor of unknown meaning."""
    chance = torch.Generator().manual_seed(1)
    tensors = {
        f"{KEY}.lora_down.weight": torch.randn(4, 256, generator=chance),
        f"{KEY}.lora_up.weight": torch.randn(128, 4, generator=chance),
        f"{KEY}.alpha": torch.tensor(2.0),
        "strange.tensor": torch.zeros(1),
    }
    words = {
        "modelspec.title": "Rusty",
        "modelspec.trigger_phrase": "rusty",
        "ss_steps": "300",
        "ss_tag_frequency": '{"1_rusty": {"red fur": 3, "forest": 9}}',
    }
    save_file(tensors, tmp_path / "rusty.safetensors", words)
    return tmp_path / "rusty.safetensors"


def test_that_a_lora_is_added_listed_and_described(call: Any, home: Path, lora: Path) -> None:
    added = call("loras", "add", lora)
    listed = call("loras", "list")
    told, answer = call("loras", "inspect", "rusty"), call("loras", "inspect", lora, "--json")

    assert (added.code, listed.code, told.code, answer.code) == (0, 0, 0, 0)
    assert listed.out.startswith("Rusty  LoRA  Starter  rank 4  6.")
    assert added.out == f"Added {listed.out}"
    assert [" ".join(line.split()) for line in told.out.splitlines()] == [
        "rusty.safetensors: LoRA, “Rusty”",
        "for Starter",
        "rank 4, alpha 4",
        "changes 1 layer of the U-Net",
        f"size {listed.out.split('rank 4  ')[1].split('  ')[0]}",
        "trigger rusty",
        "steps 300",
        "captions forest, red fur",
        "unknown 1 tensor, without effect: strange.tensor",
    ]
    assert answer.values["facts"] == {"steps": "300", "captions": "forest, red fur"}
    assert (answer.values["card"]["kind"], answer.values["card"]["made_for"]) == ("lora", "starter")


def test_that_tools_say_what_they_made(call: Any, home: Path, lora: Path, tmp_path: Path) -> None:
    merged = call("loras", "merge", f"{lora}:0.5", lora, "--out", tmp_path / "both", "--precision", "fp32")
    cut = call("loras", "resize", lora, "--rank", 2, "--out", tmp_path / "cut.safetensors", "--json")
    baked = call("loras", "bake", lora, "--model", "starter", "--out", tmp_path / "baked")
    extracted = call(
        "loras", "extract", "--base", "starter", "--tuned", tmp_path / "baked", "--rank", 8, "--out", tmp_path / "again"
    )

    assert [answer.code for answer in (merged, cut, baked, extracted)] == [0, 0, 0, 0]
    assert merged.out.splitlines()[1:] == [
        "Nothing was cut off.",
        "Verified: all 3 keys read back, nothing rounded.",
        "Left out: 2 tensors that such a LoRA cannot hold.",
    ]
    assert cut.values["rank"] == 2 and 0.5 < cut.values["kept"] < 1
    assert "1 of 339" in baked.out and "every other tensor is the original's" in baked.out
    first, again = load_file(lora), load_file(tmp_path / "again.safetensors")
    wanted = 0.5 * first[f"{KEY}.lora_up.weight"] @ first[f"{KEY}.lora_down.weight"]
    found = again[f"{KEY}.lora_up.weight"].float() @ again[f"{KEY}.lora_down.weight"].float()
    assert float((found - wanted).norm() / wanted.norm()) < 0.01


def test_that_a_refusal_is_one_line(call: Any, home: Path, lora: Path, tmp_path: Path) -> None:
    again = call("loras", "bake", lora, "--model", "starter", "--out", tmp_path)
    missing = call("loras", "resize", "nobody", "--rank", 2, "--out", tmp_path / "x")

    assert (again.code, missing.code) == (1, 1)
    assert again.err.endswith("cannot be written: something is there already; choose another name.\n")
    assert missing.err.startswith("calotype: There is no LoRA called “nobody”")
