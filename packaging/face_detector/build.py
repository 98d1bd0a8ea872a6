"""Rewrite the weights of the face detector MTCNN, as they ship in `facenet-pytorch` (MIT), for NumPy.

    pip download --no-deps facenet-pytorch==2.6.0 && unzip facenet_pytorch-*.whl 'facenet_pytorch/data/?net.pt'
    python packaging/face_detector/build.py facenet_pytorch/data

Why this one: 1 MB and no library more. OpenCV's wheel (5.0) takes 153 MB installed and carries no such weights; the
packages with RetinaFace, CenterFace and BlazeFace want another runtime for their files. On eleven photographs of
people the three networks found the face ten times, also a profile and two that are half cut off, and missed one
behind a mask; they found none in fourteen photographs of other things. The landmarks are left out. Network and order
of the layers: Zhang et al., Joint face detection and alignment using multitask cascaded convolutional networks,
arXiv:1604.02878.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

TARGET = Path(__file__).parents[2] / "resources/calotype_resources/face_detector/mtcnn.safetensors"
NETWORKS = {"pnet": "propose", "rnet": "refine", "onet": "decide"}
LAYERS = {
    "pnet": {"conv1": "1", "conv2": "2", "conv3": "3", "conv4_1": "score", "conv4_2": "box"},
    "rnet": {"conv1": "1", "conv2": "2", "conv3": "3", "dense4": "4", "dense5_1": "score", "dense5_2": "box"},
    "onet": {
        **{"conv1": "1", "conv2": "2", "conv3": "3", "conv4": "4"},
        **{"dense5": "5", "dense6_1": "score", "dense6_2": "box"},
    },
}


def main(source: Path) -> None:
    """Write one safetensors file in half precision."""
    tensors: dict[str, Tensor] = {}
    for file_name, network in NETWORKS.items():
        state = torch.load(source / f"{file_name}.pt", weights_only=True)
        for layer, ours in LAYERS[file_name].items():
            tensors[f"{network}.{ours}.weight"] = _channels_last(state[f"{layer}.weight"])
            tensors[f"{network}.{ours}.bias"] = state[f"{layer}.bias"]
            slope = state.get(f"prelu{ours}.weight")
            if slope is not None:
                tensors[f"{network}.{ours}.slope"] = slope
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, TARGET)


def _channels_last(weight: Tensor) -> Tensor:
    """As a matrix for rows whose channels come last. Shapes: (out, in, h, w) or (out, in) to (in, out)."""
    if weight.dim() == 4:
        return weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0])
    side = {576: 3, 1152: 3}.get(weight.shape[1])
    if side is None:
        return weight.T
    # The networks were trained on pictures that were turned over their diagonal: columns before rows.
    turned = weight.reshape(weight.shape[0], side, side, -1)  # (out, column, row, channel)
    return turned.permute(2, 1, 3, 0).reshape(-1, weight.shape[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
