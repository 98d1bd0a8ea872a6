"""Factors of a LoRA's strength: what they mean, and how they are written and read again."""

import pytest

from calotype.domain.errors import InvalidPlanError
from calotype.domain.lora_blocks import AS_ONE, BlockStrengths, blocks_in_note, noted_blocks


def test_that_a_block_of_its_own_counts_before_its_part_and_the_rest_in_full() -> None:
    factors = BlockStrengths.parse("text=0, up=0.5 UP2=1.5,mid=0.25")

    found = {block: factors.of(block) for block in ("text1", "text2", "down1", "mid", "up1", "up2")}

    assert found == {"text1": 0, "text2": 0, "down1": 1, "mid": 0.25, "up1": 0.5, "up2": 1.5}
    assert (factors.is_plain, AS_ONE.is_plain, BlockStrengths.parse("down=1").is_plain) == (False, True, True)


@pytest.mark.parametrize("text", ["left=1", "up=", "up", "up0=1", "mid2=1", "up=-0.5", "up=2.5", "up=nan", "up=1 up=0"])
def test_that_a_factor_that_means_nothing_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidPlanError, match=r"a single block such as down2 or up3, each with a number from 0 to 2"):
        BlockStrengths.parse(text)


def test_that_a_part_of_one_factor_is_said_in_one_word() -> None:
    blocks = {"text1": 1.0, "down1": 0.5, "down2": 0.5, "mid": 1.0, "up1": 0.0, "up2": 1.0}

    assert BlockStrengths.of_blocks(blocks).text == "down=0.5 up1=0"


def test_that_factors_of_several_files_are_read_again_whatever_the_files_are_called() -> None:
    odd, plain = "a: b=1, c", "plain"
    uses = [(odd, BlockStrengths.parse("up=0.5 mid=0")), (plain, AS_ONE), ("z", BlockStrengths.parse("text=0"))]

    note = noted_blocks(uses)

    assert note == "a: b=1, c: up=0.5 mid=0, z: text=0"
    assert blocks_in_note(note, "z") == uses[2][1]
    assert blocks_in_note(note, plain) == AS_ONE
    assert blocks_in_note("mine: up=9", "mine") == blocks_in_note("mine: ()", "mine") == AS_ONE
