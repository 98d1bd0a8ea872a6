"""CLIP and DINOv2 models from folders as transformers saves them: tiny, with random weights, but real."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from calotype.diffusion.vision_folder import VisionKind, read_vision_card
from calotype.diffusion.vision_model import load_vision_model
from calotype.domain.errors import (
    ComparisonModelDamagedError,
    ComparisonModelError,
    ComparisonModelMissingError,
    ComparisonModelUnsupportedError,
)

MakeVisionFolder = Callable[[str], Path]
CPU = torch.device("cpu")
KINDS = ["clip", "clip_vision_model", "dinov2", "dinov2_with_registers"]


def picture(left: str = "teal", right: str = "orange") -> Image.Image:
    made = Image.new("RGB", (60, 40), left)
    made.paste(Image.new("RGB", (30, 40), right), (30, 0))
    return made


@pytest.fixture
def copied(vision_folder: MakeVisionFolder, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a model's folder, to be broken."""
    return lambda kind: Path(shutil.copytree(vision_folder(kind), tmp_path / "a model"))


def change_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **values}), encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_that_each_kind_sees_other_pictures_otherwise_and_the_same_one_alike(
    kind: str, vision_folder: MakeVisionFolder
) -> None:
    model = load_vision_model(vision_folder(kind), CPU)

    one, same, other = (model.embed_picture(each) for each in (picture(), picture(), picture("orange", "teal")))

    assert model.card.kind is VisionKind(kind)
    assert one.shape == (16 if kind.startswith("clip") else 32,)
    assert one.norm() == pytest.approx(1.0, abs=1e-5)
    assert torch.equal(one, same)
    assert float(one @ other) < 0.9999


def test_that_a_clip_reads_texts_of_any_length_and_tells_them_apart(vision_folder: MakeVisionFolder) -> None:
    model = load_vision_model(vision_folder("clip"), CPU)

    cat, cats, long = (model.embed_text(text) for text in ("a cat", "a cat", "a dog on a hill " * 40))

    assert cat.shape == model.embed_picture(picture()).shape
    assert torch.equal(cat, cats)
    assert float(cat @ long) < 0.9999


def test_that_pictures_are_seen_as_the_library_itself_sees_them(vision_folder: MakeVisionFolder) -> None:
    from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

    folder = vision_folder("clip")
    theirs = CLIPModel.from_pretrained(folder).requires_grad_(False)
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(images=picture(), return_tensors="pt")
    words = AutoTokenizer.from_pretrained(folder)(["a cat"], return_tensors="pt")
    answer = theirs(**pixels, input_ids=words["input_ids"], attention_mask=words["attention_mask"])
    model = load_vision_model(folder, CPU)

    cosine = float(model.embed_picture(picture()) @ model.embed_text("a cat"))

    assert cosine == pytest.approx(float(answer.logits_per_image / theirs.logit_scale.exp()), abs=1e-5)


def test_that_a_clip_without_a_tokenizer_still_compares_pictures(copied: Callable[[str], Path]) -> None:
    folder = copied("clip")
    for file in folder.glob("*token*"):
        file.unlink()

    model = load_vision_model(folder, CPU)

    assert not model.card.reads_text
    assert model.tokenizer is None
    assert torch.isfinite(model.embed_picture(picture())).all()


def test_that_weights_that_are_no_numbers_give_no_numbers_and_no_crash(copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    weights = {
        name: torch.full_like(value, torch.nan) for name, value in load_file(folder / "model.safetensors").items()
    }
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    seen = load_vision_model(folder, CPU).embed_picture(picture())

    assert not torch.isfinite(seen).any()


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "preprocessor_config.json"])
def test_that_a_missing_file_is_named(missing: str, copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    (folder / missing).unlink()

    with pytest.raises(ComparisonModelMissingError) as failure:
        read_vision_card(folder)

    assert failure.value.fields == {"name": "a model", "missing": missing}


def test_that_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ComparisonModelMissingError, match="nowhere"):
        read_vision_card(tmp_path / "nowhere")


def test_that_a_folder_that_the_system_cannot_look_into_is_an_expected_failure(tmp_path: Path) -> None:
    with pytest.raises(ComparisonModelDamagedError, match="cannot be read"):
        read_vision_card(tmp_path / ("long" * 2000))


def test_that_weights_as_pickle_are_refused_without_being_opened(copied: Callable[[str], Path]) -> None:
    folder = copied("clip")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")

    for read in (read_vision_card, lambda folder: load_vision_model(folder, CPU)):
        with pytest.raises(ComparisonModelUnsupportedError, match="never opened"):
            read(folder)


def test_that_a_model_of_another_kind_is_refused_by_its_name(
    vision_folder: MakeVisionFolder, starter_folder: Path, copied: Callable[[str], Path]
) -> None:
    other = copied("dinov2")
    change_config(other, model_type="bert")

    for folder, words in (
        (starter_folder, "Stable Diffusion"),
        (starter_folder / "unet", "UNet2DConditionModel"),
        (vision_folder("clip_text_model"), "sees no pictures"),
        (other, "bert"),
    ):
        with pytest.raises(ComparisonModelUnsupportedError, match=words):
            read_vision_card(folder)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00"])
def test_that_a_configuration_that_is_none_is_said_to_be_damaged(text: str, copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    (folder / "config.json").write_text(text, encoding="utf-8")

    with pytest.raises(ComparisonModelDamagedError, match=r"config\.json"):
        read_vision_card(folder)


def test_that_half_a_weights_file_is_noticed_before_it_is_loaded(copied: Callable[[str], Path]) -> None:
    path = copied("dinov2") / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(ComparisonModelDamagedError, match="MB are there"):
        read_vision_card(path.parent)


def test_that_weights_in_several_files_are_loaded_and_a_missing_one_is_named(copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    whole = load_vision_model(folder, CPU)
    whole.network.save_pretrained(folder, max_shard_size="40KB")
    (folder / "model.safetensors").unlink(missing_ok=True)
    shards = sorted(folder.glob("model-*.safetensors"))

    again = load_vision_model(folder, CPU)
    shards[-1].unlink()

    assert len(shards) > 1
    assert torch.equal(again.embed_picture(picture()), whole.embed_picture(picture()))
    with pytest.raises(ComparisonModelMissingError, match=shards[-1].name):
        read_vision_card(folder)


@pytest.mark.parametrize("file", ["../outside.safetensors", "pytorch_model-1.bin"])
def test_that_an_index_that_names_foreign_files_is_refused(file: str, copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": file}}), encoding="utf-8")

    with pytest.raises(ComparisonModelUnsupportedError, match="safetensors"):
        read_vision_card(folder)


@pytest.mark.usefixtures("caplog")  # transformers lists what is missing
def test_that_weights_that_are_missing_inside_the_file_are_not_made_up(copied: Callable[[str], Path]) -> None:
    folder = copied("dinov2")
    weights = load_file(folder / "model.safetensors")
    del weights["layernorm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    with pytest.raises(ComparisonModelDamagedError, match=r"layernorm\.weight"):
        load_vision_model(folder, CPU)


@pytest.mark.usefixtures("caplog")  # transformers lists what does not fit
@pytest.mark.parametrize("values", [{"hidden_size": 64}, {"num_attention_heads": 5}, {"hidden_size": "wide"}])
def test_that_a_configuration_that_does_not_fit_the_weights_is_an_expected_failure(
    values: dict[str, object], copied: Callable[[str], Path]
) -> None:
    folder = copied("dinov2")
    change_config(folder, **values)

    with pytest.raises(ComparisonModelError):
        load_vision_model(folder, CPU)
