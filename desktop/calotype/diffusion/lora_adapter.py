"""LoRA on a live U-Net: attach one to learn, or several to draw with; the base weights are never touched."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn

from calotype.diffusion.dora import add_lengths, as_columns, lengths_of
from calotype.diffusion.lora_targets import is_target
from calotype.domain.lora import LoraAdapter, LoraSpec, LoraTargets

TRAINED_ADAPTER = "trained"
MERGED_WEIGHTS_LIMIT = 64_000_000  # numbers, 256 MB at 32 bits


@dataclass(frozen=True, slots=True)
class LoraLayer:
    """The update of one layer: W + alpha / rank * up @ down.

    Shapes for a linear layer: down (rank, in), up (out, rank); for a convolution: down (rank, in, k, k), up (out, rank,
    1, 1). As a DoRA it has the lengths of the sum's columns, shape (in,).
    """

    down: Tensor
    up: Tensor
    alpha: float
    lengths: Tensor | None = None

    @property
    def rank(self) -> int:
        """The width of the bottleneck."""
        return int(self.down.shape[0])


def target_layers(unet: nn.Module, targets: LoraTargets) -> list[str]:
    """The dotted names of the layers that a LoRA with these targets changes: linear layers and convolutions only."""
    return [
        name
        for name, module in unet.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and is_target(name, targets)
    ]


def attach_trainable(unet: Any, spec: LoraSpec, seed: int) -> list[nn.Parameter]:
    """Add a new LoRA that does nothing yet (up is zero), and return its weights, at 32 bits, to be learned.

    The same seed always gives the same starting weights, and the global random state is left alone. The lengths of a
    DoRA come last.
    """
    config = LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        target_modules=target_layers(unet, spec.targets),
        init_lora_weights=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet.add_adapter(config, adapter_name=TRAINED_ADAPTER)
    parameters = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.data = parameter.data.to(torch.float32)
    if spec.adapter is LoraAdapter.DORA:
        for layer in _wrapped_layers(unet).values():
            add_lengths(layer, TRAINED_ADAPTER)
            parameters.append(layer.column_lengths.lengths)
    return parameters


def _wrapped_layers(unet: Any) -> dict[str, Any]:
    """Peft's modules around the layers that learn, by the dotted names of the layers."""
    return {name: module for name, module in unet.named_modules() if TRAINED_ADAPTER in getattr(module, "lora_A", {})}


@contextmanager
def merged(unet: Any) -> Iterator[None]:
    """Add the LoRA being learned to the weights while inside, and the very same weights are there again afterwards.

    A pass then takes no longer than the base model's: of the starter, a fifth less. At 16 bits a small update would be
    rounded away, and of a large model the copy would cost more memory than it saves time; there nothing is done.
    """
    layers = list(_wrapped_layers(unet).values())
    weights = [layer.base_layer.weight.data for layer in layers]
    if not are_summed_quickly(weights):
        yield
        return
    kept = [weight.clone() for weight in weights]
    try:
        with torch.no_grad():
            for layer, weight in zip(layers, weights, strict=True):
                down, up = (part[TRAINED_ADAPTER].weight.flatten(1) for part in (layer.lora_A, layer.lora_B))
                lengths = lengths_of(layer)
                shares = lengths.shares(layer) if lengths else None  # of the weight as it still is
                weight.flatten(1).addmm_(up, down, alpha=layer.scaling[TRAINED_ADAPTER])  # a view: in place
                if shares is not None:
                    weight.mul_(as_columns(shares, weight))
                layer.merged_adapters.append(TRAINED_ADAPTER)  # tells peft to leave its own path out
        yield
    finally:
        for layer, weight, before in zip(layers, weights, kept, strict=True):
            weight.copy_(before)
            layer.merged_adapters.clear()


def are_summed_quickly(weights: Sequence[Tensor]) -> bool:
    """True if copies of these weights with a LoRA added are worth their memory, and exact enough."""
    is_small = sum(weight.numel() for weight in weights) <= MERGED_WEIGHTS_LIMIT
    return is_small and all(weight.dtype is torch.float32 for weight in weights)


def up_layers(unet: Any, last_blocks: int) -> list[nn.Module]:
    """The up matrices of the LoRA being learned, in the last up blocks that have any; all of them if none has."""
    found: dict[str, list[nn.Module]] = {}
    for name, module in unet.named_modules():
        if name.endswith(f".lora_B.{TRAINED_ADAPTER}"):
            found.setdefault(_block_of(name), []).append(module)
    blocks = [block for block in found if block.startswith("up_blocks.")][-last_blocks:]
    return [module for block in blocks or found for module in found[block]]


def trained_layers(unet: Any, spec: LoraSpec) -> dict[str, LoraLayer]:
    """A copy of the LoRA being learned, by the dotted name of each layer, on the CPU."""
    state = get_peft_model_state_dict(unet, adapter_name=TRAINED_ADAPTER)
    return {
        name: LoraLayer(
            down=state[f"{name}.lora_A.weight"].detach().to("cpu", copy=True),
            up=state[f"{name}.lora_B.weight"].detach().to("cpu", copy=True),
            alpha=spec.alpha,
            lengths=lengths.lengths.detach().to("cpu", copy=True) if (lengths := lengths_of(layer)) else None,
        )
        for name, layer in sorted(_wrapped_layers(unet).items())
    }


def put_trained_layers(unet: Any, layers: Mapping[str, LoraLayer]) -> None:
    """Give the LoRA being learned these weights, as `trained_layers` tells them."""
    state = {f"{name}.lora_A.weight": layer.down for name, layer in layers.items()}
    state |= {f"{name}.lora_B.weight": layer.up for name, layer in layers.items()}
    unmatched = set_peft_model_state_dict(unet, state, adapter_name=TRAINED_ADAPTER).unexpected_keys
    assert not unmatched, unmatched
    for name, wrapped in _wrapped_layers(unet).items():
        lengths, told = lengths_of(wrapped), layers[name].lengths
        if lengths is not None and told is not None:
            lengths.lengths.data.copy_(told)


def block_norms(unet: Any, spec: LoraSpec) -> dict[str, float]:
    """How much the LoRA being learned changes each block of the U-Net: ||W' - W|| / ||W|| over its layers.

    Frobenius norms, as roots of summed squares. Layers outside any block count under their own name.
    """
    changed: dict[str, Tensor] = {}
    whole: dict[str, Tensor] = {}
    for name, module in _wrapped_layers(unet).items():
        block, lengths = _block_of(name), lengths_of(module)
        squared = lengths.squared_change(module) if lengths else _squared_change(module, spec.scale)
        changed[block] = changed.get(block, torch.zeros_like(squared)) + squared
        weight = module.base_layer.weight.detach().float()
        whole[block] = whole.get(block, torch.zeros_like(squared)) + weight.square().sum()
    return {block: float((changed[block].clamp(min=0) / whole[block].clamp(min=1e-12)).sqrt()) for block in changed}


def _squared_change(module: Any, scale: float) -> Tensor:
    """||scale * up @ down||^2. The product is never formed: it is the trace of (up^T up) (down down^T), rank x rank."""
    down = module.lora_A[TRAINED_ADAPTER].weight.detach().flatten(1).float()  # (rank, in)
    up = module.lora_B[TRAINED_ADAPTER].weight.detach().flatten(1).float()  # (out, rank)
    squared: Tensor = ((up.T @ up) * (down @ down.T)).sum()
    return scale**2 * squared


def _block_of(name: str) -> str:
    """down_blocks.0, mid_block, up_blocks.2 …, from the dotted name of a layer."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] in ("down_blocks", "up_blocks") else parts[0]


def attach_for_drawing(unet: Any, layers: Mapping[str, LoraLayer], adapter_name: str) -> None:
    """Add a finished LoRA, each layer with its own rank and alpha."""
    first = next(iter(layers.values()))
    config = LoraConfig(
        r=first.rank,
        lora_alpha=first.alpha,
        target_modules=list(layers),
        rank_pattern={f"^{re.escape(name)}$": layer.rank for name, layer in layers.items()},
        alpha_pattern={f"^{re.escape(name)}$": layer.alpha for name, layer in layers.items()},
    )
    with warnings.catch_warnings():
        # Several adapters are meant; peft warns of the second because it is often an accident.
        warnings.filterwarnings("ignore", message="Already found a `peft_config` attribute")
        unet.add_adapter(config, adapter_name=adapter_name)
    state = {f"{name}.lora_A.weight": layer.down.float() for name, layer in layers.items()}
    state |= {f"{name}.lora_B.weight": layer.up.float() for name, layer in layers.items()}
    unmatched = set_peft_model_state_dict(unet, state, adapter_name=adapter_name).unexpected_keys
    assert not unmatched, unmatched  # the names were taken from this U-Net
    for name, layer in layers.items():
        if layer.lengths is not None:
            add_lengths(unet.get_submodule(name), adapter_name, layer.lengths)
    unet.requires_grad_(False)


def remove_adapters(unet: Any) -> None:
    """Take every adapter off again; the base model is exactly as it was loaded."""
    if getattr(unet, "peft_config", None):
        unet.unload_lora()  # deleting adapters alone would leave the wrappers around every layer
