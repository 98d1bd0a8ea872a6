"""What is said of a LoRA file that was written, and the kinds of file to choose from."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from calotype.domain.lora import LoraAdapter
from calotype.domain.lora_export import ExportChoice, LeftOut, LoraLayout
from calotype.ui.look.exported import exported_text, file_kinds


def test_that_the_first_kind_of_file_is_for_every_program_and_each_says_its_suffix(qtbot: QtBot) -> None:
    kinds = file_kinds(LoraAdapter.LORA)

    first, to_share, diffusers = kinds.values()
    assert (first, to_share.is_share_safe, diffusers.layout) == (ExportChoice(), True, LoraLayout.DIFFUSERS)
    assert all(name.endswith("(*.safetensors)") and ";;" not in name for name in kinds)


def test_that_a_dora_is_not_offered_in_a_layout_without_a_place_for_it(qtbot: QtBot) -> None:
    kinds = file_kinds(LoraAdapter.DORA)
    text = exported_text(Path("mine.safetensors"), LoraLayout.KOHYA, LoraAdapter.DORA, [])

    first, to_share = kinds.values()
    assert (first, to_share) == (ExportChoice(), ExportChoice(is_share_safe=True))
    assert all(name.endswith("(*.safetensors)") and ";;" not in name for name in kinds)
    assert "DoRA" in text and "every program" not in text


def test_that_everything_that_may_be_left_out_has_words_of_its_own(qtbot: QtBot) -> None:
    texts = {exported_text(Path("mine.safetensors"), LoraLayout.KOHYA, LoraAdapter.LORA, [part]) for part in LeftOut}

    assert len(texts) == len(LeftOut)
    assert all("verified" in text and "Left out: " in text for text in texts)


def test_that_nothing_is_said_to_be_left_out_when_nothing_was(qtbot: QtBot) -> None:
    text = exported_text(Path("mine.safetensors"), LoraLayout.DIFFUSERS, LoraAdapter.LORA, [])

    assert "Left out" not in text
    assert "diffusers" in text and "mine.safetensors" in text
