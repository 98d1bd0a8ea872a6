"""Load a base model whole: U-Net, VAE, text encoders with tokenizers and schedule, from a folder or one file."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
import transformers
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTokenizer

from calotype.diffusion.conditioning import Conditioning
from calotype.diffusion.device import is_out_of_memory
from calotype.diffusion.known_loras import KnownLoras
from calotype.diffusion.known_prompts import KnownPrompts
from calotype.diffusion.lora_adapter import remove_adapters
from calotype.diffusion.model_cards import config_folder, own_vae, tokenizer_folder
from calotype.diffusion.model_folder import TEXT_PARTS, TextPart, takes_no_prompt_as_zeros, vae_factor, weights_path
from calotype.diffusion.safetensors_header import read_header
from calotype.diffusion.single_file import checkpoint_schedule, load_checkpoint, load_vae
from calotype.diffusion.text_encoders import TextEncoder, network_class
from calotype.diffusion.threads import fastest_thread_count
from calotype.diffusion.vae_files import fitting_vae
from calotype.diffusion.wide_computing import STORED_DTYPES, compute_wide, keep_apart, kept_dtype
from calotype.domain.errors import InvalidPlanError, WeightsCorruptError
from calotype.domain.models import BaseModelCard

logger = logging.getLogger(__name__)
transformers.utils.logging.disable_progress_bar()

# transformers and diffusers build a network without memory first, by a switch that all threads share: of two loads at
# the same time one may be left without weights.
one_load_at_a_time = threading.Lock()

VAE_CLASSES = {"AutoencoderKL": AutoencoderKL, "AutoencoderTiny": AutoencoderTiny}


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A loaded model. Its weights are frozen: nothing in the app ever changes them."""

    card: BaseModelCard
    unet: Any
    vae: Any
    text_encoders: tuple[TextEncoder, ...]
    takes_no_prompt_as_zeros: bool  # it learned so; others read an empty prompt as any other
    scheduler_config: dict[str, Any]
    device: torch.device
    dtype: torch.dtype
    fastest_thread_count: int  # that computes with it; 0 if that was not measured
    known_prompts: KnownPrompts = field(default_factory=KnownPrompts, compare=False)
    known_loras: KnownLoras = field(default_factory=KnownLoras, compare=False)
    clip_skip: int = 1  # the layer of the text encoder that is read, counted from the last that the model uses

    @property
    def vae_factor(self) -> int:
        """Pixels for each latent pixel, along a side."""
        return vae_factor(dict(self.vae.config))

    @property
    def quantum_px(self) -> int:
        """Sides of pictures must be multiples of this: what the VAE and the U-Net's levels divide a side by."""
        return int(self.vae_factor * 2 ** (len(self.unet.config.block_out_channels) - 1))

    def reading(self, clip_skip: int) -> BaseModel:
        """The same model, which reads text at another layer. Raises InvalidPlanError if it has too few layers."""
        layers = min(encoder.layer_count for encoder in self.text_encoders)
        if clip_skip > layers:
            allowed = f"the text encoder of {self.card.name} has {layers} layers, so use 1 to {layers}"
            raise InvalidPlanError("clip_skip", clip_skip, allowed)
        return replace(self, clip_skip=clip_skip)


def load_base_model(card: BaseModelCard, device: torch.device, dtype: torch.dtype, thread_count: int = 0) -> BaseModel:
    """Load the weights, and set the number of threads; 0 measures which is fastest. Raises WeightsCorruptError.

    The VAE stays at 32 bits: half precision overflows in some, and it runs seldom. Text encoders are kept as their
    files hold them and compute at 32 bits.
    """
    with one_load_at_a_time:
        parts = _load_file(card.file, card, dtype) if card.file else _load_folder(card, dtype)
        if card.vae:
            parts["vae"] = load_vae(fitting_vae(card.vae, own_vae(card), card.name))
        encoders = tuple(_text_encoder(card, part, parts[part.encoder]) for part in TEXT_PARTS[card.family])
    for network in parts.values():
        network.requires_grad_(False).eval().to(device)
    for encoder in encoders:
        keep_apart(encoder.network)
        compute_wide(encoder.network)
    model = BaseModel(
        card=card,
        unet=parts["unet"],
        vae=parts["vae"],
        text_encoders=encoders,
        takes_no_prompt_as_zeros=takes_no_prompt_as_zeros(config_folder(card.family) if card.file else card.folder),
        scheduler_config=_load_schedule(card),
        device=device,
        dtype=dtype,
        fastest_thread_count=0,
    )
    model = with_threads(model, thread_count)
    logger.info("loaded base model %s on %s as %s, %s threads", card.name, device, dtype, torch.get_num_threads())
    return model


def with_threads(model: BaseModel, wanted: int) -> BaseModel:
    """Set the number of threads; 0 for those that compute fastest with this model, which are measured once."""
    if wanted or model.device.type != "cpu":
        torch.set_num_threads(wanted or torch.get_num_threads())
        return model
    if model.fastest_thread_count:
        torch.set_num_threads(model.fastest_thread_count)
        return model
    return replace(model, fastest_thread_count=_measured_threads(model))


def restore(model: BaseModel) -> None:
    """Make the networks again what they were when they were loaded, whatever training or drawing did to them."""
    remove_adapters(model.unet)
    model.unet.disable_gradient_checkpointing()
    for network in (model.unet, model.vae, *(encoder.network for encoder in model.text_encoders)):
        network.requires_grad_(False).eval()


def load_unet(card: BaseModelCard, dtype: torch.dtype) -> Any:
    """Load the U-Net alone, on the processor. Raises WeightsCorruptError."""
    with one_load_at_a_time:
        return _load_part(UNet2DConditionModel, card, "unet", dtype).requires_grad_(False).eval()


def _measured_threads(model: BaseModel) -> int:
    unet, size = model.unet, model.unet.config.sample_size
    latents = torch.zeros(2, unet.config.in_channels, size, size, dtype=unet.dtype)
    told = Conditioning.filled(unet, 2, model.text_encoders[0].token_count, torch.zeros).unet_arguments(unet.dtype)
    with torch.no_grad():
        return fastest_thread_count(lambda: unet(latents, 500, **told))


def _load_file(path: Path, card: BaseModelCard, dtype: torch.dtype) -> dict[str, Any]:
    return load_checkpoint(path, config_folder(card.family), TEXT_PARTS[card.family], dtype)


def _load_folder(card: BaseModelCard, dtype: torch.dtype) -> dict[str, Any]:
    vae_class = VAE_CLASSES[json.loads((card.folder / "vae/config.json").read_text(encoding="utf-8"))["_class_name"]]
    encoders = {
        part.encoder: _load_part(network_class(part), card, part.encoder, _stored_dtype(card, part))
        for part in TEXT_PARTS[card.family]
    }
    return {
        "unet": _load_part(UNet2DConditionModel, card, "unet", dtype),
        "vae": _load_part(vae_class, card, "vae", torch.float32),
        **encoders,
    }


def _stored_dtype(card: BaseModelCard, part: TextPart) -> torch.dtype:
    header = read_header(weights_path(card.folder, part.encoder, card.name))
    numbers = (name for name in header.dtypes.values() if name.startswith(("F", "BF")))  # positions are counted
    return kept_dtype(STORED_DTYPES.get(name, torch.float32) for name in numbers)


def _load_schedule(card: BaseModelCard) -> dict[str, Any]:
    """What the files say of the noise, and what the card says of the prediction, which the user may have chosen."""
    if card.file:
        config = checkpoint_schedule(card.file, config_folder(card.family))
    else:
        path = card.folder / "scheduler/scheduler_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
    return {**config, "prediction_type": card.prediction_type}


def _text_encoder(card: BaseModelCard, part: TextPart, network: Any) -> TextEncoder:
    """A network with its tokenizer; the one that ships for checkpoints has to be told with which word it fills up."""
    folder = tokenizer_folder() if card.file else card.folder / part.tokenizer
    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise WeightsCorruptError(f"{card.name}, {part.tokenizer}", _first_line(error)) from error
    if card.file:
        # Set afterwards: given at the start, the word would be taken for a filler wherever a prompt has it.
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(network.config.pad_token_id)
    return TextEncoder(tokenizer, network, part.skipped_layers)


def _load_part(part_class: Any, card: BaseModelCard, part: str, dtype: torch.dtype) -> Any:
    path = weights_path(card.folder, part, card.name)
    variant = "fp16" if ".fp16." in path.name else None
    try:
        model = part_class.from_pretrained(
            card.folder / part,
            use_safetensors=True,
            local_files_only=True,
            variant=variant,
            dtype=dtype,
        )
    except (OSError, ValueError, RuntimeError, NotImplementedError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise
        raise WeightsCorruptError(f"{card.name}, {part}", _first_line(error)) from error
    missing = [name for name, tensor in model.state_dict().items() if tensor.is_meta]
    if missing:
        raise WeightsCorruptError(
            f"{card.name}, {part}", f"{missing[0]} and {len(missing) - 1} more weights are missing"
        )
    return model


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
