"""What a training step keeps in memory besides the weights, with and without gradient checkpointing.

Tensors without numbers go through a real U-Net, its LoRA and its gradients, and the bytes of all that are alive are
counted; nothing is computed, so that Stable Diffusion XL needs no memory either. `--real` counts the same with numbers,
which shows that the shapes do not lie, and `--dora` those of a DoRA. `python tests/benchmarks/kept_activations.py
[--real] [--dora] [starter|sd1|sdxl ...]`
"""

from __future__ import annotations

import json
import sys
import weakref
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from diffusers import UNet2DConditionModel
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from calotype.diffusion.lora_adapter import attach_trainable
from calotype.domain.lora import LoraAdapter, LoraSpec

GIB = 2**30
LORA = LoraSpec(16, 16.0)
RESOURCES = Path(str(files("calotype_resources")))
CONFIGS = {
    "starter": (RESOURCES / "starter/unet/config.json", 8),
    "sd1": (RESOURCES / "model_configs/sd1/unet/config.json", 77),
    "sdxl": (RESOURCES / "model_configs/sdxl/unet/config.json", 77),
}
SIDES_PX = {"starter": (128, 512), "sd1": (256, 512), "sdxl": (1024,)}


class _Alive(TorchDispatchMode):
    """Counts the bytes of all storages that were made inside and are still alive, and their peak."""

    def __init__(self, there: Iterable[torch.Tensor]) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known = weakref.WeakSet[Any](tensor.untyped_storage() for tensor in there)  # views of them are no news

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return result

    def _count(self, storage: Any) -> None:
        if storage in self._known:
            return
        self._known.add(storage)
        size = storage.nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, size)

    def _forget(self, size: int) -> None:
        self.now -= size


def kept_bytes(
    family: str, side_px: int, dtype: torch.dtype, spec: LoraSpec = LORA, *, is_checkpointed: bool, is_real: bool
) -> int:
    """The most that is alive in one step of batch 1, beyond what was there before it."""
    path, tokens = CONFIGS[family]
    config = json.loads(path.read_text(encoding="utf-8"))
    torch.set_default_dtype(dtype)
    with nullcontext() if is_real else FakeTensorMode():
        unet: Any = UNet2DConditionModel.from_config(config)
        torch.set_default_dtype(torch.float32)
        unet.requires_grad_(False).train()
        with patch.object(torch.nn.Module, "to", lambda module, *_where, **_as: module):  # they are there, as wanted
            parameters = attach_trainable(unet, spec, seed=1)
        if is_checkpointed:
            unet.enable_gradient_checkpointing()
        latents = torch.zeros(1, 4, side_px // 8, side_px // 8, dtype=dtype)
        words = torch.zeros(1, tokens, config["cross_attention_dim"], dtype=dtype)
        told: dict[str, Any] = {}
        if family == "sdxl":
            told = {
                "added_cond_kwargs": {"text_embeds": torch.zeros(1, 1280, dtype=dtype), "time_ids": torch.zeros(1, 6)}
            }
        with (
            _Alive((*unet.parameters(), *unet.buffers())) as alive,
            torch.autocast("cpu", torch.bfloat16, enabled=dtype is not torch.float32),
        ):
            loss = unet(latents, torch.tensor([500]), words, **told).sample.float().pow(2).mean()
            loss.backward()
        assert parameters[0].grad is not None
    peak: int = alive.peak
    return peak


def main(words: list[str]) -> None:
    """Print a row for each family, format and side."""
    is_real = "--real" in words
    spec = replace(LORA, adapter=LoraAdapter.DORA) if "--dora" in words else LORA
    for family in [word for word in words if word in CONFIGS] or list(CONFIGS):
        for dtype in (torch.float32, torch.bfloat16):
            for side_px in SIDES_PX[family]:
                plain, checked = (
                    kept_bytes(family, side_px, dtype, spec, is_checkpointed=flag, is_real=is_real)
                    for flag in (False, True)
                )
                area = (side_px / 512) ** 2
                sys.stdout.write(
                    f"{family:8} {dtype!s:15} {side_px:5} px  {plain / GIB:7.3f} GiB, {checked / GIB:7.3f} with "
                    f"checkpointing; for 512 x 512: {plain / GIB / area:.3f}, {checked / GIB / area:.3f}\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
