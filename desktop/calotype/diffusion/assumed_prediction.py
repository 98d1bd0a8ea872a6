"""Guess from a few numbers what a Stable Diffusion 2 checkpoint predicts whose header does not say it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calotype.diffusion.checkpoint_layout import UNET_PREFIX
from calotype.diffusion.safetensors_header import SafetensorsHeader
from calotype.domain.errors import WeightsCorruptError
from calotype.domain.recognised import Prediction

_TELLING = UNET_PREFIX + "output_blocks.11.1.transformer_blocks.0.norm1.bias"
_LARGEST_OF_EPSILON = 0.09


def assumed_prediction(path: Path, header: SafetensorsHeader) -> Prediction:
    """v if the biases of one layer are spread widely, as in the published v models, otherwise epsilon.

    It is a rule of thumb, and a model that was trained on may break it: say that it was assumed, and let it be changed.
    Only that layer is read. Source: ComfyUI, comfy/supported_models.py, SD20. Raises WeightsCorruptError.
    """
    first, end = header.spans[_TELLING]
    try:
        with path.open("rb") as file:
            file.seek(first)
            numbers = _numbers(file.read(end - first), header.dtypes[_TELLING])
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error
    with np.errstate(all="ignore"):  # of numbers that are none, nothing can be told
        spread = float(numbers.std())
    return Prediction.V if spread > _LARGEST_OF_EPSILON else Prediction.EPSILON


def _numbers(data: bytes, dtype: str) -> NDArray[np.float64]:
    """The numbers of a tensor; of a format that numpy does not know, zeros, which tell nothing."""
    if dtype == "BF16":  # the upper half of a 32-bit number
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").astype(np.float64)
    known = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
    return np.frombuffer(data, known[dtype]).astype(np.float64) if dtype in known else np.zeros(1)
