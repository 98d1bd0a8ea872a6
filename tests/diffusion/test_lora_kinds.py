"""Each kind of LoRA changes what the model predicts exactly as its published formula says.

The applier below is made from the formulas alone, in 64 bits and in other ways than the app's own: a LoCon with a
kernel as three convolutions after each other, Kronecker products number by number, lengths of rows in a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import conv2d

from calotype.diffusion import lora_adapter
from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.lora_adapter import MERGED_WEIGHTS_LIMIT
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_headers import lora_contents, read_lora_header
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import fit_lora, read_lora_file
from calotype.diffusion.lora_weights import networks_of, weights_with
from calotype.domain.errors import LoraDoesNotFitError, LoraUnreadableError
from calotype.domain.lora import LoraKind

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
SQUARE = "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0"
POINT = "down_blocks.1.attentions.0.proj_in"  # a 1x1 convolution
CONV = "up_blocks.0.resnets.1.conv1"
LAYERS = (LINEAR, SQUARE, POINT, CONV)
RANK, ALPHA = 3, 1.5

Array = NDArray[np.float64]
Parts = dict[str, Tensor]


class _Chance:
    def __init__(self) -> None:
        self._generator = torch.Generator().manual_seed(11)

    def __call__(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self._generator) * 0.8


def _lora(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    ends = (1,) * len(kernel)
    return {"lora_down.weight": chance(RANK, into, *kernel), "lora_up.weight": chance(out, RANK, *ends)}


def _locon_with_kernel(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    if not kernel or kernel == (1, 1):
        return _lora(chance, out, into, kernel)
    return {
        "lora_down.weight": chance(RANK, into, 1, 1),
        "lora_mid.weight": chance(RANK, RANK, *kernel),
        "lora_up.weight": chance(out, RANK, 1, 1),
    }


def _loha(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    wide = into * int(np.prod(kernel))
    return {
        f"hada_w{n}_{half}": chance(*shape) for n in "12" for half, shape in (("a", (out, RANK)), ("b", (RANK, wide)))
    }


def _loha_with_kernel(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    if not kernel or kernel == (1, 1):
        return _loha(chance, out, into, kernel)
    parts = {f"hada_w{n}_{half}": chance(RANK, size) for n in "12" for half, size in (("a", out), ("b", into))}
    return {**parts, **{f"hada_t{n}": chance(RANK, RANK, *kernel) for n in "12"}}


def _lokr(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    return {"lokr_w1": chance(4, 8), "lokr_w2": chance(out // 4, into // 8, *kernel)}


def _lokr_of_low_rank(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    wide = into // 8 * int(np.prod(kernel))
    parts = {"lokr_w1_a": chance(4, RANK), "lokr_w1_b": chance(RANK, 8)}
    return {**parts, "lokr_w2_a": chance(out // 4, RANK), "lokr_w2_b": chance(RANK, wide)}


def _lokr_with_kernel(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    if not kernel or kernel == (1, 1):
        return _lokr_of_low_rank(chance, out, into, kernel)
    parts = {"lokr_w1": chance(4, 8), "lokr_t2": chance(RANK, RANK, *kernel)}
    return {**parts, "lokr_w2_a": chance(RANK, out // 4), "lokr_w2_b": chance(RANK, into // 8)}


def _full(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    return {"diff": chance(out, into, *kernel)}


def _dora(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    return {**_lora(chance, out, into, kernel), "dora_scale": 1 + chance(out, *[1] * (1 + len(kernel))).abs()}


def _dora_by_input(chance: _Chance, out: int, into: int, kernel: tuple[int, ...]) -> Parts:
    return {**_loha(chance, out, into, kernel), "dora_scale": 1 + chance(1, into, *[1] * len(kernel)).abs()}


Make = Callable[[_Chance, int, int, tuple[int, ...]], Parts]
KINDS: dict[Make, LoraKind] = {
    _lora: LoraKind.LOCON,
    _locon_with_kernel: LoraKind.LOCON,
    _loha: LoraKind.LOHA,
    _loha_with_kernel: LoraKind.LOHA,
    _lokr: LoraKind.LOKR,
    _lokr_of_low_rank: LoraKind.LOKR,
    _lokr_with_kernel: LoraKind.LOKR,
    _full: LoraKind.FULL,
    _dora: LoraKind.DORA,
    _dora_by_input: LoraKind.DORA,
}


def _by_formula(parts: Parts, weight: Tensor) -> Array:
    """The new weight at strength 1, (out, in, k * k), from the formulas."""
    has_scale = not ({"lokr_w1", "lokr_w2"} <= parts.keys() or "diff" in parts)
    before = weight.double().reshape(*weight.shape[:2], -1).numpy()
    delta = _raw(parts, weight.shape).reshape(before.shape) * (ALPHA / RANK if has_scale else 1.0)
    after = np.asarray(before + delta)
    if "dora_scale" not in parts:
        return after
    lengths = parts["dora_scale"].double().flatten().numpy()
    if parts["dora_scale"].shape[0] == weight.shape[0]:
        return np.stack([row * (length / np.linalg.norm(row)) for row, length in zip(after, lengths, strict=True)])
    columns = [after[:, n] * (length / np.linalg.norm(after[:, n])) for n, length in enumerate(lengths)]
    return np.stack(columns, axis=1)


def _raw(parts: Parts, shape: torch.Size) -> Array:
    a = {name: tensor.double() for name, tensor in parts.items()}
    if "diff" in a:
        return np.asarray(a["diff"].numpy())
    if "lora_mid.weight" in a:
        # What the three convolutions make of single lit pixels is the kernel, turned round.
        lit = torch.zeros(shape[1], shape[1], 5, 5, dtype=torch.float64)
        lit[range(shape[1]), range(shape[1]), 2, 2] = 1
        seen = conv2d(conv2d(conv2d(lit, a["lora_down.weight"]), a["lora_mid.weight"]), a["lora_up.weight"])
        return np.asarray(seen.flip(2, 3).transpose(0, 1).numpy())  # (out, in, k, k)
    if "lora_down.weight" in a:
        return np.asarray(np.tensordot(a["lora_up.weight"].flatten(1).numpy(), a["lora_down.weight"].numpy(), 1))
    if "hada_w1_a" in a:
        return np.asarray(np.multiply(*(_half(a, f"hada_w{n}_a", f"hada_w{n}_b", f"hada_t{n}") for n in "12")))
    left = a["lokr_w1"].numpy() if "lokr_w1" in a else _half(a, "lokr_w1_a", "lokr_w1_b", "")
    right = a["lokr_w2"].numpy() if "lokr_w2" in a else _half(a, "lokr_w2_a", "lokr_w2_b", "lokr_t2")
    right = right.reshape(shape[0] // 4, shape[1] // 8, -1)
    whole = np.empty((shape[0], shape[1], right.shape[2]))
    for row, column in np.ndindex(left.shape):
        rows, columns = row * right.shape[0], column * right.shape[1]
        whole[rows : rows + right.shape[0], columns : columns + right.shape[1]] = left[row, column] * right
    return whole


def _half(a: Parts, first: str, second: str, kernel: str) -> Array:
    if kernel not in a:
        return np.asarray(a[first].numpy() @ a[second].numpy())
    core = a[kernel].numpy()  # for each pixel of the kernel a matrix between the two
    pixels = [a[first].numpy().T @ core[:, :, y, x] @ a[second].numpy() for y, x in np.ndindex(core.shape[2:])]
    return np.stack(pixels, axis=-1)


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(1, 4, 16, 16, generator=chance), torch.randn(1, 8, 256, generator=chance)
    prediction: Tensor = unet(latents, torch.tensor([500]), embeddings).sample
    return prediction


def _file(starter: BaseModel, make: Make, path: Path) -> dict[str, Parts]:
    chance, layers = _Chance(), {}
    for name in LAYERS:
        weight = starter.unet.get_submodule(name).weight
        layers[name] = make(chance, weight.shape[0], weight.shape[1], tuple(weight.shape[2:]))
    keys = {name: "lora_unet_" + name.replace(".", "_") for name in layers}
    tensors = {f"{keys[name]}.{role}": tensor for name, parts in layers.items() for role, tensor in parts.items()}
    save_file({**tensors, **{f"{key}.alpha": torch.tensor(ALPHA) for key in keys.values()}}, path)
    return layers


@pytest.mark.parametrize(("strength", "summed"), [(1.0, MERGED_WEIGHTS_LIMIT), (-0.6, MERGED_WEIGHTS_LIMIT), (0.7, 0)])
@pytest.mark.parametrize("make", KINDS, ids=lambda make: str(make.__name__))
def test_that_a_kind_is_drawn_as_its_formula_says(
    make: Make, strength: float, summed: int, starter: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora_adapter, "MERGED_WEIGHTS_LIMIT", summed)
    path, unet = tmp_path / "lora.safetensors", starter.unet
    layers, base = _file(starter, make, path), _predict(unet)

    fitted = fit_lora(read_lora_file(path), networks_of(starter), "Starter")
    with drawing_with(starter, [(fitted, strength)]):
        ours = _predict(unet)

    assert torch.equal(_predict(unet), base)  # the base model is as it was, to the last bit
    assert fitted.left_over == ()
    weights = {name: unet.get_submodule(name).weight for name in layers}
    kept = {name: weight.data for name, weight in weights.items()}
    for name, parts in layers.items():
        old = kept[name].double()
        new = torch.from_numpy(_by_formula(parts, kept[name])).reshape(old.shape)
        weights[name].data = (old + strength * (new - old)).float()
    formula = _predict(unet)
    for name, weight in weights.items():
        weight.data = kept[name]
    assert float((formula - base).abs().max()) > 0.02
    assert float((ours - formula).abs().max()) <= 2e-5 * max(1.0, float(formula.abs().max()))


@pytest.mark.parametrize(("make", "kind"), KINDS.items(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_that_the_header_tells_the_kind(make: Make, kind: LoraKind, starter: BaseModel, tmp_path: Path) -> None:
    _file(starter, make, tmp_path / "lora.safetensors")

    contents = lora_contents(read_lora_header(tmp_path / "lora.safetensors"))

    assert contents.kind is kind
    assert contents.rank == (0 if make in (_lokr, _full) else RANK)
    assert (contents.unet_layers, contents.text_encoder_layers, contents.left_over) == (4, 0, ())


def test_that_several_kinds_count_together_and_the_order_does_not_matter(starter: BaseModel, tmp_path: Path) -> None:
    unet, fitted = starter.unet, []
    for number, make in enumerate((_dora, _lokr)):
        path = tmp_path / f"{number}.safetensors"
        _file(starter, make, path)
        fitted.append(fit_lora(read_lora_file(path), {**networks_of(starter), LoraPart.UNET: unet}, "Starter"))
    uses = [(fitted[0], 0.7), (fitted[1], 0.2)]

    with weights_with({**networks_of(starter), LoraPart.UNET: unet}, uses):
        there = _predict(unet)
    with weights_with({**networks_of(starter), LoraPart.UNET: unet}, uses[::-1]):
        back = _predict(unet)

    assert float((there - back).abs().max()) < 1e-5
    assert float((there - _predict(unet)).abs().max()) > 0.05


@pytest.mark.parametrize("lost", ["hada_w2_b", "hada_w1_a"])
def test_that_half_of_a_layer_is_named(lost: str, starter: BaseModel, tmp_path: Path) -> None:
    key = "lora_unet_" + LINEAR.replace(".", "_")
    parts = _loha(_Chance(), 128, 256, ())
    del parts[lost]
    save_file({f"{key}.{role}": tensor for role, tensor in parts.items()}, tmp_path / "half.safetensors")

    with pytest.raises(LoraUnreadableError, match=f"half.safetensors.*{lost} of down_blocks.1.*attn2.to_k is missing"):
        read_lora_file(tmp_path / "half.safetensors")


@pytest.mark.parametrize("make", [_loha, _lokr_of_low_rank])
def test_that_shapes_that_do_not_belong_together_are_refused(make: Make, starter: BaseModel, tmp_path: Path) -> None:
    key = "lora_unet_" + LINEAR.replace(".", "_")
    wide, tall = make(_Chance(), 128, 256, ()), make(_Chance(), 512, 256, ())
    name = "hada_w2_a" if make is _loha else "lokr_w2_b"
    save_file({f"{key}.{role}": t for role, t in tall.items()}, tmp_path / "tall.safetensors")
    save_file(
        {f"{key}.{role}": t for role, t in {**wide, name: wide[name].T.contiguous()}.items()},
        tmp_path / "odd.safetensors",
    )

    with pytest.raises(LoraUnreadableError, match="no meaning as a LoRA"):
        read_lora_file(tmp_path / "odd.safetensors")
    with pytest.raises(LoraDoesNotFitError, match="made for 512x256, the model has 128x256"):
        fit_lora(read_lora_file(tmp_path / "tall.safetensors"), {LoraPart.UNET: starter.unet}, "Starter")
