"""Text encoders take the memory that their files take, and say the same to the last bit as at 32 bits."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from calotype.diffusion.base_model import BaseModel, load_base_model
from calotype.diffusion.known_prompts import KnownPrompts
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import FittedLora, layer_of
from calotype.diffusion.lora_weights import networks_of, weights_with
from calotype.diffusion.model_folder import read_model_card
from calotype.diffusion.wide_computing import compute_wide, kept_dtype

PROMPTS = ["a red apple on a table", ""]


def _model(starter_folder: Path, folder: Path, dtype: torch.dtype, stored_as: torch.dtype) -> BaseModel:
    """Starter with a text encoder whose numbers were rounded to `dtype`, in a file of another format."""
    shutil.copytree(starter_folder, folder)
    path = folder / "text_encoder/model.safetensors"
    rounded = {name: tensor.to(dtype).to(stored_as) for name, tensor in load_file(path).items()}
    path.unlink()
    save_file(rounded, path, {"format": "pt"})
    return load_base_model(read_model_card(folder, "m", "M"), torch.device("cpu"), torch.float32, 1)


def _dtypes(model: BaseModel) -> set[torch.dtype]:
    return {weight.dtype for weight in model.text_encoders[0].network.parameters()}


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16], ids=str)
def test_that_words_are_read_the_same_at_half_the_memory(
    half: torch.dtype, starter_folder: Path, tmp_path: Path
) -> None:
    small = _model(starter_folder, tmp_path / "small", half, half)
    large = _model(starter_folder, tmp_path / "large", half, torch.float32)

    with torch.no_grad():
        read = [encode_prompts(model.reading(skip), PROMPTS) for model in (small, large) for skip in (1, 2)]

    assert (_dtypes(small), _dtypes(large)) == ({half}, {torch.float32})
    assert all(words.hidden_states.dtype is torch.float32 for words in read)
    assert torch.equal(read[0].hidden_states, read[2].hidden_states)
    assert torch.equal(read[1].hidden_states, read[3].hidden_states)
    assert _dtypes(small) == {half}  # afterwards, too


def test_that_a_lora_of_the_text_encoder_is_not_rounded(starter_folder: Path, tmp_path: Path) -> None:
    chance, layer = torch.Generator().manual_seed(1), (LoraPart.TEXT_ENCODER, "encoder.layers.0.mlp.fc1")
    half, full = (
        _model(starter_folder, tmp_path / str(dtype), torch.float16, dtype) for dtype in (torch.float16, torch.float32)
    )
    changed = layer_of(half.text_encoders[0].network, layer[1])
    assert changed is not None
    change = {"diff": torch.randn(changed.weight.shape, generator=chance) * 1e-5}  # of the size that 16 bits round away
    lora = FittedLora({}, {layer: change}, ())

    def read(model: BaseModel) -> torch.Tensor:
        with torch.no_grad(), weights_with(networks_of(model), [(lora, 1.0)]):
            return encode_prompts(model, PROMPTS).hidden_states

    with torch.no_grad():
        plain = encode_prompts(half, PROMPTS).hidden_states
    assert torch.equal(read(half), read(full))
    assert not torch.equal(read(half), plain)
    assert _dtypes(half) == {torch.float16}


def test_that_weights_are_narrow_again_after_an_error() -> None:
    layer = torch.nn.Linear(4, 4, dtype=torch.float16)
    compute_wide(layer)

    with pytest.raises(RuntimeError):
        layer(torch.zeros(1, 5))

    assert layer.weight.dtype is torch.float16
    assert layer(torch.zeros(1, 4)).dtype is torch.float32


def test_that_a_mixture_and_other_formats_are_kept_at_32_bits() -> None:
    f16, bf16, f32, counts = torch.float16, torch.bfloat16, torch.float32, torch.int64

    assert kept_dtype([f16, f16, counts]) is f16
    assert kept_dtype([bf16]) is bf16
    assert {kept_dtype(stored) for stored in ([f16, bf16], [f16, f32], [torch.float8_e4m3fn], [])} == {f32}


def test_that_the_file_may_go_away_once_it_is_loaded(starter_folder: Path, tmp_path: Path) -> None:
    model = _model(starter_folder, tmp_path / "model", torch.float16, torch.float16)
    with torch.no_grad():
        before = encode_prompts(model, PROMPTS).hidden_states
    path = tmp_path / "model/text_encoder/model.safetensors"
    with path.open("r+b") as file:  # the same file: what is mapped would change with it
        file.write(bytes(path.stat().st_size))

    with torch.no_grad():
        after = encode_prompts(replace(model, known_prompts=KnownPrompts()), PROMPTS).hidden_states

    assert torch.equal(before, after)
