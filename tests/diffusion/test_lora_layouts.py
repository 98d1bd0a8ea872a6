"""A LoRA is read the same whichever program named its tensors, and what has no place is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor, nn

from calotype.diffusion.base_model import BaseModel
from calotype.diffusion.checkpoint_layout import UNET_PREFIX, checkpoint_parts
from calotype.diffusion.checkpoint_names import part_and_name
from calotype.diffusion.latents import encode_prompts
from calotype.diffusion.lora_adapter import attach_for_drawing, remove_adapters
from calotype.diffusion.lora_headers import lora_contents, read_lora_header
from calotype.diffusion.lora_keys import LoraPart, place_of
from calotype.diffusion.lora_reading import fit_lora, read_lora_file
from calotype.diffusion.lora_weights import networks_of, weights_with
from calotype.domain.errors import LoraDoesNotFitError, LoraOfOtherKindError, LoraUnreadableError
from calotype.domain.recognised import ModelKind

LAYER = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
ORIGINAL = "input_blocks.4.1.transformer_blocks.0.attn2.to_k"
TEXT = "encoder.layers.0.self_attn.q_proj"
NAMES = {
    "kohya": "lora_unet_" + LAYER.replace(".", "_") + ".lora_{way}.weight",
    "kohya with the original names": "lora_unet_" + ORIGINAL.replace(".", "_") + ".lora_{way}.weight",
    "lycoris": "lycoris_" + LAYER.replace(".", "_") + ".lora_{way}.weight",
    "diffusers": f"unet.{LAYER}.lora_{{letter}}.weight",
    "diffusers with lora.down": f"unet.{LAYER}.lora.{{way}}.weight",
    "diffusers with linear layers": f"unet.{LAYER}.lora_linear_layer.{{way}}.weight",
    "diffusers with processors": "unet." + LAYER.replace("to_k", "processor.to_k_lora.{way}.weight"),
    "processors alone": LAYER.replace("to_k", "processor.to_k_lora.{way}.weight"),
    "peft": f"base_model.model.{LAYER}.lora_{{letter}}.weight",
    "peft with the adapter's name": f"base_model.model.{LAYER}.lora_{{letter}}.default.weight",
    "ComfyUI": f"diffusion_model.{ORIGINAL}.lora_{{way}}.weight",
    "ComfyUI with letters": f"diffusion_model.{ORIGINAL}.lora_{{letter}}.weight",
}
TEXT_NAMES = {
    "kohya": "lora_te_text_model_" + TEXT.replace(".", "_") + ".lora_{way}.weight",
    "kohya as diffusers converts it": "lora_te1_text_model_" + TEXT.replace(".", "_") + ".lora_{way}.weight",
    "diffusers": f"text_encoder.text_model.{TEXT}.lora_{{letter}}.weight",
    "diffusers with linear layers": f"text_encoder.text_model.{TEXT}.lora_linear_layer.{{way}}.weight",
    "ComfyUI": f"text_encoders.clip_l.transformer.text_model.{TEXT}.lora_{{way}}.weight",
}


def _tensors(pattern: str, out: int, into: int) -> dict[str, Tensor]:
    chance = torch.Generator().manual_seed(4)
    down, up = torch.randn(2, into, generator=chance), torch.randn(out, 2, generator=chance)
    return {pattern.format(way="down", letter="A"): down, pattern.format(way="up", letter="B"): up}


@pytest.mark.parametrize("pattern", NAMES.values(), ids=NAMES)
def test_that_every_layout_is_the_same_layer(pattern: str, starter: BaseModel, tmp_path: Path) -> None:
    tensors = _tensors(pattern, 128, 256)
    save_file(tensors, tmp_path / "lora.safetensors")

    fitted = fit_lora(read_lora_file(tmp_path / "lora.safetensors"), {LoraPart.UNET: starter.unet}, "Starter")

    assert list(fitted.adapter) == [LAYER]
    layer, (down, up) = fitted.adapter[LAYER], tensors.values()
    assert torch.equal(layer.down, down) and torch.equal(layer.up, up)
    assert layer.alpha == layer.rank == 2


@pytest.mark.parametrize("pattern", TEXT_NAMES.values(), ids=TEXT_NAMES)
def test_that_a_text_encoder_layer_counts_under_every_name(pattern: str, starter: BaseModel, tmp_path: Path) -> None:
    linear = starter.text_encoders[0].network.get_submodule(TEXT)
    tensors = _tensors(pattern, *linear.weight.shape)
    save_file(tensors, tmp_path / "lora.safetensors")
    before = encode_prompts(starter, ["a red apple"]).hidden_states

    fitted = fit_lora(read_lora_file(tmp_path / "lora.safetensors"), networks_of(starter), "Starter")
    with weights_with(networks_of(starter), [(fitted, 0.5)]):
        ours = encode_prompts(starter, ["a red apple"]).hidden_states

    kept, (down, up) = linear.weight.data, tensors.values()
    linear.weight.data = kept + 0.5 * up @ down
    expected = encode_prompts(starter, ["a red apple"]).hidden_states
    linear.weight.data = kept
    assert float((expected - before).abs().max()) > 1e-2
    assert float((ours - expected).abs().max()) < 1e-5
    assert torch.equal(encode_prompts(starter, ["a red apple"]).hidden_states, before)


def test_that_every_layer_of_a_checkpoint_has_its_name_in_the_original_programs() -> None:
    for kind in (ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL):
        layers = [
            (key.removesuffix(".weight"), part_and_name(key))
            for key, shape in checkpoint_parts(kind)["U-Net"].items()
            if key.endswith(".weight") and len(shape) > 1 and "label_emb" not in key
        ]
        assert len(layers) > 280
        for original, place in layers:
            assert place is not None
            short = original.removeprefix(UNET_PREFIX)
            for key in (f"lora_unet_{short.replace('.', '_')}.alpha", f"diffusion_model.{short}.alpha"):
                found = place_of(key)
                assert found is not None
                assert (found.part, found.layer) == (LoraPart.UNET, place[1].removesuffix(".weight")), original


@pytest.mark.parametrize("is_rank_stabilised", [False, True])
def test_that_the_alphas_of_peft_are_those_that_diffusers_draws_with(
    is_rank_stabilised: bool, starter: BaseModel, tmp_path: Path
) -> None:
    unet, chance = starter.unet, torch.Generator().manual_seed(8)
    second = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    config = LoraConfig(
        r=4, lora_alpha=6, target_modules=[LAYER, second], alpha_pattern={second: 1}, use_rslora=is_rank_stabilised
    )
    unet.add_adapter(config, adapter_name="default")
    for parameter in unet.parameters():
        if parameter.requires_grad:
            parameter.data = torch.randn(parameter.shape, generator=chance) * 0.2
    live = _predict(unet)
    StableDiffusionPipeline.save_lora_weights(
        tmp_path,
        unet_lora_layers=_state_of(unet),
        unet_lora_adapter_metadata=json.loads(json.dumps(config.to_dict(), default=sorted)),
    )
    remove_adapters(unet)
    unet.requires_grad_(False)

    fitted = fit_lora(read_lora_file(tmp_path / "pytorch_lora_weights.safetensors"), {LoraPart.UNET: unet}, "Starter")
    attach_for_drawing(unet, fitted.adapter, "one")

    scale = 2.0 if is_rank_stabilised else 1.0  # alpha / sqrt(4) is twice alpha / 4
    assert {name: layer.alpha for name, layer in fitted.adapter.items()} == {LAYER: 6 * scale, second: 1 * scale}
    assert float((_predict(unet) - live).abs().max()) < 1e-5


def _state_of(unet: Any) -> dict[str, Tensor]:
    state: dict[str, Tensor] = get_peft_model_state_dict(unet, adapter_name="default")
    return state


@torch.no_grad()
def _predict(unet: Any) -> Tensor:
    chance = torch.Generator().manual_seed(3)
    latents, embeddings = torch.randn(1, 4, 16, 16, generator=chance), torch.randn(1, 8, 256, generator=chance)
    prediction: Tensor = unet(latents, torch.tensor([500]), embeddings).sample
    return prediction


def test_that_the_configuration_beside_a_peft_file_gives_the_alpha(starter: BaseModel, tmp_path: Path) -> None:
    save_file(_tensors(NAMES["peft"], 128, 256), tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": 7}))

    fitted = fit_lora(read_lora_file(tmp_path / "adapter_model.safetensors"), {LoraPart.UNET: starter.unet}, "Starter")

    assert fitted.adapter[LAYER].alpha == 7


def test_that_what_has_no_place_is_listed_and_the_rest_is_used(starter: BaseModel, tmp_path: Path) -> None:
    tensors = {
        **_tensors(NAMES["kohya"], 128, 256),
        **_tensors(NAMES["kohya"].replace("attn2", "attn1"), 128, 128),
        **_tensors("lora_unet_down_blocks_3_resnets_1_conv1.lora_{way}.weight", 64, 64),
        "lora_unet_conv_norm_out.w_norm": torch.zeros(64),
    }
    save_file(tensors, tmp_path / "lora.safetensors")

    fitted = fit_lora(read_lora_file(tmp_path / "lora.safetensors"), {LoraPart.UNET: starter.unet}, "Starter")

    assert len(fitted.adapter) == 2
    assert fitted.left_over == ("lora_unet_conv_norm_out.w_norm", "unet.down_blocks.3.resnets.1.conv1")


def test_that_a_lora_of_another_family_is_refused_with_its_name(tmp_path: Path) -> None:
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8, sample_size=64)
    save_file(_tensors(NAMES["kohya with the original names"], 640, 2048), tmp_path / "xl.safetensors")

    with pytest.raises(LoraDoesNotFitError, match=r"xl\.safetensors.*it was made for Stable Diffusion XL"):
        fit_lora(
            read_lora_file(tmp_path / "xl.safetensors"),
            {LoraPart.UNET: unet, LoraPart.TEXT_ENCODER: nn.Module()},
            "Dream",
        )


def test_that_a_lora_for_flux_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    tensors = _tensors("lora_unet_double_blocks_0_img_attn_qkv.lora_{way}.weight", 96, 32)
    save_file(tensors, tmp_path / "flux.safetensors")

    with pytest.raises(LoraOfOtherKindError, match=r"flux\.safetensors is a LoRA for Flux"):
        read_lora_header(tmp_path / "flux.safetensors")


def test_that_the_header_tells_the_family_and_counts_the_layers(tmp_path: Path) -> None:
    tensors = {**_tensors(NAMES["ComfyUI"], 640, 768), **_tensors(TEXT_NAMES["ComfyUI"], 768, 768)}
    save_file({**tensors, "something.else": torch.zeros(1)}, tmp_path / "lora.safetensors")

    contents = lora_contents(read_lora_header(tmp_path / "lora.safetensors"))

    assert (contents.made_for, contents.rank) == (ModelKind.SD1, 2)
    assert (contents.unet_layers, contents.text_encoder_layers) == (1, 1)
    assert contents.left_over == ("something.else",)


@pytest.mark.parametrize("alpha", [torch.tensor([1.0, 2.0]), torch.tensor(float("nan"))])
def test_that_an_alpha_without_meaning_is_refused(alpha: Tensor, tmp_path: Path) -> None:
    key = NAMES["kohya"].split(".")[0]
    save_file({**_tensors(NAMES["kohya"], 128, 256), f"{key}.alpha": alpha}, tmp_path / "lora.safetensors")

    with pytest.raises(LoraUnreadableError, match=r"no meaning|not finite"):
        read_lora_file(tmp_path / "lora.safetensors")
