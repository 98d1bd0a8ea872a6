"""LoRA files that were read and fitted already, so that a picture with another strength need not read them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.diffusion.lora_adapter import LoraLayer
from calotype.diffusion.lora_headers import adapter_config_path

if TYPE_CHECKING:
    from calotype.diffusion.lora_reading import FittedLora

Stamp = tuple[object, ...]


class KnownLoras:
    """Belongs to one loaded model, and knows the LoRAs of its last pictures as long as their files stay the same."""

    def __init__(self) -> None:
        self._fitted: Mapping[Stamp, FittedLora] = {}

    def fitted(self, paths: Sequence[Path], fit: Callable[[Path], FittedLora]) -> list[FittedLora]:
        """The LoRAs of these files; `fit` is asked for those that the pictures before did not use."""
        stamps = [(path, *_stamp(path), *_stamp(adapter_config_path(path))) for path in paths]
        found = {}
        for path, stamp in zip(paths, stamps, strict=True):
            if stamp not in found:
                found[stamp] = self._fitted.get(stamp) or _copied(fit(path))
        self._fitted = found
        return [found[stamp] for stamp in stamps]


def _stamp(path: Path | None) -> Stamp:
    """What differs if the file is written anew; of one that is not there, nothing is known."""
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return (None,)
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status is not None else (None,)


def _copied(lora: FittedLora) -> FittedLora:
    """The same in memory of its own: tensors that are mapped from a file keep it from being replaced."""
    return replace(
        lora,
        adapter={
            name: LoraLayer(layer.down.clone(), layer.up.clone(), layer.alpha) for name, layer in lora.adapter.items()
        },
        weights={
            layer_id: {role: tensor.clone() for role, tensor in tensors.items()}
            for layer_id, tensors in lora.weights.items()
        },
    )
