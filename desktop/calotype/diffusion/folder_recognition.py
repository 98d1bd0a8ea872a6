"""Say what a folder in the layout of diffusers holds, from its configs and headers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calotype.diffusion.foreign_tensors import KIND_BY_TEXT_WIDTH
from calotype.diffusion.model_folder import read_config, weights_path
from calotype.diffusion.recognition import precision_of, recognise_file, require_no_empty_end, short_hash
from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelUnsupportedError, OtherArchitectureError
from calotype.domain.recognised import ModelKind, ModelLayout, Prediction, RecognisedModel

_PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionXLPipeline",
    "StableDiffusionXLImg2ImgPipeline",
    "StableDiffusionXLInpaintPipeline",
)
_TEXT_ENCODERS = ("text_encoder", "text_encoder_2")


def recognise_model(path: Path) -> RecognisedModel:
    """Describe a checkpoint file or a model folder. Raises a BaseModelError that says why it is neither."""
    return recognise_folder(path) if path.is_dir() else recognise_file(path)


def recognise_folder(folder: Path) -> RecognisedModel:
    """Describe a folder with a model_index.json. Raises a BaseModelError that names what is missing or foreign."""
    name = folder.name
    index = read_config(folder, "model_index.json", name)
    pipeline = index.get("_class_name")
    if pipeline not in _PIPELINES:
        raise OtherArchitectureError(name, f"a folder for {pipeline if isinstance(pipeline, str) else 'nothing known'}")
    unet = read_config(folder, "unet/config.json", name)
    scheduler = read_config(folder, "scheduler/scheduler_config.json", name)
    paths = {part: weights_path(folder, part, name) for part in ("unet", "vae", *_listed_encoders(index))}
    headers = {part: read_header(path) for part, path in paths.items()}
    for part, path in paths.items():
        require_no_empty_end(path, headers[part])
    return RecognisedModel(
        path=folder,
        kind=_kind(name, unet),
        layout=ModelLayout.FOLDER,
        is_inpainting=unet.get("in_channels") == 9,
        prediction=_prediction(scheduler),
        precision=precision_of(headers["unet"]),
        has_ema=False,
        size_bytes=sum(path.stat().st_size for path in paths.values()),
        short_hash=short_hash(paths["unet"]),
    )


def _listed_encoders(index: dict[str, Any]) -> list[str]:
    """The text encoders that the index names; a part that a pipeline does without is [null, null] there."""
    encoders = [part for part in _TEXT_ENCODERS if isinstance(index.get(part), list) and any(index[part])]
    return encoders or ["text_encoder"]


def _kind(name: str, unet: dict[str, Any]) -> ModelKind:
    unet_class = unet.get("_class_name")
    if unet_class != "UNet2DConditionModel":
        raise OtherArchitectureError(name, f"a folder whose U-Net is a {unet_class or 'model of unknown kind'}")
    width = unet.get("cross_attention_dim")
    if not isinstance(width, int):
        raise BaseModelUnsupportedError(name, "its configuration cannot be read (cross_attention_dim)")
    kind = KIND_BY_TEXT_WIDTH.get(width, ModelKind.STARTER)
    is_xl = unet.get("addition_embed_type") == "text_time"
    if is_xl != (kind in (ModelKind.SDXL, ModelKind.SDXL_REFINER)):
        raise OtherArchitectureError(name, f"a folder whose U-Net reads text of width {width}")
    return kind


def _prediction(scheduler: dict[str, Any]) -> Prediction:
    said = scheduler.get("prediction_type", "epsilon")
    return Prediction(said) if said in (Prediction.EPSILON, Prediction.V) else Prediction.UNKNOWN
