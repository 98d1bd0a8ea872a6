"""LoRAs of the Library are rated, noted, found again, and say what they have to do with."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image, PngImagePlugin
from safetensors.torch import save_file

from calotype.diffusion.lora_metadata import thumbnail_data_url
from calotype.domain.lora import LoraKind
from calotype.domain.lora_library import LoraFilter, LoraNotes
from calotype.domain.models import LoraCard
from calotype.domain.recognised import ModelKind
from calotype.domain.runs import Run
from calotype.services import lora_library, model_catalog
from calotype.services.lora_inspection import inspect_lora
from calotype.services.workspace import Workspace
from calotype.storage.lora_notes import notes_path

KEY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def _add(
    workspace: Workspace, tmp_path: Path, name: str, words: dict[str, str] | None = None, width: int = 256
) -> LoraCard:
    tensors = {f"{KEY}.lora_down.weight": torch.ones(2, width), f"{KEY}.lora_up.weight": torch.ones(128, 2)}
    save_file(tensors, tmp_path / f"{name}.safetensors", words)
    return model_catalog.add_lora(workspace, tmp_path / f"{name}.safetensors")


def test_that_notes_stay_and_go_where_the_file_goes(workspace: Workspace, tmp_path: Path) -> None:
    card = _add(workspace, tmp_path, "fox")

    lora_library.take_notes(card, LoraNotes(4, "best at 0.8 – schön"))
    kept = lora_library.shelf(workspace)
    item = model_catalog.remove_lora(workspace, card)
    left = list(workspace.folder.loras.iterdir())
    model_catalog.restore_lora(workspace, item)

    assert [(lora.card, lora.notes) for lora in kept] == [(card, LoraNotes(4, "best at 0.8 – schön"))]
    assert left == []
    assert lora_library.shelf(workspace) == kept
    lora_library.take_notes(card, LoraNotes())
    assert not notes_path(card.path).exists()


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("", LoraNotes()),
        ("[1]", LoraNotes()),
        ('{"rating": "5", "notes": 7}', LoraNotes()),
        ('{"rating": true, "notes": "ok"}', LoraNotes(0, "ok")),
        ('{"rating": 99, "notes": "ok"}', LoraNotes(5, "ok")),
    ],
)
def test_that_damaged_notes_cost_nothing_else(
    text: str, notes: LoraNotes, workspace: Workspace, tmp_path: Path
) -> None:
    card = _add(workspace, tmp_path, "fox")
    notes_path(card.path).write_text(text)

    assert [lora.notes for lora in lora_library.shelf(workspace)] == [notes]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LoraFilter(), {"fox", "ship"}),
        (LoraFilter("FOX"), {"fox"}),
        (LoraFilter("rus ty"), {"fox"}),
        (LoraFilter("sails"), {"ship"}),
        (LoraFilter("fox sails"), set()),
        (LoraFilter(made_for=ModelKind.SD1), {"ship"}),
        (LoraFilter(kind=LoraKind.LORA), {"fox", "ship"}),
        (LoraFilter("fox", ModelKind.SD1), set()),
        (LoraFilter(kind=LoraKind.LOKR), set()),
    ],
)
def test_that_a_lora_is_found_by_words_family_and_kind(
    wanted: LoraFilter, found: set[str], workspace: Workspace, tmp_path: Path
) -> None:
    _add(workspace, tmp_path, "fox", {"modelspec.trigger_phrase": "rusty"})
    ship = _add(workspace, tmp_path, "ship", width=768)
    lora_library.take_notes(ship, LoraNotes(0, "Good sails."))

    assert {lora.card.name for lora in lora_library.shelf(workspace) if wanted.accepts(lora)} == found


def test_that_a_lora_knows_its_run_its_base_models_and_its_pictures(
    workspace: Workspace, tmp_path: Path, make_run: Callable[..., Run]
) -> None:
    run = make_run("r1", (1.0, 0.9))
    card = _add(workspace, tmp_path, "fox", {"calotype.run_id": "r1"})
    folder = workspace.folder.outputs / "2026-01-01"
    folder.mkdir(parents=True)
    for number, prompt in enumerate(("a fox <lora:fox:0.8>", "a fox <lora:fox2:1>", "a fox")):
        words = PngImagePlugin.PngInfo()
        words.add_text("parameters", f"{prompt}\nSteps: 5, Sampler: DDIM, CFG scale: 4, Seed: 1")
        Image.new("RGB", (8, 8)).save(folder / f"{number}.png", pnginfo=words)

    used = lora_library.where_used(workspace, card)
    model_catalog.remove_lora(workspace, card)
    elsewhere = lora_library.where_used(workspace, _add(workspace, tmp_path, "ship", {"calotype.run_id": "gone"}, 768))

    assert used.run is not None and used.run.id == run.id
    assert used.project
    assert (used.base_models, used.pictures) == (("Starter",), 1)
    assert (elsewhere.run, elsewhere.project, elsewhere.base_models, elsewhere.pictures) == (None, "", (), 0)


def test_that_strange_words_in_a_file_are_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    card = _add(workspace, tmp_path, "fox", {"ss_tag_frequency": '{"a": [1]}', "ss_steps": "9" * 1000})

    facts = inspect_lora(card.path).facts

    assert list(facts) == ["steps"]
    assert len(facts["steps"]) == 301


def test_that_the_picture_inside_a_file_is_shown(workspace: Workspace, tmp_path: Path) -> None:
    url = thumbnail_data_url(Image.new("RGB", (64, 32), (200, 30, 30)))
    words = {"modelspec.thumbnail": url}

    card = _add(workspace, tmp_path, "fox", words)

    assert card.preview_path is not None
    with Image.open(card.preview_path) as picture:
        red, green, blue = picture.convert("RGB").resize((1, 1)).tobytes()
        assert picture.size == (64, 32) and red > 150 > 80 > green + blue


@pytest.mark.parametrize(
    "text",
    ["", "data:image/jpeg;base64,", "data:image/jpeg;base64,%%%", "data:image/png;base64,QUJD", "https://x/y.png"],
)
def test_that_a_thumbnail_that_is_no_picture_costs_nothing(text: str, workspace: Workspace, tmp_path: Path) -> None:
    assert _add(workspace, tmp_path, "fox", {"modelspec.thumbnail": text}).preview_path is None


def test_that_a_thumbnail_larger_than_any_is_not_opened(workspace: Workspace, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("1", (5000, 5000)).save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()

    assert _add(workspace, tmp_path, "fox", {"modelspec.thumbnail": url}).preview_path is None
