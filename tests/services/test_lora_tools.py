"""What the tools make of LoRAs and base models is what arithmetic says, and the originals stay as they were."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from calotype.diffusion.lora_verification import read_updates
from calotype.domain.control import Control, Stop
from calotype.domain.errors import DiskTooSmallError, InvalidPlanError, LoraToolError
from calotype.domain.generation import LoraUse
from calotype.domain.lora_export import LoraPrecision
from calotype.domain.lora_tools import LayerDone, LoraToolEvent, LoraWritten, ToolStopped
from calotype.services import lora_tools
from calotype.services.lora_tools import LoraChoice
from calotype.storage.files import require_room

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONV = "up_blocks.0.resnets.1.conv1"
TEXT = "encoder.layers.0.self_attn.q_proj"
SHAPES = {
    "lora_unet_" + LINEAR.replace(".", "_"): (128, 256),
    "lora_unet_" + CONV.replace(".", "_"): (256, 384, 3, 3),
    "lora_te_text_model_" + TEXT.replace(".", "_"): (256, 256),
}
EXACT = LoraPrecision.FP32


def _lora(path: Path, seed: int, rank: int, words: dict[str, str] | None = None, alpha: float = 1.5) -> Path:
    chance, tensors = torch.Generator().manual_seed(seed), {}
    for key, (out, into, *kernel) in SHAPES.items():
        tensors[f"{key}.lora_down.weight"] = torch.randn(rank, into, *kernel, generator=chance) * 0.1
        tensors[f"{key}.lora_up.weight"] = torch.randn(out, rank, *[1] * len(kernel), generator=chance) * 0.1
        tensors[f"{key}.alpha"] = torch.tensor(alpha)
    save_file(tensors, path, words)
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A LoRA of rank 3."""
    words = {"modelspec.trigger_phrase": "rusty", "ss_base_model_version": "sd_v1", "ss_v2": "False", "ss_steps": "90"}
    return _lora(tmp_path / "first.safetensors", 1, 3, words)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another, of rank 2."""
    words = {"modelspec.trigger_phrase": "inky", "ss_base_model_version": "sd_v1", "ss_v2": "True"}
    return _lora(tmp_path / "second.safetensors", 2, 2, words)


def _result(events: Iterable[LoraToolEvent]) -> LoraToolEvent:
    *steps, last = events
    assert all(isinstance(step, LayerDone) for step in steps)
    return last


def _written(events: Iterable[LoraToolEvent]) -> LoraWritten:
    result = _result(events)
    assert isinstance(result, LoraWritten)
    return result


def _words(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def test_that_a_merge_is_the_sum_of_the_changes(first: Path, second: Path, tmp_path: Path) -> None:
    choice = LoraChoice(tmp_path / "both.safetensors", precision=EXACT)

    written = _written(lora_tools.merge_loras([LoraUse(first, 0.7), LoraUse(second, -0.4)], choice, Control()))

    one, other, both = read_updates(first), read_updates(second), read_updates(choice.destination)
    assert (written.layer_count, written.key_count, written.rank, written.kept) == (3, 9, 5, 1.0)
    assert written.weight_difference == 0
    for name, update in both.items():
        expected = 0.7 * one[name].delta - 0.4 * other[name].delta
        assert float((update.delta - expected).abs().max()) < 1e-6
        assert update.scale == 1


def test_that_diffusers_adds_the_same_to_the_unet(
    first: Path, second: Path, starter_folder: Path, tmp_path: Path
) -> None:
    choice = LoraChoice(tmp_path / "both.safetensors", precision=EXACT)
    _written(lora_tools.merge_loras([LoraUse(first, 0.7), LoraUse(second, -0.4)], choice, Control()))
    unet = UNet2DConditionModel.from_pretrained(
        starter_folder / "unet", local_files_only=True, torch_dtype=torch.float32
    )
    before = {name: unet.get_submodule(name).weight.detach().clone() for name in (LINEAR, CONV)}

    tensors, alphas = StableDiffusionPipeline.lora_state_dict(choice.destination)
    StableDiffusionPipeline.load_lora_into_unet(tensors, alphas, unet)
    unet.fuse_lora()

    one, other = read_updates(first), read_updates(second)
    for name, weight in before.items():
        added = unet.get_submodule(name).base_layer.weight.detach() - weight
        expected = 0.7 * one[name].delta - 0.4 * other[name].delta
        assert float((added - expected.reshape(weight.shape)).abs().max()) < 1e-5


def test_that_the_sources_of_a_merge_are_never_overwritten(first: Path) -> None:
    before = first.read_bytes()

    with pytest.raises(LoraToolError, match="it is one of the sources"):
        list(lora_tools.resize_lora(first, LoraChoice(first, 1), Control()))

    assert first.read_bytes() == before


def test_that_words_and_trigger_words_are_carried_on(first: Path, second: Path, tmp_path: Path) -> None:
    choice = LoraChoice(tmp_path / "both.safetensors")

    _written(lora_tools.merge_loras([LoraUse(first, 0.7), LoraUse(second, 1.0)], choice, Control()))
    words = _words(choice.destination)
    _written(lora_tools.resize_lora(first, LoraChoice(tmp_path / "small.safetensors", 1), Control()))
    small = _words(tmp_path / "small.safetensors")

    assert words["modelspec.trigger_phrase"] == "rusty, inky"
    assert words["ss_base_model_version"] == "sd_v1"
    assert "ss_v2" not in words and "ss_steps" not in words  # they do not agree
    assert words["calotype.made_by"] == "merged from first (0.7), second (1)"
    assert words["ss_network_dim"] == "5"
    assert (small["ss_steps"], small["modelspec.trigger_phrase"], small["ss_network_dim"]) == ("90", "rusty", "1")
    assert small["calotype.made_by"] == "resized from first (1), at rank 1"
    assert (small["modelspec.title"], words["modelspec.title"]) == ("small", "both")


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_that_a_lower_rank_is_the_best_there_is_and_says_what_is_kept(
    rank: int, first: Path, second: Path, tmp_path: Path
) -> None:
    choice = LoraChoice(tmp_path / "cut.safetensors", rank, EXACT)

    written = _written(lora_tools.merge_loras([LoraUse(first, 1.0), LoraUse(second, 1.0)], choice, Control()))

    one, other, cut = read_updates(first), read_updates(second), read_updates(choice.destination)
    kept = whole = 0.0
    for name, update in cut.items():
        expected = (one[name].delta + other[name].delta).numpy()
        values = np.linalg.svd(expected, compute_uv=False)
        lost = np.linalg.norm(expected - update.delta.numpy())
        assert lost == pytest.approx(np.linalg.norm(values[rank:]), rel=1e-4)
        kept, whole = kept + float((values[:rank] ** 2).sum()), whole + float((values**2).sum())
    assert written.rank == rank
    assert written.kept == pytest.approx((kept / whole) ** 0.5, rel=1e-5)


def test_that_a_rank_that_is_high_enough_changes_nothing(first: Path, tmp_path: Path) -> None:
    written = _written(lora_tools.resize_lora(first, LoraChoice(tmp_path / "same.safetensors", 8, EXACT), Control()))

    before, after = load_file(first), load_file(written.path)
    assert written.kept == 1.0
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_that_other_kinds_are_merged_at_a_rank_alone(first: Path, tmp_path: Path) -> None:
    key, chance = next(iter(SHAPES)), torch.Generator().manual_seed(3)
    left, right = torch.randn(4, 8, generator=chance), torch.randn(32, 32, generator=chance)
    save_file({f"{key}.lokr_w1": left, f"{key}.lokr_w2": right}, tmp_path / "kron.safetensors")
    uses = [LoraUse(first, 1.0), LoraUse(tmp_path / "kron.safetensors", 0.5)]

    with pytest.raises(LoraToolError, match=r"kron\.safetensors cannot be merged exactly: a lokr has no low rank"):
        list(lora_tools.merge_loras(uses, LoraChoice(tmp_path / "x.safetensors"), Control()))
    written = _written(lora_tools.merge_loras(uses, LoraChoice(tmp_path / "x.safetensors", 128, EXACT), Control()))

    expected = read_updates(first)[LINEAR].delta + 0.5 * torch.from_numpy(np.kron(left.numpy(), right.numpy()))
    assert float((read_updates(written.path)[LINEAR].delta - expected).abs().max()) < 1e-4


def test_that_a_dora_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = _lora(tmp_path / "dora.safetensors", 1, 2)
    save_file({**load_file(path), f"{next(iter(SHAPES))}.dora_scale": torch.ones(128, 1)}, path)

    with pytest.raises(LoraToolError, match="depends on the base model; bake it into one, and extract"):
        list(lora_tools.resize_lora(path, LoraChoice(tmp_path / "x.safetensors", 1), Control()))


def test_that_a_merge_for_xl_has_the_names_that_sd_scripts_write(tmp_path: Path) -> None:
    names = {
        "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k": (640, 2048),
        "lora_unet_up_blocks_0_upsamplers_0_conv": (1280, 1280),
        "lora_te1_text_model_encoder_layers_0_mlp_fc1": (3072, 768),
        "lora_te2_text_model_encoder_layers_31_self_attn_out_proj": (1280, 1280),
    }
    tensors = {f"{key}.lora_down.weight": torch.ones(2, into) for key, (_, into) in names.items()}
    tensors |= {f"{key}.lora_up.weight": torch.ones(out, 2) for key, (out, _) in names.items()}
    save_file(tensors, tmp_path / "xl.safetensors")

    written = _written(
        lora_tools.merge_loras(
            [LoraUse(tmp_path / "xl.safetensors", 0.5)] * 2, LoraChoice(tmp_path / "out.safetensors"), Control()
        )
    )

    assert {key.split(".")[0] for key in load_file(written.path)} == {
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
        "lora_unet_output_blocks_2_2_conv",
        "lora_te1_text_model_encoder_layers_0_mlp_fc1",
        "lora_te2_text_model_encoder_layers_31_self_attn_out_proj",
    }


def _tuned(starter_folder: Path, tmp_path: Path) -> tuple[Path, Tensor]:
    """A copy of the starter with a change of rank 2 in one layer, and one of a bias."""
    folder = tmp_path / "tuned"
    shutil.copytree(starter_folder, folder)
    path, chance = folder / "unet" / "diffusion_pytorch_model.safetensors", torch.Generator().manual_seed(4)
    tensors = load_file(path)
    change = torch.randn(128, 2, generator=chance) @ torch.randn(2, 256, generator=chance) * 0.1
    tensors[f"{LINEAR}.weight"] = (tensors[f"{LINEAR}.weight"].float() + change).to(tensors[f"{LINEAR}.weight"].dtype)
    tensors["conv_in.bias"] = tensors["conv_in.bias"] + 0.5
    save_file(tensors, path, {"format": "pt"})
    return folder, change


def test_that_the_difference_of_two_models_is_extracted(starter_folder: Path, tmp_path: Path) -> None:
    tuned, change = _tuned(starter_folder, tmp_path)
    choice = LoraChoice(tmp_path / "difference.safetensors", 4, EXACT)

    written = _written(lora_tools.extract_lora(starter_folder, tuned, choice, Control()))

    [(name, update)] = read_updates(choice.destination).items()
    assert (name, written.layer_count, written.left_out) == (LINEAR, 1, 1)
    assert written.kept > 0.999
    assert float((update.delta - change).norm() / change.norm()) < 5e-3  # the models are kept at 16 bits
    assert "compared with starter, at rank 4" in _words(choice.destination)["calotype.made_by"]


def test_that_models_that_are_alike_or_of_two_kinds_are_refused(starter_folder: Path, tmp_path: Path) -> None:
    choice = LoraChoice(tmp_path / "difference.safetensors", 4)
    other = tmp_path / "other.safetensors"
    save_file({"model.diffusion_model.input_blocks.1.1.proj_in.weight": torch.ones(8, 8)}, other)

    with pytest.raises(LoraToolError, match="do not differ in any layer"):
        list(lora_tools.extract_lora(starter_folder, starter_folder, choice, Control()))
    with pytest.raises(LoraToolError, match="models of different kinds"):
        list(lora_tools.extract_lora(starter_folder, other, choice, Control()))


def test_that_a_stop_leaves_nothing_behind(first: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    control = Control()
    control.send(Stop())
    events = lora_tools.merge_loras([LoraUse(first, 1.0)], LoraChoice(out / "it.safetensors"), control)

    assert list(events) == [ToolStopped()]
    assert list(out.iterdir()) == []


def test_that_too_little_room_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(DiskTooSmallError, match=r"not enough room for huge: it needs 1000000000\.00 GB"):
        require_room(tmp_path / "new folder" / "huge", 10**18)
    with pytest.raises(InvalidPlanError, match="rank"):
        LoraChoice(tmp_path / "x", rank=0)
