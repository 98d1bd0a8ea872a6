"""Check by name and shape that a checkpoint holds every tensor of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.diffusion.checkpoint_layout import SD1_TEXT_PREFIX, Shape, checkpoint_parts
from calotype.diffusion.safetensors_header import SafetensorsHeader
from calotype.domain.errors import CheckpointPartMissingError, TensorsMisshapenError, TensorsMissingError
from calotype.domain.recognised import ModelKind

_SHOWN = 3


def require_whole_checkpoint(
    name: str, kind_name: str, kind: ModelKind, header: SafetensorsHeader, latent_inputs: int
) -> None:
    """Raise the ModelFileError that names the parts or tensors which are missing or of another shape."""
    parts = checkpoint_parts(kind, latent_inputs)
    shapes = _with_usual_names(header.shapes)
    absent = [part for part, tensors in parts.items() if not any(key in shapes for key in tensors)]
    if absent:
        present = [part for part in parts if part not in absent]
        raise CheckpointPartMissingError(name, kind_name, _listed(present), " and no ".join(absent))
    expected = {key: shape for tensors in parts.values() for key, shape in tensors.items()}
    missing = [key for key in expected if key not in shapes]
    if missing:
        raise TensorsMissingError(name, kind_name, len(missing), len(expected), _shown(missing))
    other = [key for key, shape in expected.items() if squeezed(shapes[key]) != squeezed(shape)]
    if other:
        raise TensorsMisshapenError(name, kind_name, len(other), _shown(other))


def _with_usual_names(shapes: Mapping[str, Shape]) -> Mapping[str, Shape]:
    """Some programs leave `text_model.` out of the names of the text encoder of Stable Diffusion 1."""
    usual = SD1_TEXT_PREFIX + "text_model."
    if any(key.startswith(usual) for key in shapes):
        return shapes
    return {
        usual + key.removeprefix(SD1_TEXT_PREFIX) if key.startswith(SD1_TEXT_PREFIX) else key: shape
        for key, shape in shapes.items()
    }


def squeezed(shape: Shape) -> Shape:
    """A linear layer and a 1x1 convolution hold the same numbers, and programs write either."""
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _listed(parts: Sequence[str]) -> str:
    named = [f"a {part}" for part in parts]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _shown(keys: Sequence[str]) -> str:
    more = len(keys) - _SHOWN
    return ", ".join(keys[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
