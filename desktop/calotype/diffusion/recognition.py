"""Say what a file or folder is that was given as a base model, from headers and configs alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from calotype.diffusion.checkpoint_layout import UNET_PREFIX
from calotype.diffusion.checkpoint_parts import require_whole_checkpoint
from calotype.diffusion.file_marks import refuse_by_first_bytes
from calotype.diffusion.foreign_tensors import KIND_BY_TEXT_WIDTH, foreign_error
from calotype.diffusion.safetensors_header import SafetensorsHeader, of_bytes, read_header, readable
from calotype.domain.errors import (
    BaseModelMissingError,
    OtherArchitectureError,
    UnknownTensorsError,
    UnsupportedPrecisionError,
    WeightsCorruptError,
)
from calotype.domain.recognised import ModelKind, ModelLayout, Prediction, RecognisedModel

_PRECISIONS = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}
_INPUTS = UNET_PREFIX + "input_blocks.0.0.weight"
# Channels that go into U-Nets which are made for something else than pictures from text, or for more.
_OTHER_INPUTS = {5: "a depth-guided model", 7: "an upscaler", 8: "an InstructPix2Pix editing model"}
_INPAINTING_INPUTS = 9
_SAMPLED_TENSORS = 12
_SAMPLED_BYTES = 4096


def recognise_file(path: Path) -> RecognisedModel:
    """Describe a checkpoint in one file. Raises a BaseModelError that says what it is instead, or what it lacks."""
    name = path.name
    if not path.exists():
        raise BaseModelMissingError(name, str(path))
    refuse_by_first_bytes(path)
    header = read_header(path)
    model = recognise_header(path, header)
    require_no_empty_end(path, header)
    return model


def recognise_header(path: Path, header: SafetensorsHeader) -> RecognisedModel:
    """Describe a checkpoint whose weights may not be there yet; its hash and size are those of what is there.

    Raises a BaseModelError as `recognise_file` does.
    """
    name = path.name
    error = foreign_error(name, header)
    if error is not None:
        raise error
    kind, inputs = _kind(name, header), _latent_inputs(header)
    if inputs in _OTHER_INPUTS:
        raise OtherArchitectureError(name, _OTHER_INPUTS[inputs])
    is_inpainting = inputs == _INPAINTING_INPUTS
    model = RecognisedModel(
        path=path,
        kind=kind,
        layout=ModelLayout.SINGLE_FILE,
        is_inpainting=is_inpainting,
        prediction=_prediction(kind, header, is_inpainting=is_inpainting),
        precision=precision_of(header, UNET_PREFIX),
        has_ema=any(key.startswith("model_ema.") and "diffusion_model" in key for key in header.shapes),
        size_bytes=path.stat().st_size,
        short_hash=short_hash(path),
    )
    require_whole_checkpoint(name, model.kind_name, kind, header, inputs if is_inpainting else 4)
    if model.precision not in _PRECISIONS.values():
        raise UnsupportedPrecisionError(name, model.kind_name, model.precision)
    return model


def precision_of(header: SafetensorsHeader, prefix: str = "") -> str:
    """How most of the weights are stored whose names begin with `prefix`."""
    sizes: Counter[str] = Counter()
    for key, dtype in header.dtypes.items():
        if key.startswith(prefix):
            first, end = header.spans[key]
            sizes[dtype] += end - first
    most = sizes.most_common(1)[0][0] if sizes else "nothing"
    return _PRECISIONS.get(most, readable(most))


def short_hash(path: Path) -> str:
    """Eight hex digits that other programs show for a checkpoint: sha256 of 64 KiB behind the first MiB."""
    try:
        with path.open("rb") as file:
            file.seek(0x100000)
            return hashlib.sha256(file.read(0x10000)).hexdigest()[:8]
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error


def require_no_empty_end(path: Path, header: SafetensorsHeader) -> None:
    """Raise WeightsCorruptError if the file was made at its full size and filled only in part, as downloads do.

    Looks at a few kilobytes in the middle of the largest tensors: weights are never zero there.
    """
    largest = sorted(header.spans.values(), key=lambda span: span[0] - span[1])[:_SAMPLED_TENSORS]
    try:
        with path.open("rb") as file:
            for first, end in sorted(largest):
                file.seek((first + end) // 2)
                if not any(file.read(min(_SAMPLED_BYTES, (end - first) // 2))) and end > first:
                    cause = f"after {of_bytes(first, path.stat().st_size)} it holds zeros in place of weights"
                    raise WeightsCorruptError(path.name, cause)
    except OSError as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error.strerror})") from error


def _kind(name: str, header: SafetensorsHeader) -> ModelKind:
    """The architecture, by the width of the text that its attention reads."""
    widths = Counter(
        shape[1]
        for key, shape in header.shapes.items()
        if key.startswith(UNET_PREFIX) and key.endswith("attn2.to_k.weight") and len(shape) == 2
    )
    width = widths.most_common(1)[0][0] if widths else _text_width_without_unet(header)
    if width in KIND_BY_TEXT_WIDTH:
        return KIND_BY_TEXT_WIDTH[width]
    if widths:
        raise OtherArchitectureError(name, f"a U-Net that reads text of width {width}")
    names = [readable(key) for key in list(header.shapes)[:2]]
    raise UnknownTensorsError(name, len(header.shapes), ", ".join(names) or "none")


def _text_width_without_unet(header: SafetensorsHeader) -> int:
    marks = {"conditioner.embedders.1.": 2048, "cond_stage_model.transformer.": 768, "cond_stage_model.model.": 1024}
    found = (width for mark, width in marks.items() if any(key.startswith(mark) for key in header.shapes))
    return next(found, 0)


def _latent_inputs(header: SafetensorsHeader) -> int:
    shape = header.shapes.get(_INPUTS, ())
    return shape[1] if len(shape) == 4 else 4


def _prediction(kind: ModelKind, header: SafetensorsHeader, *, is_inpainting: bool) -> Prediction:
    """What marks in the file say; without any, what is published for the kind, if that is one thing only."""
    architecture = header.metadata.get("modelspec.architecture", "")
    said = header.metadata.get("modelspec.prediction_type", "")
    if "v_pred" in header.shapes or said in ("v", "v_prediction") or "768-v" in architecture:
        return Prediction.V
    is_epsilon = said == "epsilon" or "v2-512" in architecture or is_inpainting
    return Prediction.EPSILON if is_epsilon or kind is not ModelKind.SD2 else Prediction.UNKNOWN
