"""The three small networks of the face detector, in NumPy: they need no library more, and no graphics card."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files

import numpy as np
from safetensors.numpy import load

Weights = Mapping[str, np.ndarray]
_FILE = ("face_detector", "mtcnn.safetensors")


@functools.cache
def load_networks() -> dict[str, Weights]:
    """The weights of `propose`, `refine` and `decide`, read once. Names: layer, then weight, bias or slope."""
    networks: dict[str, dict[str, np.ndarray]] = {}
    for name, tensor in load(files("calotype_resources").joinpath(*_FILE).read_bytes()).items():
        network, _, rest = name.partition(".")
        networks.setdefault(network, {})[rest] = tensor.astype(np.float32)
    return dict(networks)


def propose(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Look for faces of 12 pixels everywhere, a step of 2 pixels apart.

    Shapes: pixels (height, width, 3), 0 to 255; scores (rows, columns); boxes (rows, columns, 4): how far the face's
    left, top, right and bottom are from those of the window, in window sides.
    """
    weights = load_networks()["propose"]
    x = _pooled(_convolved(_scaled(pixels[None]), weights, "1", 3), 2)
    x = _convolved(_convolved(x, weights, "2", 3), weights, "3", 3)
    return _scores(_dense(x, weights, "score"))[0], _dense(x, weights, "box")[0]


def refine(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Look again at windows. Shapes: patches (n, 24, 24, 3), 0 to 255; scores (n,); boxes (n, 4) as above."""
    weights = load_networks()["refine"]
    x = _pooled(_convolved(_scaled(patches), weights, "1", 3), 3)
    x = _pooled(_convolved(x, weights, "2", 3), 3)
    x = _convolved(x, weights, "3", 2)  # (n, 3, 3, 64)
    x = _bent(_dense(x.reshape(len(x), -1), weights, "4"), weights["4.slope"])
    return _scores(_dense(x, weights, "score")), _dense(x, weights, "box")


def decide(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decide about windows. Shapes: patches (n, 48, 48, 3), 0 to 255; scores (n,); boxes (n, 4) as above."""
    weights = load_networks()["decide"]
    x = _pooled(_convolved(_scaled(patches), weights, "1", 3), 3)
    x = _pooled(_convolved(x, weights, "2", 3), 3)
    x = _pooled(_convolved(x, weights, "3", 3), 2)
    x = _convolved(x, weights, "4", 2)  # (n, 3, 3, 128)
    x = _bent(_dense(x.reshape(len(x), -1), weights, "5"), weights["5.slope"])
    return _scores(_dense(x, weights, "score")), _dense(x, weights, "box")


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return (pixels.astype(np.float32) - 127.5) / 128


def _convolved(x: np.ndarray, weights: Weights, layer: str, side: int) -> np.ndarray:
    """One convolution without padding, and the bend after it. Shapes: (n, h, w, in) to (n, h', w', out)."""
    height, width = x.shape[1] - side + 1, x.shape[2] - side + 1
    parts = [x[:, row : row + height, column : column + width] for row in range(side) for column in range(side)]
    return _bent(_dense(np.concatenate(parts, axis=-1), weights, layer), weights[f"{layer}.slope"])


def _dense(x: np.ndarray, weights: Weights, layer: str) -> np.ndarray:
    product: np.ndarray = x @ weights[f"{layer}.weight"] + weights[f"{layer}.bias"]
    return product


def _bent(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """PReLU: what is below zero is made smaller by a factor of its channel."""
    return np.where(x > 0, x, x * slope)


def _pooled(x: np.ndarray, side: int) -> np.ndarray:
    """The largest of each window, two pixels apart, also of those that reach over the edge."""
    height, width = (-(-(size - side) // 2) + 1 for size in x.shape[1:3])
    below, beside = 2 * (height - 1) + side - x.shape[1], 2 * (width - 1) + side - x.shape[2]
    padded = np.pad(x, ((0, 0), (0, below), (0, beside), (0, 0)), constant_values=-np.inf)
    parts = [
        padded[:, row : row + 2 * height - 1 : 2, column : column + 2 * width - 1 : 2]
        for row in range(side)
        for column in range(side)
    ]
    return functools.reduce(np.maximum, parts)


def _scores(x: np.ndarray) -> np.ndarray:
    """Softmax of two classes: the probability of the second. Shapes: (..., 2) to (...)."""
    odds: np.ndarray = 1 / (1 + np.exp(np.clip(x[..., 0] - x[..., 1], -60, 60)))
    return odds
