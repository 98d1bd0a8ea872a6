"""What was removed comes back, and if the trash was emptied meanwhile that is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from calotype.domain.errors.folders import TrashEmptiedError
from calotype.domain.imageset import Project
from calotype.services import library, model_catalog, projects
from calotype.services.workspace import Workspace


def _empty_trash(workspace: Workspace) -> None:
    shutil.rmtree(workspace.folder.trash)


def test_that_a_project_that_is_gone_from_the_trash_is_said(workspace: Workspace, sample: Project) -> None:
    item = projects.remove_project(workspace, sample)
    _empty_trash(workspace)

    with pytest.raises(TrashEmptiedError, match="Zorbi"):
        projects.restore(workspace, item)

    assert projects.list_projects(workspace) == []


def test_that_pictures_that_are_gone_from_the_trash_are_said(workspace: Workspace, sample: Project) -> None:
    item = library.remove_images(workspace, sample, library.image_set(workspace, sample).images[:2])
    _empty_trash(workspace)

    with pytest.raises(TrashEmptiedError):
        library.restore_images(workspace, sample, item)

    assert len(library.image_set(workspace, sample).images) == 16


@pytest.mark.parametrize("is_left", [False, True], ids=["without its folder", "with an empty folder"])
def test_that_a_lora_that_is_gone_from_the_trash_is_said(workspace: Workspace, tmp_path: Path, is_left: bool) -> None:
    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    path = tmp_path / "mine.safetensors"
    save_file({f"{key}.lora_down.weight": torch.zeros(4, 64), f"{key}.lora_up.weight": torch.zeros(64, 4)}, path)
    item = model_catalog.remove_lora(workspace, model_catalog.add_lora(workspace, path))
    _empty_trash(workspace)
    if is_left:
        item.folder.mkdir(parents=True)

    with pytest.raises(TrashEmptiedError, match="mine"):
        model_catalog.restore_lora(workspace, item)
