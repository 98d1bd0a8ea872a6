"""calotype models inspect: what a file is, to a person and to a program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calotype.diffusion.checkpoint_layout import VAE, VAE_PREFIX, checkpoint_parts
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
        "  prediction  epsilon, assumed from the weights (the header does not say)",
        "  size        2.6 GB",
    ]
    assert "Training can start from it" in told.out.splitlines()[-1]
    values = answer.values
    assert (values["kind"], values["layout"], values["prediction"]) == ("sd2", "single_file", "unknown")
    assert (values["precision"], values["has_ema"], values["is_trainable"]) == ("fp16", False, True)
    assert values["as_base_model"]["prediction_source"] == "assumed"
    assert values["size_bytes"] == checkpoint.stat().st_size


def test_that_the_prediction_is_chosen_kept_and_left_to_the_file_again(call: Any, home: Path, checkpoint: Path) -> None:
    assumed = call("models", "add", checkpoint)
    chosen = call("models", "add", checkpoint, "--prediction-type", "v", "--json").values
    kept = call("models", "add", checkpoint, "--json").values
    told = call("models", "inspect", checkpoint)
    again = call("models", "add", checkpoint, "--prediction-type", "auto", "--json").values

    assert "From its weights, epsilon is assumed" in assumed.out
    assert "--prediction-type v" in assumed.out
    for values in (chosen, kept):
        assert (values["prediction_type"], values["prediction_source"]) == ("v_prediction", "chosen")
        assert values["resolution_px"] == 768
    assert "  prediction  v, chosen by you (the header does not say)" in told.out
    assert (again["prediction_type"], again["prediction_source"], again["resolution_px"]) == ("epsilon", "assumed", 512)


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


def test_that_adding_and_drawing_with_a_file_say_the_same(call: Any, home: Path, write_tensors: WriteTensors) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SDXL_REFINER).values() for key, shape in part.items()}
    path = write_tensors("xl.safetensors", shapes)
    sentence = (
        "calotype: “xl.safetensors” cannot be used as a base model: it is a Stable Diffusion XL Refiner model (fp16), "
        "which this version cannot train yet. Choose a Stable Diffusion 1, 2 or XL model.\n"
    )

    added = call("models", "add", path)
    drawn = call("generate", "--prompt", "x", "--model", path, "--out", home)

    assert (added.code, added.err) == (1, sentence)
    assert (drawn.code, drawn.err) == (1, sentence)


def test_that_an_inpainting_model_is_described_and_what_to_take_instead(
    call: Any, home: Path, write_tensors: WriteTensors
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD2, 9).values() for key, shape in part.items()}
    path = write_tensors("hole.safetensors", shapes)

    told, refused = call("models", "inspect", path), call("models", "add", path)

    assert told.code == 0
    assert told.out.startswith("hole.safetensors: Stable Diffusion 2, inpainting, fp16, one file\n")
    assert "Choose the plain model that it was made from" in told.out
    assert refused.code == 1
    assert refused.err.startswith("calotype: hole.safetensors is an inpainting model: ")


def test_that_a_vae_is_set_shown_and_given_up(
    call: Any, home: Path, checkpoint: Path, write_tensors: WriteTensors
) -> None:
    inside = checkpoint_parts(ModelKind.SD2)[VAE]
    vae = write_tensors("sharp.safetensors", {key.removeprefix(VAE_PREFIX): shape for key, shape in inside.items()})
    call("models", "add", checkpoint)

    told = call("models", "set-vae", "v2", vae)
    asked, listed = call("models", "set-vae", "v2"), call("models", "list")
    inspected = call("models", "inspect", checkpoint)
    none = call("models", "set-vae", "v2", "--none", "--json")
    both, foreign = call("models", "set-vae", "v2", vae, "--none"), call("models", "set-vae", "v2", checkpoint)

    assert told.out == asked.out == f"v2 uses {vae}.\n"
    assert f"with the VAE {vae}" in listed.out
    assert f"  VAE         {vae}" in inspected.out.splitlines()
    assert none.values["vae"] is None
    assert call("models", "set-vae", "v2").out == "v2 uses its own VAE.\n"
    assert (both.code, foreign.code) == (2, 1)
    assert foreign.err.startswith("calotype: v2.safetensors is no VAE: it is a whole checkpoint")


def test_that_a_vae_given_as_model_says_where_it_goes(call: Any, home: Path, write_tensors: WriteTensors) -> None:
    inside = checkpoint_parts(ModelKind.SD1)[VAE]

    refused = call("models", "add", write_tensors("sharp.safetensors", inside))

    assert refused.code == 1
    assert "is a VAE alone" in refused.err and "calotype models set-vae" in refused.err


def test_that_a_choice_against_the_files_says_both(call: Any, home: Path, starter_folder: Path) -> None:
    call("models", "add", starter_folder, "--prediction-type", "epsilon")

    told = call("models", "inspect", starter_folder)

    assert "  prediction  epsilon, chosen by you (its files say v)" in told.out.splitlines()
