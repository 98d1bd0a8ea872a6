"""A seed: a number to keep, or a new one each time."""

from __future__ import annotations

import random

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from calotype.ui.widgets.buttons import icon_button

LARGEST = 2**32 - 1


class SeedField(QWidget):
    """Empty means random; the dice empties it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("random"))
        self._line.setAccessibleName(self.tr("Seed, empty for random"))
        self._line.setMaxLength(10)
        self._line.textEdited.connect(self._keep_digits)
        dice = icon_button("dices", self.tr("A new seed each time"))
        dice.clicked.connect(self._line.clear)
        self.setFocusProxy(self._line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._line, 1)
        layout.addWidget(dice)

    def seed(self) -> int:
        """The seed to use now; a new random one if none is kept."""
        text = self._line.text()
        return min(int(text), LARGEST) if text else random.randrange(LARGEST + 1)

    def keep(self, seed: int | None) -> None:
        """Use this seed from now on, or a random one."""
        self._line.setText("" if seed is None else str(seed))

    def _keep_digits(self, text: str) -> None:
        digits = "".join(character for character in text if character.isascii() and character.isdigit())
        if digits != text:
            self._line.setText(digits)
