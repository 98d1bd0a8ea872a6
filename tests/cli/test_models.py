"""calotype models inspect: what a file is, to a person and to a program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]


@pytest.fixture
def checkpoint(write_tensors: WriteTensors) -> Path:
    """A Stable Diffusion 2 checkpoint in one file."""
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD2).values() for key, shape in part.items()}
    return write_tensors("v2.safetensors", shapes)


def test_that_a_checkpoint_is_described(call: Any, home: Path, checkpoint: Path) -> None:
    told, answer = call("models", "inspect", checkpoint), call("models", "inspect", checkpoint, "--json")

    assert told.code == answer.code == 0
    assert told.out.splitlines()[:3] == [
        "v2.safetensors: Stable Diffusion 2, fp16, one file",
        "  prediction  epsilon or v: the header does not say",
        "  size        2.6 GB",
    ]
    assert "only if they are Stable Diffusion 1" in told.out.splitlines()[-1]
    values = answer.values
    assert (values["kind"], values["layout"], values["prediction"]) == ("sd2", "single_file", "unknown")
    assert (values["precision"], values["has_ema"], values["is_trainable"]) == ("fp16", False, False)
    assert values["obstacle"]["kind"] == "SingleFileNotTrainableError"
    assert values["size_bytes"] == checkpoint.stat().st_size


def test_that_a_folder_that_can_be_trained_says_so(call: Any, home: Path, starter_folder: Path) -> None:
    told, answer = call("models", "inspect", starter_folder), call("models", "inspect", starter_folder, "--json")

    assert "Training can start from it: calotype models add" in told.out
    assert answer.values["is_trainable"] is True
    assert "obstacle" not in answer.values


def test_that_a_lora_is_refused_with_what_it_is(call: Any, home: Path, write_tensors: WriteTensors) -> None:
    path = write_tensors("mine.safetensors", {"lora_unet_mid_block_attn2_to_k.lora_down.weight": (4, 768)})

    answer = call("models", "inspect", path, "--json")

    assert answer.code == 1
    assert answer.values["error"]["kind"] == "LoraGivenError"
    assert answer.err.startswith("calotype: mine.safetensors is a LoRA (kohya layout, for Stable Diffusion 1)")


def test_that_adding_and_training_on_a_single_file_say_the_same(call: Any, home: Path, checkpoint: Path) -> None:
    sentence = (
        "calotype: v2.safetensors was recognised as Stable Diffusion 2, fp16, but single files can be trained on only "
        "if they are Stable Diffusion 1. Add the same model as a folder in the diffusers layout.\n"
    )

    added = call("models", "add", checkpoint)
    drawn = call("generate", "--prompt", "x", "--model", checkpoint, "--out", home)

    assert (added.code, added.err) == (1, sentence)
    assert (drawn.code, drawn.err) == (1, sentence)
