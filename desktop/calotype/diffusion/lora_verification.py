"""Read LoRA files from their specification alone, to verify what the exporter wrote; shares no code with it.

A U-Net's output depends on a LoRA only through the sums W + alpha / rank * up @ down of its layers, and on a DoRA also
through the lengths that the columns of these sums are given. So two files whose summands and lengths are the same in
every layer draw the same for every input, and no forward pass could tell more: the comparison
goes layer by layer, which is exact, takes no second copy of the U-Net, and costs rank * (in + out) per layer instead of
in * out. What it cannot show is that a reader finds the layers where the names point to; `lora_trial` shows that with a
forward pass where that is cheap.

Sources: the safetensors README for the container; for the names kohya's sd-scripts, networks/lora.py and
library/sdxl_original_unet.py, and diffusers' loaders/lora_pipeline.py; for `dora_scale` by inputs A1111's
extensions-builtin/Lora/network.py.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
# Rounding to a format moves a number by at most half of the last binary place: this share of the power of two at or
# below it, or, where numbers are tiny, half of the smallest step.
ROUNDING = {torch.float32: (2.0**-24, 2.0**-150), torch.float16: (2.0**-11, 2.0**-25), torch.bfloat16: (2.0**-8, 0.0)}
SLACK = 1 + 2**-10  # for numbers that are rounded to 32 bits on their way to 16

# Of all the names in a U-Net only these have an underscore of their own; every other one stands for a dot.
_COMPOUNDS = (
    "down_blocks|mid_block|up_blocks|transformer_blocks|to_q|to_k|to_v|to_out|proj_in|proj_out|time_emb_proj|"
    "conv_shortcut|conv_in|conv_out|time_embedding|linear_1|linear_2|text_model|self_attn|q_proj|k_proj|v_proj|"
    "out_proj|input_blocks|middle_block|output_blocks|in_layers|out_layers|emb_layers|skip_connection|time_embed"
)
_NETWORKS = {
    "lora_unet_": "",
    "lora_te_": "text_encoder.",
    "lora_te1_": "text_encoder.",
    "lora_te2_": "text_encoder_2.",
}
_TOKEN = re.compile(rf"(?:{_COMPOUNDS}|[a-z]+\d*|\d+)(?=_|$)")
_IN_SGM = ("input_blocks", "middle_block", "output_blocks", "time_embed", "out")
_SGM_ENDS = {"input_blocks.0.0": "conv_in", "out.2": "conv_out"}
_SGM_ENDS |= {"time_embed.0": "time_embedding.linear_1", "time_embed.2": "time_embedding.linear_2"}
_SGM_RESNET = {"in_layers.2": "conv1", "emb_layers.1": "time_emb_proj", "out_layers.3": "conv2"}
_SGM_RESNET |= {"skip_connection": "conv_shortcut"}
_PARTS = {"lora_down.weight": "down", "lora_up.weight": "up", "lora_A.weight": "down", "lora_B.weight": "up"}
_BESIDE = {"alpha": "alpha", "dora_scale": "lengths"}  # of kohya's names only


class VerificationError(Exception):
    """The file is not what it should be; the text says where."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a file adds to one layer: scale * up @ down, with shapes and number format as in the file.

    lengths: of the columns of the weight with that sum, shape (1, in) or (1, in, 1, 1); None for a plain LoRA.
    """

    down: Tensor
    up: Tensor
    scale: float
    lengths: Tensor | None = None

    @property
    def factors(self) -> tuple[Tensor, Tensor]:
        """scale * up, shape (out, rank), and down, shape (rank, in * k * k), in 64 bits."""
        return self.scale * self.up.double().flatten(1), self.down.double().flatten(1)

    @property
    def delta(self) -> Tensor:
        """The summand as a matrix, shape (out, in * k * k)."""
        up, down = self.factors
        return up @ down

    def changed(self, weight: Tensor) -> Tensor:
        """The layer's weight as the file makes it, in 64 bits: lengths * (W + delta) / ||W + delta||, by columns."""
        whole = weight.double() + self.delta.reshape(weight.shape)
        if self.lengths is None:
            return whole
        norm = whole.square().sum([axis for axis in range(whole.ndim) if axis != 1], keepdim=True).sqrt()
        return whole * (self.lengths.double().reshape(norm.shape) / norm.clamp(min=2.0**-23))


def read_updates(path: Path) -> dict[str, Update]:
    """What the file adds to each layer, by the dotted name of the layer. Raises VerificationError, or OSError.

    Every tensor is used or refused.
    """
    parts: dict[str, dict[str, Tensor]] = {}
    for key, tensor in _read_tensors(path).items():
        layer, part = _place(key)
        parts.setdefault(layer, {})[part] = tensor
    return {layer: _update(layer, found) for layer, found in parts.items()}


def weight_difference(written: Mapping[str, Update], learned: Mapping[str, Update]) -> float:
    """The largest difference of a layer, ||written - learned|| / ||learned||. Raises VerificationError.

    It is raised if a layer is missing or added, or a single number differs by more than its number format explains.
    """
    if written.keys() != learned.keys():
        odd = sorted(written.keys() ^ learned.keys())
        raise VerificationError(f"{odd[0]} is in one of the two files only, and {len(odd) - 1} more")
    return max(_difference(name, written[name], learned[name]) for name in learned)


def has_places(updates: Mapping[str, Update], unet_shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """True if a base model with these weights has a layer of the right shape for every update."""
    return all(_fits(update, unet_shapes.get(f"{name}.weight", ())) for name, update in updates.items())


def _fits(update: Update, shape: tuple[int, ...]) -> bool:
    into = math.prod(update.down.shape[1:])
    columns = update.down.shape[1] if update.lengths is None else update.lengths.numel()
    return len(shape) > 1 and (update.up.shape[0], columns, into) == (*shape[:2], math.prod(shape[1:]))


def _difference(name: str, written: Update, learned: Update) -> float:
    if (written.down.shape, written.up.shape) != (learned.down.shape, learned.up.shape):
        raise VerificationError(f"{name} has another shape")
    _require_same_lengths(name, written.lengths, learned.lengths)
    (up, down), (learned_up, learned_down) = written.factors, learned.factors
    _require_only_rounding(name, written.down, learned_down)
    _require_only_rounding(name, written.up, learned_up / written.scale)
    # a b - c d = (a - c) b + c (b - d): nothing cancels, so that equal files differ by exactly nothing.
    left = torch.cat([up - learned_up, learned_up], 1)  # (out, 2 rank)
    right = torch.cat([down, down - learned_down])  # (2 rank, in)
    distance = _norm_of_product(left, right)
    return distance / _norm_of_product(learned_up, learned_down) if distance else 0.0


def _require_same_lengths(name: str, written: Tensor | None, learned: Tensor | None) -> None:
    if written is None and learned is None:
        return
    if written is None or learned is None or written.shape != learned.shape:
        raise VerificationError(f"{name} has lengths in one of the two files only, or others")
    _require_only_rounding(name, written, learned.double().flatten(1))


def _require_only_rounding(name: str, written: Tensor, exact: Tensor) -> None:
    if not bool(written.isfinite().all()):
        raise VerificationError(f"{name} has numbers that are too large for this precision")
    share, least = ROUNDING[written.dtype]
    power = torch.ldexp(torch.ones_like(exact), torch.frexp(exact).exponent - 1)  # of two, at or below the number
    allowed = SLACK * (share * power).clamp(min=least)
    if not bool(((written.double().flatten(1) - exact).abs() <= allowed).all()):
        raise VerificationError(f"{name} has other numbers")


def _norm_of_product(left: Tensor, right: Tensor) -> float:
    """||left @ right|| without forming it: its square is the trace of (left^T left) (right right^T)."""
    return math.sqrt(max(0.0, float(((left.T @ left) * (right @ right.T)).sum())))


def _place(key: str) -> tuple[str, str]:
    """The layer and the part of it that a tensor is, from its name in either layout."""
    stem, _, ending = key.partition(".")
    prefix = next((prefix for prefix in _NETWORKS if stem.startswith(prefix)), "")
    if prefix:
        part = _BESIDE.get(ending) or _PARTS.get(ending, "")
        tokens = _TOKEN.findall(stem.removeprefix(prefix))
        if part and prefix + "_".join(tokens) == stem:
            return _NETWORKS[prefix] + _layer_of(key, tokens), part
    elif stem == "unet":
        for suffix, part in _PARTS.items():
            if ending.endswith(f".{suffix}"):
                return ending.removesuffix(f".{suffix}"), part
    raise VerificationError(f"nobody would know what {key} is")


def _layer_of(key: str, tokens: Sequence[str]) -> str:
    """The layer by the names of diffusers, under which the two files can be compared whatever names they have."""
    name = ".".join(tokens)
    if tokens[0] not in _IN_SGM:
        return name
    for place, layer in _sgm_places().items():
        if name == place:
            return layer
        if name.startswith(f"{place}."):
            inside = name.removeprefix(f"{place}.")
            return f"{layer}.{_SGM_RESNET.get(inside, inside)}"
    raise VerificationError(f"nobody would know what {key} is")


@cache
def _sgm_places() -> dict[str, str]:
    """The lists of SGM's U-Net for SDXL, walked through as that program fills them, beside the names of diffusers."""
    places, entry = dict(_SGM_ENDS), 1
    for level in range(3):
        for block in range(2):
            places[f"input_blocks.{entry}.0"] = f"down_blocks.{level}.resnets.{block}"
            places[f"input_blocks.{entry}.1"] = f"down_blocks.{level}.attentions.{block}"
            entry += 1
        if level < 2:
            places[f"input_blocks.{entry}.0.op"] = f"down_blocks.{level}.downsamplers.0.conv"
            entry += 1
    for entry, layer in enumerate(("resnets.0", "attentions.0", "resnets.1")):
        places[f"middle_block.{entry}"] = f"mid_block.{layer}"
    entry = 0
    for level in range(3):
        for block in range(3):
            places[f"output_blocks.{entry}.0"] = f"up_blocks.{level}.resnets.{block}"
            places[f"output_blocks.{entry}.1"] = f"up_blocks.{level}.attentions.{block}"
            if block == 2 and level < 2:
                places[f"output_blocks.{entry}.2.conv"] = f"up_blocks.{level}.upsamplers.0.conv"
            entry += 1
    return places


def _update(layer: str, parts: Mapping[str, Tensor]) -> Update:
    down, up = parts.get("down"), parts.get("up")
    if down is None or up is None:
        raise VerificationError(f"half of {layer} is missing")
    rank = down.shape[0] if down.ndim else 0
    if rank == 0 or up.ndim < 2 or up.shape[1] != rank or down.dtype != up.dtype:
        raise VerificationError(f"the two halves of {layer} do not belong together")
    alpha = float(parts["alpha"]) if "alpha" in parts else float(rank)  # without an alpha, readers take the rank
    if not 0 < alpha < math.inf:
        raise VerificationError(f"the alpha of {layer} is {alpha}")
    lengths = parts.get("lengths")
    if lengths is not None and lengths.shape != (1, down.shape[1], *[1] * (down.ndim - 2)):
        raise VerificationError(f"the lengths of {layer} are not those of its columns")
    return Update(down, up, alpha / rank, lengths)


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """The container: the length of the header in 8 bytes, little-endian; the header in JSON; the numbers."""
    data = bytearray(path.read_bytes())
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(bytes(data[8 : 8 + length]))
        header.pop("__metadata__", None)
        return {name: _tensor(data, 8 + length, entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise VerificationError(f"it is damaged ({error})") from error


def _tensor(data: bytearray, body: int, entry: Mapping[str, object]) -> Tensor:
    dtype, shape = DTYPES[str(entry["dtype"])], entry["shape"]
    offsets = entry["data_offsets"]
    assert isinstance(shape, list) and isinstance(offsets, list)
    count = math.prod(shape)
    if offsets[1] - offsets[0] != count * dtype.itemsize or body + offsets[1] > len(data):
        raise ValueError("a tensor is not whole")
    return torch.frombuffer(data, dtype=dtype, count=count, offset=body + offsets[0]).reshape(shape)
