"""The right of the Images page: whether the set is fit to train on, what is selected, and the next step."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.widgets.buttons import primary_button
from calotype.ui.widgets.caption_card import CaptionCard
from calotype.ui.widgets.caption_conflict import CaptionConflict
from calotype.ui.widgets.readiness_card import ReadinessCard

_WIDTH_PX = 336


class ImagesSide(QWidget):
    """Cards that scroll where there is little room, and below them the one button that goes on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readiness_card, self.caption_card = ReadinessCard(), CaptionCard()
        self.conflict = CaptionConflict()
        self.continue_button = primary_button(self.tr("Continue to training"))
        self.continue_button.setMinimumHeight(44)
        self.setFixedWidth(_WIDTH_PX)
        content = QWidget()
        set_role(content, "scrolled")
        cards = QVBoxLayout(content)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(14)
        for card in (self.readiness_card, self.conflict, self.caption_card):
            cards.addWidget(card)
        cards.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.continue_button)

    def bring_up_caption(self) -> None:
        """Scroll to what is said of the selection, where the window is low."""
        QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.caption_card, 0, 0))
