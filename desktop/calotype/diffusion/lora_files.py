"""Copy a LoRA file with a thumbnail inside, every tensor unchanged."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from safetensors.torch import load_file, save

from calotype.diffusion.lora_headers import read_lora_header
from calotype.diffusion.lora_metadata import thumbnail_data_url


@dataclass(frozen=True, slots=True)
class CopiedLora:
    """The bytes of a LoRA file, and what is in it."""

    data: bytes
    key_count: int
    sha256: str


def copy_with_thumbnail(source: Path, picture: Path | None) -> CopiedLora:
    """The file with the picture as `modelspec.thumbnail`. Raises LoraUnreadableError if the source is damaged."""
    header = read_lora_header(source)
    words = dict(header.metadata)
    if picture is not None:
        # A preview that cannot be read costs the thumbnail and not the LoRA.
        with contextlib.suppress(OSError, SyntaxError, ValueError), Image.open(picture) as opened:
            words["modelspec.thumbnail"] = thumbnail_data_url(opened)
    data = save(load_file(os.fspath(source)), words)
    return CopiedLora(data, len(header.shapes), hashlib.sha256(data).hexdigest())
