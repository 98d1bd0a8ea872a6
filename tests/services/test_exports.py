"""Exports as a user meets them: verified, safe to share when that is wanted, and never in the place of a good file."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from calotype.diffusion.base_model import load_unet
from calotype.diffusion.lora_adapter import attach_trainable, trained_layers
from calotype.diffusion.lora_formats import lora_file_bytes
from calotype.diffusion.lora_metadata import lora_metadata
from calotype.domain.errors import LoraNotVerifiedError
from calotype.domain.imageset import Project
from calotype.domain.lora import LoraSpec, LoraTargets
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout, LoraPrecision
from calotype.domain.models import STARTER_ID
from calotype.domain.runs import Run
from calotype.services import exports, library, model_catalog
from calotype.services.workspace import Workspace
from calotype.storage import runs as run_rows

PROMPT = "zorbi behind the shed, a prompt"


@pytest.fixture
def run(workspace: Workspace, sample: Project, make_run: Callable[..., Run]) -> Run:
    """A run of the sample that has kept a LoRA which does something, with previews that hold their prompt."""
    settings = {"rank": "4", "alpha": "3.0", "targets": "all"}
    found = make_run("20261124-120000-abcd", prompts=(PROMPT,), settings=settings)
    _keep_lora(workspace, sample, found)
    return found


def _keep_lora(workspace: Workspace, project: Project, run: Run) -> None:
    model = model_catalog.find_base_model(workspace, STARTER_ID)
    spec = LoraSpec(rank=4, alpha=3.0, targets=LoraTargets.ALL_LAYERS)
    unet, chance = load_unet(model, torch.float32), torch.Generator().manual_seed(5)
    for parameter in attach_trainable(unet, spec, seed=1):
        parameter.data = torch.randn(parameter.shape, generator=chance) * 0.1
    images = library.image_set(workspace, project)
    words = lora_metadata(run.plan, images, model, run_id=run.id, step=20, started_at=run.started_at)
    run.best_lora_path.parent.mkdir()
    run.best_lora_path.write_bytes(lora_file_bytes(trained_layers(unet, spec), words, torch.float32))


@pytest.mark.parametrize("layout", list(LoraLayout))
@pytest.mark.parametrize(
    ("precision", "dtype"), [(LoraPrecision.FP16, "F16"), (LoraPrecision.BF16, "BF16"), (LoraPrecision.FP32, "F32")]
)
def test_that_an_export_is_what_was_asked_for_and_is_verified(
    layout: LoraLayout, precision: LoraPrecision, dtype: str, workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    exported = exports.export_lora(workspace, run.id, tmp_path / "out" / "mine", ExportChoice(layout, precision))

    found, parts = exported.verified, 3 if layout is LoraLayout.KOHYA else 2
    with safe_open(exported.path, "pt") as file:
        names, words = list(file.keys()), file.metadata()
        assert {file.get_slice(name).get_dtype() for name in names} == {dtype}
    assert exported.path == tmp_path / "out" / "mine.safetensors"
    assert found.key_count == exported.key_count == len(names) == parts * found.layer_count
    assert (found.is_base_checked, found.layer_count) == (True, 129)
    assert found.output_difference is not None and found.weight_difference < 5e-3
    assert precision is not LoraPrecision.FP32 or found.output_difference <= 1e-5
    assert exported.left_out == ()
    assert words["modelspec.thumbnail"].startswith("data:image/jpeg;base64,")
    assert words["modelspec.trigger_phrase"] == words["ss_output_name"] == "zorbi"
    assert len(words["sshs_model_hash"]) == 64


def test_that_a_file_to_share_has_no_caption_prompt_or_name_in_its_bytes(
    workspace: Workspace, sample: Project, run: Run, tmp_path: Path
) -> None:
    captions = {image.caption for image in library.image_set(workspace, sample).images}
    tags = {tag.strip() for caption in captions for tag in caption.split(",")} - {"zorbi"}
    files = {path.name for path in sample.images_folder.iterdir()}
    private = [word.encode() for word in (*captions, *tags, *files, sample.name, sample.folder.name, run.id, PROMPT)]

    whole = exports.export_lora(workspace, run.id, tmp_path / "whole")
    exported = exports.export_lora(workspace, run.id, tmp_path / "shared", ExportChoice(is_share_safe=True))

    told = exported.path.read_bytes() + exported.path.with_suffix(".preview.png").read_bytes()
    told_whole = whole.path.read_bytes() + whole.path.with_suffix(".preview.png").read_bytes()
    assert len(tags) > 3 and len(files) > 10
    assert [word for word in private if word in told] == []
    assert [word for word in (sample.name.encode(), run.id.encode(), PROMPT.encode()) if word not in told_whole] == []
    assert set(exported.left_out) == set(LeftOut) - {LeftOut.BASE_MODEL, LeftOut.OTHER}
    assert model_catalog.read_lora_card(exported.path).trigger_word == "zorbi"
    assert load_file(exported.path).keys() == load_file(whole.path).keys()


def test_that_the_thumbnail_is_the_preview_of_the_best_step(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    exported = exports.export_lora(workspace, run.id, tmp_path / "mine.safetensors")

    with safe_open(exported.path, "pt") as file:
        data = base64.b64decode(file.metadata()["modelspec.thumbnail"].partition(",")[2])
    with Image.open(io.BytesIO(data)) as thumbnail, Image.open(tmp_path / "mine.preview.png") as preview:
        colours = [picture.convert("RGB").getpixel((48, 48)) for picture in (thumbnail, preview)]
    assert colours[1] == (60, 120, 0)  # as the fixture paints step 20
    assert max(abs(a - b) for a, b in zip(*colours, strict=True)) <= 3


def test_that_weights_too_large_for_16_bits_are_refused_and_the_older_file_stays(
    workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    destination = tmp_path / "out" / "mine.safetensors"
    older = exports.export_lora(workspace, run.id, destination)
    with safe_open(run.best_lora_path, "pt") as file:
        words = file.metadata()
    tensors = load_file(run.best_lora_path)
    next(tensor for name, tensor in tensors.items() if name.endswith("lora_up.weight")).fill_(1e6)
    save_file(tensors, run.best_lora_path, words)

    with pytest.raises(LoraNotVerifiedError, match=r"mine.safetensors was not saved.*too large for this precision"):
        exports.export_lora(workspace, run.id, destination)

    assert model_catalog.read_lora_card(destination).size_bytes == older.size_bytes
    assert sorted(path.name for path in destination.parent.iterdir()) == ["mine.preview.png", "mine.safetensors"]
    at_32_bits = exports.export_lora(workspace, run.id, destination, ExportChoice(precision=LoraPrecision.FP32))
    assert at_32_bits.verified.weight_difference == 0


def test_that_a_disk_that_writes_something_else_leaves_no_file(
    workspace: Workspace, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_a_wrong_byte(file_number: int) -> None:
        os.lseek(file_number, -1, os.SEEK_END)
        os.write(file_number, b"\x7b")

    monkeypatch.setattr(os, "fsync", write_a_wrong_byte)

    with pytest.raises(LoraNotVerifiedError, match="has other numbers"):
        exports.export_lora(workspace, run.id, tmp_path / "out" / "mine.safetensors")

    assert list((tmp_path / "out").iterdir()) == []


def test_that_a_run_whose_base_model_is_gone_is_exported_and_says_so(
    workspace: Workspace, sample: Project, make_run: Callable[..., Run], tmp_path: Path
) -> None:
    lost = make_run("20261124-130000-abcd", settings={"rank": "4", "alpha": "3.0", "targets": "all"})
    _keep_lora(workspace, sample, lost)
    run_rows.add_run(
        workspace.database,
        replace(lost, id="lost", plan=replace(lost.plan, base_model="on-a-stick")),
        workspace.folder.projects,
    )

    exported = exports.export_lora(workspace, "lost", tmp_path / "mine.safetensors")

    assert not exported.verified.is_base_checked
    assert exported.verified.output_difference is None
    assert exported.verified.layer_count == 129


def test_that_the_library_keeps_every_number_as_it_was_learned(workspace: Workspace, run: Run) -> None:
    kept = exports.keep_lora(workspace, run.id)

    learned, tensors = load_file(run.best_lora_path), load_file(kept.path)
    assert tensors.keys() == learned.keys()
    assert all(torch.equal(tensors[name], learned[name]) for name in learned)
