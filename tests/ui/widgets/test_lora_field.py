"""Choosing LoRAs to draw with: several at once, each with strengths of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.generation import LoraUse
from calotype.domain.lora_blocks import BlockStrengths
from calotype.domain.models import LoraCard
from calotype.ui.widgets.lora_field import LoraField
from calotype.ui.widgets.wrapping_row import WrappingRow

BLOCKS = ("text1", "down2", "down3", "mid", "up1", "up2")


def _card(name: str, blocks: tuple[str, ...] = BLOCKS) -> LoraCard:
    return LoraCard(name, Path(f"/loras/{name}.safetensors"), name, "Starter", 8, 8.0, 9, None, "", blocks=blocks)


@pytest.fixture
def field(qtbot: QtBot) -> LoraField:
    """The field with two LoRAs to choose from and its links below."""
    made = LoraField()
    row = WrappingRow(made.links)
    layout = made.layout()
    assert layout is not None
    layout.addWidget(row)
    qtbot.addWidget(made)
    made.resize(360, 300)
    made.show_cards([_card("fox"), _card("oil"), _card("flat", ("up2",))])
    made.show()
    return made


def test_that_a_second_lora_can_be_added_and_left_out(field: LoraField, qtbot: QtBot) -> None:
    nothing, is_offered = field.uses(), field.add_link.isVisible()
    field.choose(_card("fox"))
    qtbot.mouseClick(field.add_link, Qt.MouseButton.LeftButton)
    field.rows[1].choose(_card("oil"), 0.4)
    both = field.uses()
    qtbot.mouseClick(field.rows[0].remove, Qt.MouseButton.LeftButton)

    assert (nothing, is_offered) == ((), False)
    assert both == (LoraUse(_card("fox").path, 1.0), LoraUse(_card("oil").path, 0.4))
    assert field.uses() == both[1:]
    assert not field.rows[0].remove.isVisible()


def test_that_a_part_counts_as_its_slider_says_and_the_closed_link_tells(field: LoraField, qtbot: QtBot) -> None:
    field.choose(_card("fox"))
    before = field.rows[0].parts.isVisible()
    qtbot.mouseClick(field.parts_link, Qt.MouseButton.LeftButton)
    names = list(field.rows[0].parts.sliders)
    field.rows[0].parts.sliders["up"].setValue(10)
    (use,) = field.uses()
    qtbot.mouseClick(field.parts_link, Qt.MouseButton.LeftButton)

    assert (before, names) == (False, ["text", "down", "mid", "up"])
    assert use.blocks == BlockStrengths.parse("up=0.5")
    assert field.parts_link.text() == "By part: Up 0.5"


def test_that_each_block_has_a_slider_of_its_own_and_a_part_gets_their_mean(field: LoraField, qtbot: QtBot) -> None:
    field.choose(_card("fox"))
    field.parts_link.setChecked(True)
    parts = field.rows[0].parts
    parts.sliders["down"].setValue(0)
    qtbot.mouseClick(field.blocks_link, Qt.MouseButton.LeftButton)
    values = {name: slider.value() for name, slider in parts.sliders.items()}
    parts.sliders["up2"].setValue(30)
    fine = parts.factors
    qtbot.mouseClick(field.blocks_link, Qt.MouseButton.LeftButton)
    coarse = parts.factors
    qtbot.mouseClick(field.full_link, Qt.MouseButton.LeftButton)

    assert values == {"text1": 20, "down2": 0, "down3": 0, "mid": 20, "up1": 20, "up2": 20}
    assert (fine.text, coarse.text, parts.factors.text) == ("down=0 up2=1.5", "down=0 up=1.25", "")


def test_that_what_a_picture_says_is_chosen_exactly_until_a_slider_is_moved(field: LoraField) -> None:
    said = LoraUse(Path("elsewhere/fox.safetensors"), 0.33, BlockStrengths.parse("up2=0.123 mid=0"))

    field.choose_uses([said, LoraUse(Path("oil.safetensors"), 1.0), LoraUse(Path("gone.safetensors"), 1.0)])

    first, second = field.uses()
    assert (first.strength, first.blocks, second.path) == (0.33, said.blocks, _card("oil").path)
    assert set(field.rows[0].parts.sliders) == set(BLOCKS)
    field.rows[0].parts.sliders["mid"].setValue(20)
    assert field.uses()[0].blocks.text == "up2=0.123"


def test_that_parts_are_offered_only_where_there_are_several_and_another_lora_has_none_yet(field: LoraField) -> None:
    field.choose_uses([LoraUse(Path("fox.safetensors"), 1.0, BlockStrengths.parse("up=0"))])
    with_parts = field.parts_link.isVisible()
    field.rows[0].field.setCurrentIndex(2)
    other = field.uses()
    field.choose(_card("flat", ("up2",)))

    assert with_parts and not field.parts_link.isVisible()
    assert other[0].blocks.is_plain
