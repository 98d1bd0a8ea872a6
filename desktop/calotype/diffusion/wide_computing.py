"""Networks that are kept at 16 bits, as their files hold them, and compute at 32: half the memory, the same numbers.

A number of 16 bits is also one of 32, so that nothing is rounded on the way. A layer's weights are widened when its
turn comes and forgotten afterwards; that costs time, and is meant for networks that run seldom.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

HALVES = (torch.float16, torch.bfloat16)
STORED_DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16}  # in the header of a safetensors file


def kept_dtype(stored: Iterable[torch.dtype]) -> torch.dtype:
    """The format to keep a network in whose weights are stored so: 16 bits only if all of them are."""
    found = {dtype for dtype in stored if dtype.is_floating_point}
    return found.pop() if len(found) == 1 and found <= set(HALVES) else torch.float32


def compute_wide(network: nn.Module) -> None:
    """Let each layer with weights at 16 bits take and give numbers of 32."""
    for module in network.modules():
        if not any(weight.dtype in HALVES for weight in module.parameters(recurse=False)):
            continue
        if isinstance(module, nn.Embedding):  # a few rows of a large table: they are widened, not the table
            module.register_forward_hook(lambda _module, _given, rows: rows.float())
        else:
            widening = _Widening()
            module.register_forward_pre_hook(widening.begin)
            module.register_forward_hook(widening.end, always_call=True)


def keep_apart(network: nn.Module) -> None:
    """Give weights at 16 bits memory of their own.

    Those that are mapped from a file end the program when its disk is taken away, and keep all of the file in memory.
    """
    for weight in network.parameters():
        if weight.dtype in HALVES:
            weight.data = weight.data.clone()


class _Widening:
    """One layer's weights as they are kept, while wide copies stand in their place."""

    def __init__(self) -> None:
        self._kept: dict[str, nn.Parameter] = {}

    def begin(self, module: nn.Module, _given: Any) -> None:
        halves = {name: weight for name, weight in module.named_parameters(recurse=False) if weight.dtype in HALVES}
        self._kept = halves
        for name, weight in halves.items():
            setattr(module, name, nn.Parameter(weight.float(), requires_grad=False))

    def end(self, module: nn.Module, _given: Any, _result: Any) -> None:
        for name, weight in self._kept.items():
            setattr(module, name, weight)
        self._kept = {}
