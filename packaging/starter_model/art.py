"""Read the sprites out of the archive that `fetch_art.py` made."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from words import HELD_OUT

ART = Path(__file__).with_name("art.tar")


@dataclass(frozen=True, slots=True)
class Sprite:
    """A thing without a background. `pixels` is uint8 RGBA, premultiplied, shape (4, side, side)."""

    label: str
    style: str
    pixels: Tensor


def load_sprites(styles: Collection[str], labels: Collection[str] | None = None, archive: Path = ART) -> list[Sprite]:
    """The sprites of some styles and things, in the archive's order.

    Without labels, all but the held-out ones: whoever wants those must name them.
    """
    found = []
    with tarfile.open(archive) as tar:
        names = _read(tar, "about.json")
        label_of = json.loads(names)["labels"]
        for member in tar.getmembers():
            style, _, key = member.name.removesuffix(".webp").partition("/")
            label = label_of.get(key)
            is_asked_for = label not in HELD_OUT if labels is None else label in labels
            if style in styles and is_asked_for:
                found.append(Sprite(label, style, _premultiplied(_read(tar, member.name))))
    return found


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    handle = tar.extractfile(name)
    assert handle is not None, name  # only folders have no content
    return handle.read()


def _premultiplied(webp: bytes) -> Tensor:
    rgba = np.asarray(Image.open(io.BytesIO(webp)).convert("RGBA")).astype(np.uint16)
    alpha = rgba[..., 3:]
    return torch.from_numpy(np.concatenate([rgba[..., :3] * alpha // 255, alpha], -1).astype(np.uint8)).permute(2, 0, 1)
