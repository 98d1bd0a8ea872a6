"""A DoRA that is learned: what it computes, what its file holds, and what other programs' formulas make of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.dora import lengths_of
from calotype.diffusion.lora_adapter import (
    attach_trainable,
    block_norms,
    merged,
    put_trained_layers,
    remove_adapters,
    trained_layers,
)
from calotype.diffusion.lora_blocks import fitted_by_block
from calotype.diffusion.lora_drawing import drawing_with
from calotype.diffusion.lora_files import pack_lora
from calotype.diffusion.lora_formats import lora_file_bytes, read_layers
from calotype.diffusion.lora_headers import lora_contents, read_lora_header
from calotype.diffusion.lora_keys import LoraPart
from calotype.diffusion.lora_reading import fit_lora, read_lora, read_lora_file
from calotype.diffusion.lora_targets import lora_parameter_count
from calotype.diffusion.lora_trial import add_to_weights, output_difference
from calotype.diffusion.lora_verification import VerificationError, read_updates, weight_difference
from calotype.domain.errors import LoraLayoutError
from calotype.domain.generation import LoraUse
from calotype.domain.lora import LoraAdapter, LoraKind, LoraSpec, LoraTargets
from calotype.domain.lora_blocks import BlockStrengths
from calotype.domain.lora_export import ExportChoice, LoraLayout, LoraPrecision

SPEC = LoraSpec(rank=4, alpha=3.0, targets=LoraTargets.ALL_LAYERS, adapter=LoraAdapter.DORA)
LINEAR = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
WIDE = "mid_block.resnets.0.conv1"
QUERY, CONVOLUTION = ("lora_unet_" + name.replace(".", "_") for name in (LINEAR, WIDE))


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(2, 4, 16, 16, generator=chance), torch.randn(2, 8, 256, generator=chance)
    prediction: Tensor = unet(latents, torch.tensor([20, 900]), embeddings).sample
    return prediction


def _learn(unet: Any) -> None:
    """Attach a DoRA whose factors are no longer zero and whose lengths have moved by up to a tenth."""
    chance = torch.Generator().manual_seed(5)
    for parameter in attach_trainable(unet, SPEC, seed=1):
        if parameter.ndim > 1:
            parameter.data = torch.randn(parameter.shape, generator=chance) * 0.05
        else:
            parameter.data *= 0.9 + 0.2 * torch.rand(parameter.shape, generator=chance)


@pytest.fixture
def learned(starter: BaseModel, tmp_path: Path) -> tuple[Path, Tensor]:
    """The file of a run, and what its live adapter predicted."""
    path = tmp_path / "learned.safetensors"
    _learn(starter.unet)
    live = _predict(starter.unet)
    path.write_bytes(lora_file_bytes(trained_layers(starter.unet, SPEC), {}, torch.float32))
    remove_adapters(starter.unet)
    return path, live


def _exported(learned: Path, precision: LoraPrecision | None) -> Path:
    path = learned.with_name("written.safetensors")
    path.write_bytes(pack_lora(learned, ExportChoice(precision=precision), None).data)
    return path


def test_that_a_new_dora_changes_nothing_and_its_start_depends_on_the_seed_alone(starter: BaseModel) -> None:
    base, random_state = _predict(starter.unet), torch.get_rng_state()

    first = [parameter.detach().clone() for parameter in attach_trainable(starter.unet, SPEC, seed=7)]
    untouched = _predict(starter.unet)
    remove_adapters(starter.unet)
    second = attach_trainable(starter.unet, SPEC, seed=7)

    assert torch.equal(untouched, base)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert torch.equal(torch.get_rng_state(), random_state)
    assert len(first) == 3 * 129 and {one.ndim for one in first[-129:]} == {1}


def test_that_the_weights_are_counted_before_there_are_any(starter: BaseModel) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in starter.unet.state_dict().items()}

    parameters = attach_trainable(starter.unet, SPEC, seed=1)

    assert lora_parameter_count(shapes, SPEC) == sum(parameter.numel() for parameter in parameters)


@torch.no_grad()
def test_that_the_live_adapter_is_the_formula_worked_out_with_whole_matrices(starter: BaseModel) -> None:
    base = {name: starter.unet.get_submodule(name).weight.detach().double().numpy() for name in (LINEAR, WIDE)}
    _learn(starter.unet)
    layers = trained_layers(starter.unet, SPEC)
    chance = torch.Generator().manual_seed(6)
    inputs = {LINEAR: torch.randn(3, 5, 256, generator=chance), WIDE: torch.randn(2, 256, 6, 6, generator=chance)}

    for name, given in inputs.items():
        wrapped = starter.unet.get_submodule(name)
        weight = torch.tensor(_by_hand(base[name], layers[name], 1.0), dtype=torch.float32)
        expected = (
            torch.nn.functional.linear(given, weight, wrapped.base_layer.bias)
            if given.ndim == 3
            else torch.nn.functional.conv2d(given, weight, wrapped.base_layer.bias, padding=1)
        )
        assert float((wrapped(given) - expected).abs().max()) <= 2e-5 * float(expected.abs().max())


def _by_hand(weight: NDArray[Any], layer: Any, strength: float) -> NDArray[Any]:
    """W + strength * (m * (W + D) / ||W + D|| - W), column by column."""
    up, down = layer.up.double().flatten(1).numpy(), layer.down.double().flatten(1).numpy()
    whole = weight + (layer.alpha / layer.rank * (up @ down)).reshape(weight.shape)
    made = np.empty_like(whole)
    for column in range(weight.shape[1]):
        made[:, column] = whole[:, column] * float(layer.lengths[column]) / np.sqrt((whole[:, column] ** 2).sum())
    result: NDArray[Any] = weight + strength * (made - weight)
    return result


def test_that_gradients_are_those_of_the_formula_with_the_norm_as_a_constant(starter: BaseModel) -> None:
    _learn(starter.unet)
    wrapped = starter.unet.get_submodule(LINEAR)
    given = torch.randn(7, 256, generator=torch.Generator().manual_seed(6)).requires_grad_()
    down, up = (part["trained"].weight for part in (wrapped.lora_A, wrapped.lora_B))
    lengths = wrapped.column_lengths.lengths
    learned = (down, up, lengths, given)
    whole = wrapped.base_layer.weight + SPEC.scale * up @ down
    plain = given @ (whole * lengths / whole.detach().norm(dim=0)).T

    found = torch.autograd.grad(wrapped(given).square().sum(), learned)
    bias = wrapped.base_layer.bias
    expected = torch.autograd.grad((plain + (0 if bias is None else bias)).square().sum(), learned)

    for ours, theirs in zip(found, expected, strict=True):
        assert float((ours - theirs).norm() / theirs.norm()) < 1e-5


def test_that_merged_it_predicts_the_same_and_the_very_weights_come_back(starter: BaseModel) -> None:
    _learn(starter.unet)
    live = _predict(starter.unet)
    before = {name: weight.detach().clone() for name, weight in starter.unet.named_parameters()}

    with merged(starter.unet):
        summed = _predict(starter.unet)

    assert 0 < float((summed - live).abs().max()) <= 1e-5
    assert all(torch.equal(weight, before[name]) for name, weight in starter.unet.named_parameters())
    assert torch.equal(_predict(starter.unet), live)


def test_that_it_can_be_switched_off_and_taken_off(starter: BaseModel) -> None:
    base = _predict(starter.unet)
    _learn(starter.unet)
    live = _predict(starter.unet)

    starter.unet.disable_adapters()
    without = _predict(starter.unet)
    starter.unet.enable_adapters()
    again = _predict(starter.unet)
    remove_adapters(starter.unet)

    assert torch.equal(without, base) and torch.equal(again, live)
    assert float((live - base).abs().max()) > 1e-2
    assert torch.equal(_predict(starter.unet), base)
    assert not any(lengths_of(module) for module in starter.unet.modules())


def test_that_blocks_are_changed_as_much_as_whole_matrices_tell(starter: BaseModel) -> None:
    base = {name: weight.detach().clone() for name, weight in starter.unet.named_parameters()}
    _learn(starter.unet)

    norms = block_norms(starter.unet, SPEC)

    layers = {
        name: torch.tensor(_by_hand(base[f"{name}.weight"].double().numpy(), layer, 1.0))
        for name, layer in trained_layers(starter.unet, SPEC).items()
        if name.startswith("mid_block.")
    }
    changed = sum(float((weight - base[f"{name}.weight"]).square().sum()) for name, weight in layers.items())
    whole = sum(float(base[f"{name}.weight"].double().square().sum()) for name in layers)
    assert norms["mid_block"] == pytest.approx((changed / whole) ** 0.5, rel=1e-4)


def test_that_a_file_holds_every_number_and_gives_it_back(learned: tuple[Path, Tensor], starter: BaseModel) -> None:
    path, live = learned

    attach_trainable(starter.unet, SPEC, seed=9)
    put_trained_layers(starter.unet, read_lora(path, starter.unet, "Starter"))

    assert torch.equal(_predict(starter.unet), live)
    assert lora_contents(read_lora_header(path)).kind is LoraKind.DORA


@pytest.mark.parametrize("strength", [1.0, 0.6, -0.5])
def test_that_a_strength_scales_the_whole_change_as_other_programs_do(
    strength: float, learned: tuple[Path, Tensor], starter: BaseModel
) -> None:
    path, live = learned
    base = {name: starter.unet.get_submodule(name).weight.detach().clone() for name in (LINEAR, WIDE)}
    layers = read_layers(path)

    with drawing_with(starter, [(fit_lora(read_lora_file(path), {LoraPart.UNET: starter.unet}, "Starter"), strength)]):
        found = {name: starter.unet.get_submodule(name).weight.detach().clone() for name in base}
        predicted = _predict(starter.unet)

    for name, weight in base.items():
        expected = _by_hand(weight.double().numpy(), layers[name], strength)
        assert float((found[name] - torch.tensor(expected)).abs().max()) <= 1e-6
    assert (float((predicted - live).abs().max()) <= 1e-5) == (strength == 1)


def test_that_blocks_can_count_differently(learned: tuple[Path, Tensor], starter: BaseModel) -> None:
    path, _ = learned
    lora, blocks = read_lora_file(path), BlockStrengths((("mid", 0.5), ("up", 0.0)))
    fitted = fit_lora(lora, {LoraPart.UNET: starter.unet}, "Starter")
    before = {name: weight.detach().clone() for name, weight in starter.unet.named_parameters()}

    with drawing_with(starter, fitted_by_block(fitted, LoraUse(path, 1.0, blocks))):
        found = {name: weight.detach().clone() for name, weight in starter.unet.named_parameters()}

    for name in (LINEAR, WIDE):
        expected = _by_hand(before[f"{name}.weight"].double().numpy(), read_layers(path)[name], 0.5)
        assert float((found[f"{name}.weight"] - torch.tensor(expected)).abs().max()) <= 1e-6
    changed = {name.partition(".")[0] for name, weight in found.items() if not torch.equal(weight, before[name])}
    assert changed == {"down_blocks", "mid_block"}


@pytest.mark.parametrize("precision", [None, *LoraPrecision])
def test_that_an_export_is_verified_and_predicts_what_the_live_adapter_predicts(
    precision: LoraPrecision | None, learned: tuple[Path, Tensor], starter: BaseModel
) -> None:
    path, live = learned
    base = _predict(starter.unet)

    updates, tensors = read_updates(written := _exported(path, precision)), load_file(written)
    rounded = weight_difference(updates, read_updates(path))
    difference = output_difference(starter.card, path, updates)
    add_to_weights(changed := copy.deepcopy(starter.unet), updates)
    predicted = _predict(changed)

    most = {None: 0.0, LoraPrecision.FP32: 1e-7, LoraPrecision.FP16: 7e-4, LoraPrecision.BF16: 5e-3}[precision]
    assert rounded <= most
    assert difference <= (1e-5 if precision in (None, LoraPrecision.FP32) else 0.05)
    share = float((predicted - live).abs().max() / (live - base).abs().max())
    assert share <= {LoraPrecision.FP16: 0.005, LoraPrecision.BF16: 0.05}.get(precision, 1e-4)  # type: ignore[arg-type]
    shapes = [tuple(tensors[f"{layer}.dora_scale"].shape) for layer in (QUERY, CONVOLUTION)]
    assert shapes == [(1, 256), (1, 256, 1, 1)]
    assert {tensor.dtype for name, tensor in tensors.items() if name.endswith(".dora_scale")} == {torch.float32}
    # Before A1111 1.10 an alpha counted after the lengths; with alpha = rank there is nothing to count.
    assert float(tensors[f"{QUERY}.alpha"]) == (3.0 if precision is None else 4.0)


DAMAGES: dict[str, Callable[[dict[str, Tensor]], object]] = {
    "other lengths": lambda tensors: tensors[f"{QUERY}.dora_scale"].mul_(1.001),
    "lengths missing": lambda tensors: tensors.pop(f"{QUERY}.dora_scale"),
    "by outputs": lambda tensors: tensors.update({f"{QUERY}.dora_scale": tensors[f"{QUERY}.dora_scale"].T}),
    "not a number": lambda tensors: tensors[f"{CONVOLUTION}.dora_scale"].fill_(torch.nan),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_that_no_damage_to_the_lengths_goes_unnoticed(damage: str, learned: tuple[Path, Tensor]) -> None:
    path, _ = learned
    written = _exported(path, LoraPrecision.FP16)
    tensors = load_file(written)
    DAMAGES[damage](tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, written)

    with pytest.raises(VerificationError):
        weight_difference(read_updates(written), read_updates(path))


def test_that_diffusers_leaves_the_lengths_out(learned: tuple[Path, Tensor]) -> None:
    """What the README says of it; when this fails, diffusers has learned to read them."""
    tensors, _ = StableDiffusionPipeline.lora_state_dict(_exported(learned[0], LoraPrecision.FP32))

    assert len(tensors) == 2 * 129 and not any("dora" in name or "magnitude" in name for name in tensors)


def test_that_the_layout_of_diffusers_is_refused(learned: tuple[Path, Tensor]) -> None:
    with pytest.raises(LoraLayoutError, match=r"a DoRA.*no place for the lengths.*kohya's layout\."):
        pack_lora(learned[0], ExportChoice(LoraLayout.DIFFUSERS), None)
