"""Describe a base model that training can start from, whether it is a folder or one file, or say why it cannot."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from calotype.diffusion.checkpoint_layout import VAE_PREFIX
from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.file_marks import refuse_by_first_bytes
from calotype.diffusion.model_folder import read_config, read_model_card, weights_path
from calotype.diffusion.recognition import recognise_file, recognise_header
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.vae_files import OwnVae, fitting_vae
from calotype.domain.errors import BaseModelError, BaseModelUnsupportedError, InpaintingModelError
from calotype.domain.models import AS_FOUND, BaseModelCard, ModelChoices, ModelFamily, PredictionSource
from calotype.domain.recognised import ModelKind, ModelLayout, Prediction, RecognisedModel

_FAMILIES = {ModelKind.SD1: ModelFamily.SD1, ModelKind.SD2: ModelFamily.SD2, ModelKind.SDXL: ModelFamily.SDXL}
_RESOLUTIONS_PX = {ModelFamily.SD1: 512, ModelFamily.SD2: 512, ModelFamily.SDXL: 1024}
_RESOLUTION_OF_SD2_V_PX = 768


def read_card(path: Path, model_id: str, name: str, choices: ModelChoices = AS_FOUND) -> BaseModelCard:
    """Describe the model at `path`, a folder or a checkpoint. Raises a BaseModelError that says what is in the way."""
    card = _file_card(path, model_id, name) if path.is_file() else read_model_card(path, model_id, name)
    if choices.prediction is not Prediction.UNKNOWN:
        chosen = choices.prediction.value
        card = replace(card, prediction_type=chosen, prediction_source=PredictionSource.CHOSEN)
    if card.file and card.family is ModelFamily.SD2:
        is_v = card.prediction_type == Prediction.V
        card = replace(card, resolution_px=_RESOLUTION_OF_SD2_V_PX if is_v else _RESOLUTIONS_PX[ModelFamily.SD2])
    if choices.vae:
        fitting_vae(choices.vae, own_vae(card), name)
        card = replace(card, vae=choices.vae)
    return card


def _file_card(path: Path, model_id: str, name: str) -> BaseModelCard:
    model = recognise_file(path)
    error = obstacle(model)
    if error is not None:
        raise error
    is_silent = model.prediction is Prediction.UNKNOWN
    prediction = _assumed(path) if is_silent else model.prediction
    return BaseModelCard(
        id=model_id,
        name=name,
        folder=path.parent,
        family=_FAMILIES[model.kind],
        resolution_px=_RESOLUTIONS_PX[_FAMILIES[model.kind]],
        prediction_type=prediction.value,
        size_bytes=model.size_bytes,
        file=path,
        prediction_source=PredictionSource.ASSUMED if is_silent else PredictionSource.STATED,
    )


def _assumed(path: Path) -> Prediction:
    from calotype.diffusion.assumed_prediction import assumed_prediction  # with numpy, which the window opens without

    return assumed_prediction(path, read_header(path))


def obstacle(model: RecognisedModel) -> BaseModelError | None:
    """Why a recognised model cannot be trained on; None if it can."""
    name = model.path.name
    if model.is_inpainting:
        return InpaintingModelError(name)
    if model.kind is ModelKind.SDXL_REFINER:
        cause = f"it is a {model.kind_name} model ({model.precision}), which this version cannot train yet"
        return BaseModelUnsupportedError(name, cause)
    if model.layout is ModelLayout.SINGLE_FILE:
        return None
    try:
        read_model_card(model.path, name, name)
    except BaseModelError as error:
        return error
    return None


def require_supported_header(path: Path, size_bytes: int) -> None:
    """Raise the BaseModelError that the header of a checkpoint calls for, which is still growing to its full size."""
    refuse_by_first_bytes(path)
    error = obstacle(recognise_header(path, read_header(path, size_bytes)))
    if error is not None:
        raise error


def config_folder(family: ModelFamily) -> Path:
    """Configurations for checkpoints of a family, which bring none."""
    return Path(str(files("calotype_resources").joinpath(f"model_configs/{family.value}")))


def tokenizer_folder() -> Path:
    """The tokenizer for checkpoints: the same for all of them, except for the word that fills up."""
    return config_folder(ModelFamily.SD1) / "tokenizer"


def own_vae(card: BaseModelCard) -> OwnVae:
    """What the VAE is that a model brings, from its configuration and header. Raises a BaseModelError."""
    if card.file is None:
        header = read_header(weights_path(card.folder, "vae", card.name))
        return OwnVae(read_config(card.folder, "vae/config.json", card.name), header.shapes)
    shapes = {key: shape for key, shape in read_header(card.file).shapes.items() if key.startswith(VAE_PREFIX)}
    return OwnVae(read_config(config_folder(card.family), "vae/config.json", card.name), shapes)


def unet_shapes(card: BaseModelCard) -> dict[str, tuple[int, ...]]:
    """Name in diffusers and shape of each tensor of the U-Net, from the header."""
    if card.file is None:
        return read_header(weights_path(card.folder, "unet", card.name)).shapes
    named = [(part_and_name(key), shape) for key, shape in read_header(card.file).shapes.items()]
    return {place[1]: shape for place, shape in named if place is not None and place[0] == "unet"}
