"""The whole way in three steps, for someone who has no project yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class StepsCard(QWidget):
    """Three cards: drop, train, create."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: list[tuple[QLabel, str]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for icon_name, title, text in self._steps():
            row.addWidget(self._step(icon_name, title, text), 1)
        self._draw_icons()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icons"):
            self._draw_icons()

    def _steps(self) -> list[tuple[str, str, str]]:
        return [
            (
                "images",
                self.tr("1  Drop a dozen pictures"),
                self.tr("One subject, different poses and backgrounds. They are copied; yours stay as they are."),
            ),
            (
                "trending-up",
                self.tr("2  Press Train and watch it learn"),
                self.tr("Some pictures are held out, so that the curve shows what it really understood."),
            ),
            (
                "sparkles",
                self.tr("3  Create, and keep the LoRA"),
                self.tr("One small file that every other Stable Diffusion program loads as well."),
            ),
        ]

    def _step(self, icon_name: str, title: str, text: str) -> Card:
        card = Card()
        mark = QLabel()
        self._icons.append((mark, icon_name))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, "muted", wraps=True))
        words.addStretch(1)  # so that the headings of all cards stand in one line
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        return card

    def _draw_icons(self) -> None:
        for mark, icon_name in self._icons:
            mark.setPixmap(pixmap(icon_name, current_palette().accent, 22, self.devicePixelRatioF()))
