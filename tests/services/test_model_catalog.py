"""Base models that the user added stay known, and what is wrong with one is said."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from full_disk import FilesLimitedTo
from safetensors.torch import save_file

from calotype.diffusion.checkpoint_layout import checkpoint_parts
from calotype.domain.errors import (
    BaseModelMissingError,
    BaseModelNotFoundError,
    BaseModelUnsupportedError,
    DiskFullError,
    LoraNotFoundError,
)
from calotype.domain.lora_library import LoraNotes
from calotype.domain.models import ModelFamily
from calotype.domain.recognised import ModelKind
from calotype.services import generation, lora_library, model_catalog
from calotype.services.workspace import Workspace, close_workspace, open_workspace


@pytest.fixture
def model_folder(starter_folder: Path, tmp_path: Path) -> Path:
    """A model of the user's own."""
    return Path(shutil.copytree(starter_folder, tmp_path / "My model"))


@pytest.fixture
def tiny_lora(tmp_path: Path) -> Path:
    """A LoRA of one layer, from elsewhere."""
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    path = tmp_path / "mine.safetensors"
    save_file({f"{key}.lora_down.weight": torch.zeros(4, 64), f"{key}.lora_up.weight": torch.zeros(64, 4)}, path)
    return path


def test_that_an_added_model_is_known_after_the_index_is_lost(workspace: Workspace, model_folder: Path) -> None:
    card = model_catalog.add_base_model(workspace, model_folder)
    close_workspace(workspace)
    for file in workspace.folder.root.glob("calotype.sqlite*"):
        file.unlink()

    again = open_workspace(workspace.folder.root)

    assert [model.id for model in model_catalog.list_base_models(again)] == ["starter", card.id]
    assert model_catalog.find_base_model(again, "My model") == card
    close_workspace(again)


def test_that_a_model_that_is_gone_is_listed_with_its_reason(workspace: Workspace, model_folder: Path) -> None:
    card = model_catalog.add_base_model(workspace, model_folder)
    shutil.rmtree(model_folder)

    assert [model.id for model in model_catalog.list_base_models(workspace)] == ["starter"]
    ((model_id, name, error),) = model_catalog.missing_base_models(workspace)
    assert (model_id, name) == (card.id, "My model")
    assert "not complete" in str(error)


def test_that_a_removed_model_leaves_its_files(workspace: Workspace, model_folder: Path) -> None:
    card = model_catalog.add_base_model(workspace, model_folder)

    model_catalog.remove_base_model(workspace, card.id)

    assert [model.id for model in model_catalog.list_base_models(workspace)] == ["starter"]
    assert (model_folder / "model_index.json").is_file()


def test_that_a_folder_that_is_no_model_is_refused_and_not_noted(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    with pytest.raises(BaseModelMissingError, match=r"model_index\.json"):
        model_catalog.add_base_model(workspace, tmp_path / "photos")

    assert model_catalog.missing_base_models(workspace) == []


@pytest.mark.parametrize(
    ("text", "is_put_aside"), [("", True), ("[]", True), ('{"models": 3}', True), ('{"models": [{"id": 1}]}', False)]
)
def test_that_a_damaged_list_is_kept_and_costs_nothing_else(
    text: str, is_put_aside: bool, workspace: Workspace, model_folder: Path
) -> None:
    workspace.folder.models.write_text(text)

    assert [model.id for model in model_catalog.list_base_models(workspace)] == ["starter"]
    model_catalog.add_base_model(workspace, model_folder)
    assert len(model_catalog.list_base_models(workspace)) == 2
    assert workspace.folder.models.with_suffix(".damaged.json").is_file() == is_put_aside


def test_that_a_foreign_part_is_named(workspace: Workspace, model_folder: Path) -> None:
    index = model_folder / "model_index.json"
    index.write_text(index.read_text().replace('"StableDiffusionPipeline"', '"FluxPipeline"'))

    with pytest.raises(BaseModelUnsupportedError, match="FluxPipeline"):
        model_catalog.add_base_model(workspace, model_folder)


def test_that_a_file_is_added_to_where_it_belongs(workspace: Workspace, model_folder: Path, tiny_lora: Path) -> None:
    model_catalog.add_file(workspace, model_folder)
    model_catalog.add_file(workspace, tiny_lora)

    assert [card.name for card in model_catalog.list_base_models(workspace)] == ["Starter", "My model"]
    assert [card.name for card in model_catalog.list_loras(workspace)] == ["mine"]


def test_that_a_checkpoint_is_listed_named_and_kept_where_it_is(
    workspace: Workspace, write_tensors: Callable[..., Path]
) -> None:
    shapes = {key: shape for part in checkpoint_parts(ModelKind.SD1).values() for key, shape in part.items()}
    path = write_tensors("dream v1.safetensors", shapes)

    card = model_catalog.add_base_model(workspace, path)
    found = model_catalog.find_base_model(workspace, "dream v1")
    path.unlink()

    assert (card.name, card.family, card.file) == ("dream v1", ModelFamily.SD1, path)
    assert found == card
    ((model_id, _, error),) = model_catalog.missing_base_models(workspace)
    assert model_id == card.id
    assert "dream v1.safetensors is missing" in str(error)


def test_that_only_models_are_taken_for_models(model_folder: Path, tiny_lora: Path, tmp_path: Path) -> None:
    names = ("a.safetensors", "b.CKPT", "c.png", "d.zip", "pictures")

    assert [name for name in names if model_catalog.is_model(tmp_path / name)] == ["a.safetensors", "b.CKPT"]
    assert model_catalog.is_model(model_folder)
    assert not model_catalog.is_model(tmp_path)


def test_that_a_removed_lora_comes_back_with_its_picture(workspace: Workspace, tiny_lora: Path) -> None:
    tiny_lora.with_suffix(".preview.png").write_bytes(b"picture")
    card = model_catalog.add_lora(workspace, tiny_lora)

    item = model_catalog.remove_lora(workspace, card)
    left = sorted(workspace.folder.loras.iterdir())
    model_catalog.restore_lora(workspace, item)

    assert left == []
    assert (item.name, item.count) == (card.name, 1)
    assert model_catalog.list_loras(workspace) == [card]
    assert card.preview_path is not None and card.preview_path.read_bytes() == b"picture"


def test_that_putting_a_lora_back_replaces_no_newer_one(workspace: Workspace, tiny_lora: Path) -> None:
    item = model_catalog.remove_lora(workspace, model_catalog.add_lora(workspace, tiny_lora))
    newer = workspace.folder.loras / tiny_lora.name
    newer.write_bytes(b"newer")

    model_catalog.restore_lora(workspace, item)

    assert newer.read_bytes() == b"newer"


def test_that_a_lora_comes_back_beside_a_newer_one_with_its_own_notes(workspace: Workspace, tiny_lora: Path) -> None:
    card = model_catalog.add_lora(workspace, tiny_lora)
    lora_library.take_notes(card, LoraNotes(5, "the old one"))
    item = model_catalog.remove_lora(workspace, card)
    model_catalog.add_lora(workspace, tiny_lora)

    model_catalog.restore_lora(workspace, item)

    noted = {shelved.card.path.name: shelved.notes.text for shelved in lora_library.shelf(workspace)}
    assert noted == {"mine.safetensors": "", "mine-2.safetensors": "the old one"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_that_a_link_to_nothing_costs_no_other_file(workspace: Workspace, tiny_lora: Path) -> None:
    card = model_catalog.add_lora(workspace, tiny_lora)
    day = workspace.folder.outputs / "2026-11-01"
    day.mkdir()
    for path in (workspace.folder.loras / "gone.safetensors", day / "gone.png"):
        path.symlink_to("nowhere")

    assert model_catalog.list_loras(workspace) == [card]
    assert generation.recent_pictures(workspace) == []


def test_that_a_disk_too_full_for_the_picture_of_a_lora_is_said(
    workspace: Workspace, tiny_lora: Path, files_limited_to: FilesLimitedTo
) -> None:
    tiny_lora.with_suffix(".preview.png").write_bytes(bytes(50_000))

    with files_limited_to(20_000), pytest.raises(DiskFullError):
        model_catalog.add_lora(workspace, tiny_lora)

    assert not list(workspace.folder.loras.glob("*.png"))


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_that_a_model_under_a_name_that_is_no_text_is_known_again(
    workspace: Workspace, starter_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"mod\xe8le")
    shutil.copytree(starter_folder, folder)

    card = model_catalog.add_base_model(workspace, folder)

    assert card.id.encode("utf-8") and card.name == "mod\ufffdle"
    assert model_catalog.find_base_model(workspace, card.id) == card
    assert card.folder == folder.resolve()


@pytest.mark.parametrize("name", ["x" * 300, "~nobody-of-that-name/model", "a\0b"])
def test_that_a_name_that_no_disk_could_hold_is_an_unknown_model(workspace: Workspace, name: str) -> None:
    with pytest.raises(BaseModelNotFoundError):
        model_catalog.find_base_model(workspace, name)
    with pytest.raises(LoraNotFoundError):
        model_catalog.find_lora(workspace, f"{name}.safetensors")


@pytest.mark.parametrize(("words", "clip_skip"), [({"ss_clip_skip": "2"}, 2), ({"ss_clip_skip": "None"}, 1), ({}, 1)])
def test_that_the_clip_skip_of_a_lora_is_known(words: dict[str, str], clip_skip: int, tmp_path: Path) -> None:
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    tensors = {f"{key}.lora_down.weight": torch.zeros(4, 64), f"{key}.lora_up.weight": torch.zeros(64, 4)}
    save_file(tensors, tmp_path / "mine.safetensors", words)

    assert model_catalog.read_lora_card(tmp_path / "mine.safetensors").clip_skip == clip_skip


def test_that_a_lora_of_peft_keeps_its_configuration_and_the_name_of_its_folder(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder, name = tmp_path / "oil painting", "base_model.model.mid_block.attentions.0.proj_in"
    folder.mkdir()
    tensors = {f"{name}.lora_A.weight": torch.ones(2, 8), f"{name}.lora_B.weight": torch.ones(8, 2)}
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text('{"lora_alpha": 5}')

    card = model_catalog.add_lora(workspace, folder / "adapter_model.safetensors")
    item = model_catalog.remove_lora(workspace, card)
    left = sorted(workspace.folder.loras.iterdir())
    model_catalog.restore_lora(workspace, item)

    assert (card.name, card.path.name, left) == ("oil painting", "oil painting.safetensors", [])
    assert card.path.with_suffix(".adapter_config.json").read_text() == '{"lora_alpha": 5}'
    assert model_catalog.list_loras(workspace) == [card]
