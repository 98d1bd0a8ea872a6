"""Load the parts of a checkpoint in one file into the classes of diffusers, without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import CLIPTextConfig

from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.model_folder import TextPart
from calotype.diffusion.open_clip import separated
from calotype.diffusion.text_encoders import network_class
from calotype.diffusion.vae_files import VaeFiles, vae_tensor_name
from calotype.diffusion.wide_computing import kept_dtype
from calotype.domain.errors import WeightsCorruptError

_POSITIONS = "embeddings.position_ids"  # counted again, and stored by some programs as rounded numbers


def load_checkpoint(path: Path, configs: Path, encoders: Sequence[TextPart], unet_dtype: torch.dtype) -> dict[str, Any]:
    """The U-Net, the VAE at 32 bits, and the text encoders as the file holds them, by their names. Raises
    WeightsCorruptError.

    `configs` is the folder with the configurations of the model's family, which a checkpoint does not bring. The caller
    must not load another model at the same time: networks are first built without memory, by a switch that all threads
    share.
    """
    dtypes = {"unet": unet_dtype, "vae": torch.float32, **dict.fromkeys(part.encoder for part in encoders)}
    try:
        tensors = _read(path, dtypes)
    except (OSError, SafetensorError) as error:
        raise WeightsCorruptError(path.name, f"it cannot be read ({error})") from error
    parts = _empty_parts(configs, encoders)
    for part, network in parts.items():
        try:
            network.load_state_dict(_shaped_like(network, tensors[part]), strict=True, assign=True)
        except RuntimeError as error:
            raise WeightsCorruptError(f"{path.name}, {part}", str(error).strip().splitlines()[-1].strip()) from error
    return parts


def load_vae(files: VaeFiles) -> Any:
    """A VAE that is not a model's own, in 32 bits. Raises WeightsCorruptError. The caller loads nothing else meanwhile.

    What a file holds besides is left out, such as the loss that a VAE was trained with.
    """
    try:
        with init_empty_weights(include_buffers=False):
            vae = AutoencoderKL.from_config(files.config)
        wanted = vae.state_dict()
        with safe_open(files.weights, framework="pt") as file:
            named = {vae_tensor_name(key): key for key in file.keys()}  # noqa: SIM118 - it is no mapping
            tensors = {name: file.get_tensor(key).float() for name, key in named.items() if name in wanted}
        vae.load_state_dict(_shaped_like(vae, tensors), strict=True, assign=True)
    except (OSError, SafetensorError, RuntimeError, ValueError, TypeError) as error:
        cause = str(error).strip().splitlines()[-1].strip()
        raise WeightsCorruptError(files.weights.name, cause) from error
    return vae


def checkpoint_schedule(path: Path, configs: Path) -> dict[str, Any]:
    """The noise schedule of a checkpoint; one that holds the mark `ztsnr` was trained down to no signal at all."""
    text = (configs / "scheduler/scheduler_config.json").read_text(encoding="utf-8")
    with safe_open(path, framework="pt") as file:
        has_no_signal_at_the_end = "ztsnr" in file.keys()  # noqa: SIM118 - it is no mapping
    return {**json.loads(text), "rescale_betas_zero_snr": has_no_signal_at_the_end}


def _read(path: Path, dtypes: Mapping[str, torch.dtype | None]) -> dict[str, dict[str, Tensor]]:
    """The tensors of each part in its format, or in the one that they are stored in."""
    tensors: dict[str, dict[str, Tensor]] = {part: {} for part in dtypes}
    with safe_open(path, framework="pt") as file:
        for key in file.keys():  # noqa: SIM118 - it is no mapping
            place = part_and_name(key)
            if place is not None and place[0] in dtypes and place[1] != _POSITIONS:
                part, name = place
                tensors[part] |= separated(name, file.get_tensor(key).to(dtypes[part]))
    for part, dtype in dtypes.items():
        if dtype is None:
            kept = kept_dtype(tensor.dtype for tensor in tensors[part].values())
            tensors[part] = {name: tensor.to(kept) for name, tensor in tensors[part].items()}
    return tensors


def _empty_parts(folder: Path, encoders: Sequence[TextPart]) -> dict[str, Any]:
    unet, vae = (_config(folder, part) for part in ("unet", "vae"))
    words = {part: CLIPTextConfig.from_json_file(folder / part.encoder / "config.json") for part in encoders}
    with init_empty_weights(include_buffers=False):
        return {
            "unet": UNet2DConditionModel.from_config(unet),
            "vae": AutoencoderKL.from_config(vae),
            **{part.encoder: network_class(part)(config) for part, config in words.items()},
        }


def _config(folder: Path, part: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / part / "config.json").read_text(encoding="utf-8"))
    return config


def _shaped_like(network: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Linear layers and 1x1 convolutions hold the same numbers, and programs write either."""
    wanted = {name: tensor.shape for name, tensor in network.state_dict().items()}
    return {
        name: tensor.reshape(wanted[name]) if name in wanted and wanted[name].numel() == tensor.numel() else tensor
        for name, tensor in tensors.items()
    }
