"""What a Stable Diffusion 2 file predicts, when its header does not say it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.model_cards import read_card
from calotype.diffusion.safetensors_header import read_header
from calotype.domain.models import ModelChoices, PredictionSource
from calotype.domain.recognised import ModelKind, Prediction

WriteTensors = Callable[..., Path]
TELLING = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}


@pytest.fixture
def spread_file(write_tensors: WriteTensors) -> Callable[..., Path]:
    """A checkpoint whose telling layer has biases of this spread; its other weights are holes."""

    def make(spread: float, dtype: str = "F16", **metadata: str) -> Path:
        shapes = {key: shape for part in checkpoint_parts(ModelKind.SD2).values() for key, shape in part.items()}
        path = write_tensors("v2.safetensors", shapes, dtype, **metadata)
        biases = torch.tensor([spread, -spread] * 160).to(DTYPES[dtype])
        with path.open("r+b") as file:
            file.seek(read_header(path).spans[TELLING][0])
            file.write(biases.view(torch.uint8).numpy().tobytes())
        return path

    return make


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("spread", "kind", "side"), [(0.05, "epsilon", 512), (0.12, "v_prediction", 768)])
def test_that_the_spread_of_one_layer_tells_the_published_models_apart(
    dtype: str, spread: float, kind: str, side: int, spread_file: Callable[..., Path]
) -> None:
    card = read_card(spread_file(spread, dtype), "v2", "v2")

    assert (card.prediction_type, card.prediction_source) == (kind, PredictionSource.ASSUMED)
    assert card.resolution_px == side


@pytest.mark.parametrize("strange", [float("inf"), float("nan")])
def test_that_numbers_that_are_none_tell_nothing(strange: float, spread_file: Callable[..., Path]) -> None:
    assert read_card(spread_file(strange), "v2", "v2").prediction_type == "epsilon"


def test_that_the_header_counts_more_than_the_weights(spread_file: Callable[..., Path]) -> None:
    path = spread_file(0.12, **{"modelspec.architecture": "stable-diffusion-v2-512"})

    card = read_card(path, "v2", "v2")

    assert (card.prediction_type, card.prediction_source) == ("epsilon", PredictionSource.STATED)
    assert card.resolution_px == 512


def test_that_the_user_counts_more_than_the_header(spread_file: Callable[..., Path]) -> None:
    path = spread_file(0.0, **{"modelspec.prediction_type": "epsilon"})

    card = read_card(path, "v2", "v2", ModelChoices(Prediction.V))

    assert (card.prediction_type, card.prediction_source) == ("v_prediction", PredictionSource.CHOSEN)
    assert card.resolution_px == 768
