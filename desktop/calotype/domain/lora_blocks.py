"""How strongly each part of a LoRA counts: the text encoder, and the blocks of the U-Net on the way down and up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.errors import InvalidPlanError

MOST_FACTOR = 2.0
_BLOCK = re.compile(r"(text|down|up)([1-9]?)|mid")
_ALLOWED = "use text, down, mid and up, or a single block such as down2 or up3, each with a number from 0 to 2"


class BlockGroup(StrEnum):
    """The parts of a model that a LoRA changes, in the order in which a prompt goes through them."""

    TEXT = "text"  # the text encoders
    DOWN = "down"  # the U-Net, from the full latents to the smallest
    MIDDLE = "mid"
    UP = "up"  # and back


def group_of(block: str) -> BlockGroup:
    """The part that a block is in: of up3, up."""
    return BlockGroup(block.rstrip("123456789"))


@dataclass(frozen=True, slots=True)
class BlockStrengths:
    """Factors of a LoRA's strength by block, counted from 1 (`down2`, `mid`, `text1`), or for a whole group (`up`).

    What is not named counts in full. A block's own factor stands in place of its group's.
    """

    factors: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        names = [name for name, _ in self.factors]
        for name, factor in self.factors:
            if not _BLOCK.fullmatch(name) or names.count(name) > 1 or not 0 <= factor <= MOST_FACTOR:
                raise InvalidPlanError("strength by block", f"{name}={factor:g}", _ALLOWED)

    @classmethod
    def of_blocks(cls, factors: Mapping[str, float]) -> BlockStrengths:
        """Those of single blocks, said as shortly as can be: a group of one factor by its name, and no 1."""
        groups: dict[BlockGroup, dict[str, float]] = {}
        for block, factor in factors.items():
            groups.setdefault(group_of(block), {})[block] = factor
        found: list[tuple[str, float]] = []
        for group in BlockGroup:
            inside = groups.get(group, {})
            is_one = len(set(inside.values())) == 1
            said = [(group.value, next(iter(inside.values())))] if is_one else sorted(inside.items())
            found += [(name, factor) for name, factor in said if factor != 1]
        return cls(tuple(found))

    @classmethod
    def parse(cls, text: str) -> BlockStrengths:
        """Read what `text` wrote, such as "text=0 up2=0.5"; commas may stand between. Raises InvalidPlanError."""
        return cls(tuple(_pair(word) for word in text.replace(",", " ").split()))

    @property
    def is_plain(self) -> bool:
        """True if every block counts in full."""
        return all(factor == 1 for _, factor in self.factors)

    @property
    def text(self) -> str:
        """The factors as a person types them."""
        return " ".join(f"{name}={factor:g}" for name, factor in self.factors)

    def of(self, block: str) -> float:
        """What the LoRA's strength is multiplied by in this block."""
        known = dict(self.factors)
        return known.get(block, known.get(group_of(block).value, 1.0))


AS_ONE = BlockStrengths()


def _pair(word: str) -> tuple[str, float]:
    name, _, number = word.partition("=")
    try:
        return name.strip().lower(), float(number)
    except ValueError:
        raise InvalidPlanError("strength by block", word, _ALLOWED) from None


LORA_BLOCKS = "Lora blocks"  # the name of the setting in a picture
_NOTED = re.compile(r"(?:^|, )(.+?): ((?:[a-z]+[1-9]?=[0-9.]+ ?)+)(?=, |$)")


def noted_blocks(uses: Iterable[tuple[str, BlockStrengths]]) -> str:
    """The factors of several LoRAs by the names of their files, for the settings in a picture; empty if all are 1."""
    return ", ".join(f"{stem}: {blocks.text}" for stem, blocks in uses if not blocks.is_plain)


def blocks_in_note(note: str, stem: str) -> BlockStrengths:
    """Those of one file in what `noted_blocks` wrote; what cannot be read counts in full."""
    found = dict(_NOTED.findall(note))
    try:
        return BlockStrengths.parse(found.get(stem, ""))
    except InvalidPlanError:
        return AS_ONE
