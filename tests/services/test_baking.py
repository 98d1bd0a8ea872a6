"""LoRAs in a copy of a base model: the sum in their layers, all else as it was, and the original untouched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from calotype.diffusion.lora_verification import read_updates
from calotype.diffusion.model_folder import read_model_card
from calotype.domain.control import Control, Stop
from calotype.domain.errors import LoraDoesNotFitError, LoraToolError
from calotype.domain.generation import LoraUse
from calotype.domain.lora_export import LoraPrecision
from calotype.domain.lora_tools import LayerDone, LoraToolEvent, LoraWritten, ModelBaked, ToolStopped
from calotype.domain.models import ModelFamily
from calotype.services import lora_tools
from calotype.services.lora_tools import LoraChoice

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONV = "up_blocks.0.resnets.1.conv1"
TEXT = "encoder.layers.0.self_attn.q_proj"
SHAPES = {
    "lora_unet_" + LINEAR.replace(".", "_"): (128, 256),
    "lora_unet_" + CONV.replace(".", "_"): (256, 384, 3, 3),
    "lora_te_text_model_" + TEXT.replace(".", "_"): (256, 256),
}


def _lora(path: Path, seed: int, rank: int) -> Path:
    chance, tensors = torch.Generator().manual_seed(seed), {}
    for key, (out, into, *kernel) in SHAPES.items():
        tensors[f"{key}.lora_down.weight"] = torch.randn(rank, into, *kernel, generator=chance) * 0.1
        tensors[f"{key}.lora_up.weight"] = torch.randn(out, rank, *[1] * len(kernel), generator=chance) * 0.1
        tensors[f"{key}.alpha"] = torch.tensor(1.5)
    save_file(tensors, path)
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A LoRA of rank 3."""
    return _lora(tmp_path / "first.safetensors", 1, 3)


def _baked(model: Path, uses: list[LoraUse], destination: Path) -> ModelBaked:
    *steps, last = lora_tools.bake_loras(model, uses, destination, Control())
    assert isinstance(last, ModelBaked)
    assert all(isinstance(step, LayerDone) for step in steps)
    return last


def test_that_a_folder_with_loras_baked_in_is_the_sum_and_the_original_stays(
    first: Path, starter_folder: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in starter_folder.rglob("*.safetensors")}
    second = _lora(tmp_path / "second.safetensors", 2, 2)
    uses = [LoraUse(first, 0.7), LoraUse(second, 0.5)]

    baked = _baked(starter_folder, uses, tmp_path / "baked")

    assert (baked.changed_tensors, baked.unused) == (3, ())
    assert {path: path.read_bytes() for path in starter_folder.rglob("*.safetensors")} == before
    names = {path.relative_to(tmp_path / "baked") for path in (tmp_path / "baked").rglob("*") if path.is_file()}
    assert names == {path.relative_to(starter_folder) for path in starter_folder.rglob("*") if path.is_file()}
    assert read_model_card(tmp_path / "baked", "baked", "Baked").family is ModelFamily.STARTER
    one, other = read_updates(first), read_updates(second)
    changed = {f"unet/{LINEAR}", f"unet/{CONV}", f"text_encoder/{TEXT}"}
    for path in before:
        part, old, new = (
            path.parent.name,
            load_file(path),
            load_file(tmp_path / "baked" / path.relative_to(starter_folder)),
        )
        for key, weight in old.items():
            name = key.removesuffix(".weight").removeprefix("text_model.")
            if f"{part}/{name}" not in changed:
                assert torch.equal(new[key], weight)
                continue
            update = name if part == "unet" else f"text_encoder.text_model.{name}"
            exact = weight.double() + (0.7 * one[update].delta + 0.5 * other[update].delta).reshape(weight.shape)
            assert float((new[key].double() - exact).abs().max()) <= 2**-10 * float(exact.abs().max())
            assert not torch.equal(new[key], weight)


def test_that_a_checkpoint_with_a_lora_baked_in_keeps_all_else_byte_for_byte(tmp_path: Path) -> None:
    chance, prefix = torch.Generator().manual_seed(6), "model.diffusion_model."
    changed = f"{prefix}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    tensors = {
        changed: torch.randn(128, 256, generator=chance).half(),
        f"{prefix}input_blocks.4.1.proj_in.weight": torch.randn(8, 8, generator=chance).bfloat16(),
        "first_stage_model.decoder.conv_in.bias": torch.randn(5, generator=chance),
    }
    model = tmp_path / "model.safetensors"
    save_file(tensors, model, {"modelspec.title": "Dream"})
    key = next(iter(SHAPES))
    down, up = torch.randn(2, 256, generator=chance), torch.randn(128, 2, generator=chance)
    save_file({f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up}, tmp_path / "it.safetensors")
    original = model.read_bytes()

    use = LoraUse(tmp_path / "it.safetensors", 0.5)
    baked = _baked(model, [use], tmp_path / "baked.safetensors")

    new = load_file(baked.path)
    with safe_open(baked.path, "pt") as file:
        words = file.metadata()
    assert model.read_bytes() == original
    assert torch.equal(new[changed], (tensors[changed].float() + 0.5 * (up @ down)).half())
    assert all(
        torch.equal(new[key], tensors[key]) and new[key].dtype == tensors[key].dtype
        for key in tensors.keys() - {changed}
    )
    assert words == {"modelspec.title": "Dream", "calotype.made_by": "model with it (0.5) baked in"}
    length = int.from_bytes(baked.path.read_bytes()[:8], "little")
    assert length % 8 == 0 and json.loads(baked.path.read_bytes()[8 : 8 + length])


def test_that_attention_that_is_one_tensor_is_changed_in_its_rows(tmp_path: Path) -> None:
    chance, key = torch.Generator().manual_seed(6), "cond_stage_model.model.transformer.resblocks.3.attn.in_proj_weight"
    weight, down, up = (torch.randn(shape, generator=chance) for shape in ((24, 8), (2, 8), (8, 2)))
    save_file({key: weight, "cond_stage_model.model.ln_final.bias": torch.ones(8)}, tmp_path / "v2.safetensors")
    name = "lora_te_text_model_encoder_layers_3_self_attn_v_proj"
    save_file({f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}, tmp_path / "it.safetensors")

    uses = [LoraUse(tmp_path / "it.safetensors", 1.0)]
    baked = _baked(tmp_path / "v2.safetensors", uses, tmp_path / "baked.safetensors")
    written = list(
        lora_tools.extract_lora(
            tmp_path / "v2.safetensors",
            baked.path,
            LoraChoice(tmp_path / "again.safetensors", 2, LoraPrecision.FP32),
            Control(),
        )
    )[-1]

    new, again = load_file(baked.path)[key], load_file(tmp_path / "again.safetensors")
    assert torch.equal(new[:16], weight[:16])
    # How a product is summed depends on the memory it happens to lie in.
    assert torch.allclose(new[16:], weight[16:] + up @ down, rtol=0, atol=1e-5)
    assert isinstance(written, LoraWritten) and written.layer_count == 1
    found = again[f"{name}.lora_up.weight"] @ again[f"{name}.lora_down.weight"]
    assert float((found - up @ down).abs().max()) < 1e-5


def test_that_a_dora_can_be_merged_by_the_way_that_its_refusal_names(first: Path, tmp_path: Path) -> None:
    chance, key, layer = torch.Generator().manual_seed(7), next(iter(SHAPES)), "input_blocks.4.1.transformer_blocks.0"
    weight, down, up = (torch.randn(shape, generator=chance) for shape in ((128, 256), (2, 256), (128, 2)))
    lengths = 10 + torch.rand(128, 1, generator=chance)
    model, dora = tmp_path / "model.safetensors", tmp_path / "dora.safetensors"
    save_file({f"model.diffusion_model.{layer}.attn2.to_k.weight": weight}, model)
    tensors = {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.dora_scale": lengths}
    save_file(tensors, dora)
    exact = LoraPrecision.FP32

    baked = _baked(model, [LoraUse(dora, 1.0)], tmp_path / "baked.safetensors")
    choice = LoraChoice(tmp_path / "plain.safetensors", 128, exact)
    list(lora_tools.extract_lora(model, baked.path, choice, Control()))
    both = LoraChoice(tmp_path / "both.safetensors", precision=exact)
    list(lora_tools.merge_loras([LoraUse(choice.destination, 1.0), LoraUse(first, 1.0)], both, Control()))

    whole = weight + up @ down
    change = whole * lengths / whole.square().sum(1, keepdim=True).sqrt() - weight  # arXiv:2402.09353
    expected = change.double() + read_updates(first)[LINEAR].delta
    assert float((read_updates(both.destination)[LINEAR].delta - expected).abs().max()) < 1e-4


def test_that_a_stop_leaves_nothing_behind(first: Path, starter_folder: Path, tmp_path: Path) -> None:
    out, control, events = tmp_path / "out", Control(), list[LoraToolEvent]()
    out.mkdir()

    for event in lora_tools.bake_loras(starter_folder, [LoraUse(first, 1.0)], out / "baked", control):
        events.append(event)
        if len(events) == 5:
            control.send(Stop())

    assert events[-1] == ToolStopped()
    assert list(out.iterdir()) == []


def test_that_nothing_is_overwritten_and_nothing_foreign_is_baked(
    first: Path, starter_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    key = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    save_file(
        {f"{key}.lora_down.weight": torch.ones(2, 640), f"{key}.lora_up.weight": torch.ones(640, 2)},
        tmp_path / "sd15.safetensors",
    )

    with pytest.raises(LoraToolError, match="taken cannot be written: something is there already"):
        list(lora_tools.bake_loras(starter_folder, [LoraUse(first, 1.0)], tmp_path / "taken", Control()))
    with pytest.raises(LoraDoesNotFitError, match="made for 640x640, the model has 128x128"):
        list(
            lora_tools.bake_loras(
                starter_folder, [LoraUse(tmp_path / "sd15.safetensors", 1.0)], tmp_path / "new", Control()
            )
        )
    assert not (tmp_path / "new").exists()
