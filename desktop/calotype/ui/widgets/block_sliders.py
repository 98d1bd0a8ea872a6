"""How strongly each part of a LoRA counts, or each of its blocks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QVBoxLayout, QWidget

from calotype.domain.lora_blocks import AS_ONE, MOST_FACTOR, BlockGroup, BlockStrengths, group_of
from calotype.ui.widgets.labels import label

UNIT = 20  # slider ticks for factor 1
_GROUP_COLUMNS, _BLOCK_COLUMNS = 2, 3


class BlockSliders(QWidget):
    """A slider for the text encoder and the way down, the middle and the way up of the U-Net, or for every block.

    changed: another factor was chosen here.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: tuple[str, ...] = ()
        self._factors = AS_ONE  # as they were given, which may be finer than a slider
        self._is_by_block = False
        self.sliders: dict[str, QSlider] = {}
        self._captions: dict[str, QLabel] = {}
        self._cells: list[QWidget] = []
        self._build()

    @property
    def factors(self) -> BlockStrengths:
        """What is chosen."""
        return self._factors

    @property
    def is_by_block(self) -> bool:
        """True if each block has a slider."""
        return self._is_by_block

    @property
    def has_blocks(self) -> bool:
        """True if a part has more than one block."""
        return len(self._blocks) > len({group_of(block) for block in self._blocks})

    def show_blocks(self, blocks: Sequence[str]) -> None:
        """Offer the blocks of another LoRA, all in full."""
        self._blocks, self._factors, self._is_by_block = tuple(blocks), AS_ONE, False
        self._fill()

    def show_factors(self, factors: BlockStrengths) -> None:
        """Take factors that were chosen before."""
        self._factors = factors
        self._is_by_block = any(name not in list(BlockGroup) for name, _ in factors.factors)
        self._fill()

    def summary(self) -> str:
        """What does not count in full, in a few words; empty if all does."""
        return ", ".join(f"{block_name(name)} {factor:g}" for name, factor in self._factors.factors if factor != 1)

    def _names(self) -> list[str]:
        groups = [group.value for group in BlockGroup if any(group_of(block) is group for block in self._blocks)]
        return list(self._blocks) if self._is_by_block else groups

    def _fill(self) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.sliders, self._captions, self._cells = {}, {}, []
        columns = _BLOCK_COLUMNS if self._is_by_block else _GROUP_COLUMNS
        for place, name in enumerate(self._names()):
            cell = self._cell(name)
            self._grid.addWidget(cell, place // columns, place % columns)
            self._cells.append(cell)
        self._show()

    def _cell(self, name: str) -> QWidget:
        cell = QWidget()
        slider, caption = QSlider(Qt.Orientation.Horizontal), label("", "small")
        slider.setRange(0, round(MOST_FACTOR * UNIT))
        slider.setPageStep(UNIT // 4)
        slider.setValue(round(self._factors.of(name) * UNIT))
        slider.setAccessibleName(self.tr("Strength of {part}").format(part=block_name(name)))
        slider.valueChanged.connect(lambda: self._take(name))
        caption.setBuddy(slider)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(caption)
        column.addWidget(slider)
        self.sliders[name], self._captions[name] = slider, caption
        return cell

    def _take(self, moved: str) -> None:
        chosen = {name: self._factors.of(name) for name in self.sliders}
        chosen[moved] = self.sliders[moved].value() / UNIT
        self._choose(chosen)

    def _choose(self, factors: dict[str, float]) -> None:
        by_group = tuple((name, factor) for name, factor in factors.items() if factor != 1)
        self._factors = BlockStrengths.of_blocks(factors) if self._is_by_block else BlockStrengths(by_group)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for name, caption in self._captions.items():
            caption.setText(f"{block_name(name)}  {self._factors.of(name):.2f}")

    def show_by_block(self, is_by_block: bool) -> None:
        """Show a slider for each block, or for each part; of blocks that differ, a part gets their mean."""
        self._is_by_block = is_by_block
        if not is_by_block and any(name not in list(BlockGroup) for name, _ in self._factors.factors):
            self._choose({name: self._mean_of(name) for name in self._names()})
        self._fill()

    def count_in_full(self) -> None:
        """Let everything count in full again."""
        self._choose({})
        self._fill()

    def _mean_of(self, group: str) -> float:
        inside = [self._factors.of(block) for block in self._blocks if group_of(block).value == group]
        return round(sum(inside) / len(inside) * UNIT) / UNIT

    def _build(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)


def block_name(name: str) -> str:
    """A part, or a single block of it, in words: of `up3`, “Up 3”."""
    group = group_of(name)
    words = {
        BlockGroup.TEXT: QCoreApplication.translate("BlockSliders", "Text encoder"),
        BlockGroup.DOWN: QCoreApplication.translate("BlockSliders", "Down"),
        BlockGroup.MIDDLE: QCoreApplication.translate("BlockSliders", "Middle"),
        BlockGroup.UP: QCoreApplication.translate("BlockSliders", "Up"),
    }
    return f"{words[group]} {name.removeprefix(group)}".strip()
