"""A VAE that takes the place of a base model's own: find its files, and tell whether its latents are the model's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.diffusion.checkpoint_layout import VAE_PREFIX, Shape
from calotype.diffusion.checkpoint_names import vae_name
from calotype.diffusion.checkpoint_parts import squeezed
from calotype.diffusion.file_marks import refuse_by_first_bytes
from calotype.diffusion.foreign_tensors import foreign_error
from calotype.diffusion.model_folder import WEIGHTS, read_config, vae_factor
from calotype.diffusion.recognition import require_no_empty_end
from calotype.diffusion.safetensors_header import read_header, readable
from calotype.domain.errors import (
    BaseModelError,
    EmbeddingGivenError,
    LoraGivenError,
    ModelFileError,
    NotAVaeError,
    OtherArchitectureError,
    TextEncoderGivenError,
    VaeDoesNotFitError,
    VaeGivenError,
    VaeMissingError,
)

_KIND = "AutoencoderKL"
_USUAL_CHANNELS = 4
_USUAL_SCALE, _SCALE_OF_SDXL = 0.18215, 0.13025  # what latents are multiplied by before the U-Net sees them
_FOUND = {LoraGivenError: "a LoRA", TextEncoderGivenError: "a text encoder", EmbeddingGivenError: "an embedding"}
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}  # diffusers before 0.13


@dataclass(frozen=True, slots=True)
class OwnVae:
    """What the VAE is that a base model brings: its configuration, and the shape of each tensor by any of its names."""

    config: dict[str, Any]
    shapes: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class VaeFiles:
    """A VAE on disk."""

    config: dict[str, Any]
    weights: Path


def vae_tensor_name(key: str) -> str:
    """The name in diffusers of a tensor of a VAE, from its name there, in older versions of it or in LDM."""
    name = vae_name(key.removeprefix(VAE_PREFIX).removeprefix("vae."))
    found = re.fullmatch(r"(.+\.attentions\.0\.)(query|key|value|proj_attn)(\.weight|\.bias)", name)
    return f"{found[1]}{_OLD_ATTENTION[found[2]]}{found[3]}" if found else name


def fitting_vae(path: Path, own: OwnVae, model_name: str) -> VaeFiles:
    """The files of the VAE at `path`, a file or a folder, if its latents are those of a model's own VAE.

    A file brings no configuration and is taken to be built as the model's own. A VAE of SDXL has the shapes of one of
    Stable Diffusion 1: as a file without metadata it cannot be told from one. Raises VaeMissingError, NotAVaeError,
    VaeDoesNotFitError, PickleFileError, NotAModelFileError or WeightsCorruptError.
    """
    if not path.exists():
        raise VaeMissingError(model_name, str(path))
    files = _in_folder(path) if path.is_dir() else _in_file(path, own)
    header = read_header(files.weights)
    shapes = {vae_tensor_name(key): squeezed(shape) for key, shape in header.shapes.items()}
    cause = _other_latents(files.config, shapes, own) or ("" if path.is_dir() else _other_build(shapes, own))
    if cause:
        raise VaeDoesNotFitError(path.name, model_name, cause)
    require_no_empty_end(files.weights, header)
    return files


def _in_file(path: Path, own: OwnVae) -> VaeFiles:
    refuse_by_first_bytes(path)
    header = read_header(path)
    error = foreign_error(path.name, header)
    if not isinstance(error, VaeGivenError):
        raise NotAVaeError(path.name, _what_it_is(error))
    is_of_sdxl = "xl" in header.metadata.get("modelspec.architecture", "")
    return VaeFiles({**own.config, **({"scaling_factor": _SCALE_OF_SDXL} if is_of_sdxl else {})}, path)


def _what_it_is(error: ModelFileError | None) -> str:
    if isinstance(error, OtherArchitectureError):
        return error.architecture
    return "a whole checkpoint or something unknown" if error is None else _FOUND.get(type(error), "another model")


def _in_folder(path: Path) -> VaeFiles:
    folder = path / "vae" if (path / "vae/config.json").is_file() else path
    if not (folder / "config.json").is_file():
        raise NotAVaeError(path.name, "a folder without config.json")
    try:
        config = read_config(folder, "config.json", path.name)
    except BaseModelError as error:
        raise NotAVaeError(path.name, "a folder whose config.json cannot be read") from error
    if config.get("_class_name") != _KIND:
        raise NotAVaeError(path.name, f"a folder for {readable(str(config.get('_class_name', 'nothing known')))}")
    if not isinstance(config.get("block_out_channels"), list):
        raise NotAVaeError(path.name, "a folder whose config.json does not say how it is built")
    for name in WEIGHTS["vae"]:
        if (folder / name).is_file():
            return VaeFiles(config, folder / name)
    raise NotAVaeError(path.name, f"a folder without {WEIGHTS['vae'][0]}")


def _other_latents(config: Mapping[str, Any], shapes: Mapping[str, Shape], own: OwnVae) -> str:
    """In which way the latents are other ones than those of a model's own VAE; empty if they are not."""
    facts = (
        ("its latents have {} channels, and those of the model {}", *_channels(config, shapes, own)),
        ("its latents are {} times smaller than pictures, and those of the model {} times", *_sides(config, own)),
        ("its latents are scaled by {}, and those of the model by {}", _scale(config), _scale(own.config)),
    )
    return next((text.format(theirs, ours) for text, theirs, ours in facts if theirs != ours), "")


def _other_build(shapes: Mapping[str, Shape], own: OwnVae) -> str:
    other = [name for name, shape in _named(own.shapes).items() if shapes.get(name) != shape]
    return f"it is built otherwise than the model's own, as {other[0]} shows" if other else ""


def _named(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    return {vae_tensor_name(key): squeezed(shape) for key, shape in shapes.items()}


def _channels(config: Mapping[str, Any], shapes: Mapping[str, Shape], own: OwnVae) -> tuple[int, int]:
    """Counted where latents go in; the configuration of a file is the model's own and tells nothing of it."""
    shape = shapes.get("decoder.conv_in.weight", ())
    ours = own.config.get("latent_channels", _USUAL_CHANNELS)
    return (shape[1] if len(shape) > 1 else config.get("latent_channels", _USUAL_CHANNELS)), ours


def _sides(config: Mapping[str, Any], own: OwnVae) -> tuple[int, int]:
    return vae_factor(dict(config)), vae_factor(own.config)


def _scale(config: Mapping[str, Any]) -> float:
    scale = config.get("scaling_factor", _USUAL_SCALE)
    return float(scale) if isinstance(scale, int | float) else 0.0
