"""What was decided about the selected pictures: stars, side of the split, left out; and taking them away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain import speech
from calotype.domain.imageset import CaptionedImage
from calotype.ui.widgets.buttons import danger_button, quiet_button
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.stars import Stars
from calotype.ui.widgets.wrapping_row import WrappingRow

_NAME_LENGTH = 48  # characters of a file's name, which may have 255


class PictureChoices(QWidget):
    """Hidden while nothing is selected. rated: so many stars; the other signals: that button was pressed."""

    rated = Signal(int)
    move_wanted = Signal()
    exclusion_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = label("", "small", wraps=True)
        self.stars = Stars(self.tr("the selected pictures"))
        self.stars.rated.connect(self.rated)
        self.move_button = quiet_button("")
        self.move_button.setToolTip(self.tr("Held-out pictures check the result; they are never learned from. (V)"))
        self.move_button.clicked.connect(self.move_wanted)
        self.exclude_button = quiet_button("")
        self.exclude_button.setToolTip(self.tr("A picture that is left out stays here, and training ignores it. (X)"))
        self.exclude_button.clicked.connect(self.exclusion_wanted)
        self.remove_button = danger_button("", "trash-2")
        self.remove_button.setToolTip(self.tr("Remove (Del)"))
        self.remove_button.setAccessibleName(self.tr("Remove"))
        self.remove_button.clicked.connect(self.removal_wanted)
        line = QHBoxLayout()
        line.addWidget(self._facts, 1)
        line.addWidget(self.stars, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(line)
        column.addWidget(WrappingRow([self.move_button, self.exclude_button, self.remove_button]))
        self.show_selection([])

    def show_selection(self, images: Sequence[CaptionedImage]) -> None:
        """Show what holds for these pictures."""
        self.setVisible(bool(images))
        if not images:
            return
        self._facts.setText(self._fact_words(images))
        self._facts.setToolTip(images[0].original_name if len(images) == 1 else "")
        ratings = {image.rating for image in images}
        with QSignalBlocker(self.stars):
            self.stars.rate(ratings.pop() if len(ratings) == 1 else 0)
        are_held_out = all(image.is_held_out for image in images)
        self.move_button.setText(self.tr("Learn from it") if are_held_out else self.tr("Hold out"))
        are_excluded = all(image.is_excluded for image in images)
        self.exclude_button.setText(self.tr("Take in again") if are_excluded else self.tr("Leave out"))

    def _fact_words(self, images: Sequence[CaptionedImage]) -> str:
        if len(images) == 1:
            image = images[0]
            return f"{speech.ends(image.original_name, _NAME_LENGTH)}\n{image.width_px} × {image.height_px} px"
        side = min(min(image.width_px, image.height_px) for image in images)
        return self.tr("smallest side {side} px").format(side=side)
