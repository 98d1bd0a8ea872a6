"""Describe a base model that training can start from, whether it is a folder or one file, or say why it cannot."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.model_folder import read_model_card, weights_path
from calotype.diffusion.recognition import recognise_file
from calotype.diffusion.safetensors_header import read_header
from calotype.domain.errors import BaseModelError, BaseModelUnsupportedError, SingleFileNotTrainableError
from calotype.domain.models import BaseModelCard, ModelFamily
from calotype.domain.recognised import ModelKind, ModelLayout, RecognisedModel

_RESOLUTION_PX = 512


def read_card(path: Path, model_id: str, name: str) -> BaseModelCard:
    """Describe the model at `path`, a folder or a checkpoint. Raises a BaseModelError that says what is in the way."""
    if not path.is_file():
        return read_model_card(path, model_id, name)
    model = recognise_file(path)
    error = obstacle(model)
    if error is not None:
        raise error
    return BaseModelCard(
        id=model_id,
        name=name,
        folder=path.parent,
        family=ModelFamily.SD1,
        resolution_px=_RESOLUTION_PX,
        prediction_type=model.prediction.value,
        size_bytes=model.size_bytes,
        file=path,
    )


def obstacle(model: RecognisedModel) -> BaseModelError | None:
    """Why a recognised model cannot be trained on; None if it can."""
    name = model.path.name
    if model.is_inpainting or model.kind in (ModelKind.SDXL, ModelKind.SDXL_REFINER):
        cause = f"it is a {model.kind_name} model ({model.precision}), which this version cannot train yet"
        return BaseModelUnsupportedError(name, cause)
    if model.layout is ModelLayout.SINGLE_FILE:
        if model.kind is ModelKind.SD1:
            return None
        return SingleFileNotTrainableError(name, model.kind_name, model.precision)
    try:
        read_model_card(model.path, name, name)
    except BaseModelError as error:
        return error
    return None


def config_folder() -> Path:
    """Configurations and tokenizer for checkpoints of Stable Diffusion 1, which bring none."""
    return Path(str(files("calotype_resources").joinpath("model_configs/sd1")))


def unet_shapes(card: BaseModelCard) -> dict[str, tuple[int, ...]]:
    """Name in diffusers and shape of each tensor of the U-Net, from the header."""
    if card.file is None:
        return read_header(weights_path(card.folder, "unet", card.name)).shapes
    named = [(part_and_name(key), shape) for key, shape in read_header(card.file).shapes.items()]
    return {place[1]: shape for place, shape in named if place is not None and place[0] == "unet"}
