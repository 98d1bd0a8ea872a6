"""Whatever is given in place of a base model is named for what it is."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.diffusion.folder_recognition import recognise_model
from calotype.domain.errors import (
    CheckpointPartMissingError,
    ControlGivenError,
    EmbeddingGivenError,
    LoraGivenError,
    NotAModelFileError,
    OtherArchitectureError,
    PickleFileError,
    TextEncoderGivenError,
    UnknownTensorsError,
    VaeGivenError,
    WeightsCorruptError,
)
from calotype.domain.recognised import ModelKind

WriteTensors = Callable[..., Path]
_BLOCK = "down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
_LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn2"


@pytest.mark.parametrize(
    ("key", "shape", "details"),
    [
        (f"lora_unet_{_BLOCK}.lora_down.weight", (4, 768), "kohya layout, for Stable Diffusion 1"),
        (f"lora_unet_{_BLOCK}.lora_down.weight", (4, 1024), "kohya layout, for Stable Diffusion 2"),
        (
            "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight",
            (4, 2048),
            "kohya layout, for Stable Diffusion XL",
        ),
        (f"lora_unet_{_BLOCK}.hada_w1_b", (4, 768), "kohya layout, for Stable Diffusion 1"),
        (f"lycoris_{_BLOCK}.lokr_w1", (4, 4), "kohya layout"),
        ("lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight", (3072, 4), "kohya layout"),
        (f"unet.{_LAYER}.to_k.lora_A.weight", (4, 2048), "diffusers layout, for Stable Diffusion XL"),
        (f"unet.{_LAYER}.processor.to_k_lora.down.weight", (4, 768), "diffusers layout"),
        (f"unet.{_LAYER}.to_k.lora_linear_layer.down.weight", (4, 768), "diffusers layout"),
        ("diffusion_model.input_blocks.1.1.proj_in.lora_up.weight", (320, 4), "ComfyUI layout"),
        (f"base_model.model.{_LAYER}.to_k.lora_A.weight", (4, 768), "peft layout, for Stable Diffusion 1"),
        ("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", (4, 3072), "kohya layout, for Flux"),
        ("transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight", (4, 3072), "diffusers layout, for Flux"),
    ],
)
def test_that_a_lora_is_named_with_its_layout(
    key: str, shape: tuple[int, ...], details: str, write_tensors: WriteTensors
) -> None:
    with pytest.raises(LoraGivenError, match=re.escape(f"mine.safetensors is a LoRA ({details}")):
        recognise_model(write_tensors("mine.safetensors", {key: shape}))


def test_that_a_lora_says_in_its_metadata_what_it_is_for(write_tensors: WriteTensors) -> None:
    path = write_tensors(
        "m.safetensors",
        {"lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": (3072, 4)},
        ss_base_model_version="sd_v1",
    )

    with pytest.raises(LoraGivenError, match="kohya layout, for Stable Diffusion 1"):
        recognise_model(path)


def test_that_a_lora_for_the_starter_is_not_taken_for_one_of_the_kind_that_its_words_name(
    write_tensors: WriteTensors,
) -> None:
    shapes = {f"lora_unet_{_BLOCK}.lora_down.weight": (4, 256), f"lora_unet_{_BLOCK}.lora_up.weight": (256, 4)}
    path = write_tensors("m.safetensors", shapes, ss_base_model_version="sd_v1_v")

    with pytest.raises(LoraGivenError, match="kohya layout, for Starter"):
        recognise_model(path)


def test_that_a_vae_is_named(write_tensors: WriteTensors) -> None:
    inside = checkpoint_parts(ModelKind.SD1)["VAE"]
    alone = {key.removeprefix("first_stage_model."): shape for key, shape in inside.items()}
    renamed = {"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.down_blocks.0.resnets.0.conv1.weight": (128,)}

    for shapes in (inside, alone, renamed):
        with pytest.raises(VaeGivenError, match="a VAE alone"):
            recognise_model(write_tensors("m.safetensors", shapes))


def test_that_a_text_encoder_is_named(write_tensors: WriteTensors) -> None:
    inside = checkpoint_parts(ModelKind.SD1)["text encoder"]
    alone = {key.removeprefix("cond_stage_model.transformer."): shape for key, shape in inside.items()}
    t5 = {"encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096), "shared.weight": (32128, 4096)}

    for shapes in (inside, alone, t5):
        with pytest.raises(TextEncoderGivenError, match="a text encoder alone"):
            recognise_model(write_tensors("m.safetensors", shapes))


def test_that_a_unet_alone_is_named(write_tensors: WriteTensors) -> None:
    inside = checkpoint_parts(ModelKind.SD1)["U-Net"]
    alone = {key.removeprefix("model.diffusion_model."): shape for key, shape in inside.items()}
    of_diffusers = {"conv_in.weight": (320, 4, 3, 3), "down_blocks.0.resnets.0.conv1.weight": (320, 320, 3, 3)}

    for shapes in (alone, of_diffusers):
        with pytest.raises(CheckpointPartMissingError, match="it holds a U-Net, but no VAE and no text encoder"):
            recognise_model(write_tensors("m.safetensors", shapes))


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ({"emb_params": (8, 768)}, "Stable Diffusion 1"),
        ({"emb_params": (8, 1024)}, "Stable Diffusion 2"),
        ({"<zorbi>": (768,)}, "Stable Diffusion 1"),
        ({"clip_l": (8, 768), "clip_g": (8, 1280)}, "Stable Diffusion XL"),
    ],
)
def test_that_a_textual_inversion_is_named(
    shapes: dict[str, tuple[int, ...]], kind: str, write_tensors: WriteTensors
) -> None:
    with pytest.raises(EmbeddingGivenError, match=rf"an embedding for {kind}\)"):
        recognise_model(write_tensors("m.safetensors", shapes))


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("control_model.input_blocks.0.0.weight", "a ControlNet"),
        ("controlnet_cond_embedding.conv_in.weight", "a ControlNet"),
        ("adapter.body.0.resnets.0.block1.weight", "a T2I adapter"),
        ("ip_adapter.1.to_k_ip.weight", "an IP adapter"),
    ],
)
def test_that_what_steers_a_model_is_named(key: str, found: str, write_tensors: WriteTensors) -> None:
    with pytest.raises(ControlGivenError, match=f"is {found}, which"):
        recognise_model(write_tensors("m.safetensors", {key: (4, 4), "other": (4, 4), "more": (3,)}))


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("double_blocks.0.img_attn.norm.key_norm.scale", "Flux"),
        ("single_transformer_blocks.0.attn.to_q.weight", "Flux"),
        ("joint_blocks.0.context_block.adaLN_modulation.1.bias", "Stable Diffusion 3"),
        ("double_layers.0.attn.w2q.weight", "AuraFlow"),
        ("distilled_guidance_layer.in_proj.bias", "Chroma"),
        ("cap_embedder.0.weight", "Lumina"),
        ("patchify_proj.weight", "LTX"),
        ("head.modulation", "Wan"),
    ],
)
def test_that_another_architecture_is_named(key: str, found: str, prefix: str, write_tensors: WriteTensors) -> None:
    with pytest.raises(OtherArchitectureError, match=rf"m\.safetensors is an? {found}"):
        recognise_model(write_tensors("m.safetensors", {prefix + key: (64,), "x.y": (2, 2), "x.z": (2, 2)}))


def test_that_unknown_tensors_are_shown(write_tensors: WriteTensors) -> None:
    path = write_tensors("m.safetensors", {"bert.embeddings\n": (64, 64), "x" * 500: (2,), "c.weight": (2, 2)})

    with pytest.raises(
        UnknownTensorsError, match=r"holds 3 tensor\(s\) with names such as bert\.embeddings\?, x{80}…,"
    ):
        recognise_model(path)


class _Trap:
    """Unpickling this makes a file, as a hostile pickle would."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors", "model.pt"])
def test_that_a_pickle_is_named_and_not_opened(name: str, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    (tmp_path / name).write_bytes(pickle.dumps(_Trap(sprung)))
    torch.save({"x": torch.zeros(2)}, tmp_path / f"zip-{name}")

    for path in (tmp_path / name, tmp_path / f"zip-{name}"):
        with pytest.raises(PickleFileError, match=f"{path.name} is a pickle file"):
            recognise_model(path)
    assert not sprung.exists()


def test_that_the_way_out_of_a_pickle_in_the_readme_works(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    recipe = next(block for block in re.findall(r"```\n(.*?)```", readme, re.DOTALL) if "weights_only=True" in block)
    weights = torch.arange(6.0).reshape(2, 3)
    torch.save({"state_dict": {"a.weight": weights, "b.weight": weights, "step": 7}}, tmp_path / "model.ckpt")
    code = recipe.split("<<'END'\n")[1].split("END")[0]

    exec(
        code.replace('"model.ckpt"', repr(str(tmp_path / "model.ckpt"))).replace(
            '"model.safetensors"', repr(str(tmp_path / "model.safetensors"))
        ),
        {},
    )

    with pytest.raises(UnknownTensorsError, match=r"2 tensor\(s\) with names such as a\.weight, b\.weight"):
        recognise_model(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", "a web page"),
        (b"\n <html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "a pointer of Git LFS"),
        (b"GGUF\x03\0\0\0" + bytes(100), "a GGUF file"),
    ],
)
def test_that_a_file_without_tensors_is_named(content: bytes, found: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(NotAModelFileError, match=f"is not a model: it is {found}"):
        recognise_model(path)


def test_that_a_picture_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")

    with pytest.raises(NotAModelFileError, match="a picture"):
        recognise_model(tmp_path / "photo.png")


def test_that_a_real_small_file_is_read_as_one(tmp_path: Path) -> None:
    save_file({"emb_params": torch.ones(2, 768)}, tmp_path / "word.safetensors", {"a": "b"})

    with pytest.raises(EmbeddingGivenError):
        recognise_model(tmp_path / "word.safetensors")


def test_that_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"x")

    def gone(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", gone)
    with pytest.raises(WeightsCorruptError, match=r"cannot be read \(Input/output error\)"):
        recognise_model(path)
