"""What a whole checkpoint is said to be, from its header alone; the shapes are the true ones, the weights are holes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from calotype.diffusion.checkpoint_layout import UNET_PREFIX, checkpoint_parts
from calotype.diffusion.folder_recognition import recognise_model
from calotype.domain.errors import (
    BaseModelMissingError,
    CheckpointPartMissingError,
    OtherArchitectureError,
    TensorsMisshapenError,
    TensorsMissingError,
    UnsupportedPrecisionError,
    WeightsCorruptError,
)
from calotype.domain.recognised import ModelKind, ModelLayout, Prediction

WriteTensors = Callable[..., Path]
Shapes = dict[str, tuple[int, ...]]
KEY = "model.diffusion_model.middle_block.1.proj_out.bias"


def whole(kind: ModelKind, inputs: int = 4) -> Shapes:
    return {key: shape for part in checkpoint_parts(kind, inputs).values() for key, shape in part.items()}


def without(shapes: Shapes, *prefixes: str) -> Shapes:
    return {key: shape for key, shape in shapes.items() if not key.startswith(prefixes)}


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL, ModelKind.SDXL_REFINER])
def test_that_a_whole_checkpoint_is_recognised(kind: ModelKind, write_tensors: WriteTensors) -> None:
    path = write_tensors("mine.safetensors", whole(kind))

    model = recognise_model(path)

    assert (model.kind, model.layout, model.is_inpainting) == (kind, ModelLayout.SINGLE_FILE, False)
    assert (model.precision, model.has_ema) == ("fp16", False)
    assert model.size_bytes == path.stat().st_size > 2e9


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL])
def test_that_an_inpainting_checkpoint_is_recognised(kind: ModelKind, write_tensors: WriteTensors) -> None:
    model = recognise_model(write_tensors("mine.safetensors", whole(kind, inputs=9)))

    assert (model.kind, model.is_inpainting, model.prediction) == (kind, True, Prediction.EPSILON)
    assert model.kind_name.endswith(", inpainting")


@pytest.mark.parametrize(
    ("dtype", "precision"), [("F32", "fp32"), ("F16", "fp16"), ("BF16", "bf16"), ("F8_E4M3", "fp8")]
)
def test_that_the_precision_is_that_of_the_unet(dtype: str, precision: str, write_tensors: WriteTensors) -> None:
    assert recognise_model(write_tensors("m.safetensors", whole(ModelKind.SD1), dtype)).precision == precision


def test_that_averaged_weights_are_seen(write_tensors: WriteTensors) -> None:
    ema = {"model_ema." + key.replace("model.", "", 1).replace(".", ""): (4,) for key in whole(ModelKind.SD1)}
    extra = {"model_ema.decay": (), "betas": (1000,), "cond_stage_model.logit_scale": ()}

    model = recognise_model(write_tensors("m.safetensors", {**whole(ModelKind.SD1), **ema, **extra}))

    assert model.has_ema


@pytest.mark.parametrize(
    ("kind", "extra", "metadata", "prediction"),
    [
        (ModelKind.SD1, {}, {}, Prediction.EPSILON),
        (ModelKind.SD2, {}, {}, Prediction.UNKNOWN),
        (ModelKind.SD2, {}, {"modelspec.prediction_type": "v"}, Prediction.V),
        (ModelKind.SD2, {}, {"modelspec.prediction_type": "epsilon"}, Prediction.EPSILON),
        (ModelKind.SD2, {}, {"modelspec.architecture": "stable-diffusion-v2-768-v"}, Prediction.V),
        (ModelKind.SD2, {}, {"modelspec.architecture": "stable-diffusion-v2-512"}, Prediction.EPSILON),
        (ModelKind.SDXL, {"v_pred": (), "ztsnr": ()}, {}, Prediction.V),
    ],
)
def test_that_the_prediction_is_said_only_where_the_header_tells(
    kind: ModelKind,
    extra: Shapes,
    metadata: dict[str, str],
    prediction: Prediction,
    write_tensors: WriteTensors,
) -> None:
    path = write_tensors("m.safetensors", {**whole(kind), **extra}, **metadata)

    assert recognise_model(path).prediction is prediction


def test_that_the_hash_is_the_one_that_other_programs_show(write_tensors: WriteTensors) -> None:
    path = write_tensors("m.safetensors", whole(ModelKind.SD1))
    with path.open("r+b") as file:
        file.seek(0x100000 + 77)
        file.write(b"weights")
        file.seek(0x100000)
        part = file.read(0x10000)

    assert recognise_model(path).short_hash == hashlib.sha256(part).hexdigest()[:8]


def test_that_names_without_text_model_and_linear_ends_are_the_same_model(write_tensors: WriteTensors) -> None:
    old = {key.replace("transformer.text_model.", "transformer."): shape for key, shape in whole(ModelKind.SD1).items()}
    flat = {key: shape[:2] if shape[2:] == (1, 1) else shape for key, shape in old.items()}

    assert recognise_model(write_tensors("m.safetensors", flat)).kind is ModelKind.SD1


def test_that_a_missing_tensor_is_named(write_tensors: WriteTensors) -> None:
    shapes = without(whole(ModelKind.SD1), KEY)

    with pytest.raises(TensorsMissingError, match=rf"Stable Diffusion 1, but 1 of its 1130 .* missing: {KEY}\. "):
        recognise_model(write_tensors("m.safetensors", shapes))


def test_that_many_missing_tensors_are_counted(write_tensors: WriteTensors) -> None:
    shapes = without(whole(ModelKind.SDXL), f"{UNET_PREFIX}output_blocks.8", "first_stage_model.decoder.conv_in")

    with pytest.raises(TensorsMissingError, match=r"14 of its 2513 tensors .* and 11 more"):
        recognise_model(write_tensors("m.safetensors", shapes))


@pytest.mark.parametrize(
    ("kind", "gone", "words"),
    [
        (ModelKind.SD1, ["cond_stage_model."], "it holds a U-Net and a VAE, but no text encoder"),
        (ModelKind.SD2, ["first_stage_model."], "it holds a U-Net and a text encoder, but no VAE"),
        (
            ModelKind.SD1,
            ["cond_stage_model.", "first_stage_model."],
            "it holds a U-Net, but no VAE and no text encoder",
        ),
        (ModelKind.SDXL, ["conditioner.embedders.1."], "but no second text encoder"),
        (ModelKind.SD1, ["model.diffusion_model."], "Stable Diffusion 1 checkpoint: it holds a VAE and a text encoder"),
    ],
)
def test_that_a_missing_part_is_named(
    kind: ModelKind, gone: list[str], words: str, write_tensors: WriteTensors
) -> None:
    with pytest.raises(CheckpointPartMissingError, match=words):
        recognise_model(write_tensors("m.safetensors", without(whole(kind), *gone)))


def test_that_a_tensor_of_another_shape_is_named(write_tensors: WriteTensors) -> None:
    shapes = {**whole(ModelKind.SD1), KEY: (1281,)}

    with pytest.raises(TensorsMisshapenError, match=rf"1 of its tensors have another shape: {KEY}\. "):
        recognise_model(write_tensors("m.safetensors", shapes))


def test_that_weights_packed_as_whole_numbers_are_refused(write_tensors: WriteTensors) -> None:
    with pytest.raises(UnsupportedPrecisionError, match="Stable Diffusion 1 with weights stored as U8"):
        recognise_model(write_tensors("m.safetensors", whole(ModelKind.SD1), "U8"))


@pytest.mark.parametrize(("inputs", "words"), [(5, "depth-guided"), (7, "upscaler"), (8, "InstructPix2Pix")])
def test_that_unets_for_something_else_are_named(inputs: int, words: str, write_tensors: WriteTensors) -> None:
    with pytest.raises(OtherArchitectureError, match=words):
        recognise_model(write_tensors("m.safetensors", whole(ModelKind.SD2, inputs)))


def test_that_a_truncated_checkpoint_says_how_much_is_there(write_tensors: WriteTensors) -> None:
    path = write_tensors("m.safetensors", whole(ModelKind.SD1), "F32")
    with path.open("r+b") as file:
        file.truncate(3_100_000_000)

    with pytest.raises(WeightsCorruptError, match=r"damaged: only 3\.1 of 4\.3 GB are there"):
        recognise_model(path)


def test_that_a_file_that_was_never_filled_is_found(write_tensors: WriteTensors) -> None:
    path = write_tensors("m.safetensors", whole(ModelKind.SD1), "F32")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(2_000_000_000)
        file.truncate(size)

    with pytest.raises(WeightsCorruptError, match=r"after \d\.\d of 4\.3 GB it holds zeros"):
        recognise_model(path)


def test_that_a_checkpoint_is_recognised_under_any_name(write_tensors: WriteTensors) -> None:
    assert recognise_model(write_tensors("model.ckpt", whole(ModelKind.SD1))).kind is ModelKind.SD1
    assert recognise_model(write_tensors("picture.png", whole(ModelKind.SD1))).kind is ModelKind.SD1


def test_that_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaseModelMissingError, match=r"gone\.safetensors is missing"):
        recognise_model(tmp_path / "gone.safetensors")


@pytest.fixture
def model_copy(starter_folder: Path, tmp_path: Path) -> Path:
    """A copy of the starter to change."""
    return Path(shutil.copytree(starter_folder, tmp_path / "model"))


def _change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_that_a_folder_is_recognised(model_copy: Path) -> None:
    model = recognise_model(model_copy)

    assert (model.kind, model.layout, model.prediction) == (ModelKind.STARTER, ModelLayout.FOLDER, Prediction.V)
    assert model.precision in ("fp16", "fp32")


@pytest.mark.parametrize(
    ("pipeline", "unet", "kind", "is_inpainting"),
    [
        ("StableDiffusionPipeline", {"cross_attention_dim": 768}, ModelKind.SD1, False),
        ("StableDiffusionInpaintPipeline", {"cross_attention_dim": 1024, "in_channels": 9}, ModelKind.SD2, True),
        (
            "StableDiffusionXLPipeline",
            {"cross_attention_dim": 2048, "addition_embed_type": "text_time"},
            ModelKind.SDXL,
            False,
        ),
        (
            "StableDiffusionXLImg2ImgPipeline",
            {"cross_attention_dim": 1280, "addition_embed_type": "text_time"},
            ModelKind.SDXL_REFINER,
            False,
        ),
    ],
)
def test_that_the_kind_of_a_folder_is_that_of_its_unet(
    pipeline: str, unet: dict[str, object], kind: ModelKind, is_inpainting: bool, model_copy: Path
) -> None:
    _change(model_copy / "model_index.json", _class_name=pipeline)
    _change(model_copy / "unet" / "config.json", **unet)

    model = recognise_model(model_copy)

    assert (model.kind, model.is_inpainting) == (kind, is_inpainting)


def test_that_the_second_text_encoder_of_a_folder_must_be_there(model_copy: Path) -> None:
    parts = {"_class_name": "StableDiffusionXLPipeline", "text_encoder_2": ["transformers", "CLIPTextModel"]}
    _change(model_copy / "model_index.json", **parts)

    with pytest.raises(BaseModelMissingError, match=r"text_encoder_2/model\.safetensors"):
        recognise_model(model_copy)


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("model_index.json", {"_class_name": "FluxPipeline"}),
        ("unet/config.json", {"_class_name": "UNet3DConditionModel"}),
        ("unet/config.json", {"cross_attention_dim": 2048}),
    ],
)
def test_that_a_folder_of_another_kind_is_named(file: str, values: dict[str, object], model_copy: Path) -> None:
    _change(model_copy / file, **values)

    with pytest.raises(OtherArchitectureError, match="model is a folder"):
        recognise_model(model_copy)
