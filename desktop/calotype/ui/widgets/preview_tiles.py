"""What the previews are like, in three numbers: the subject, each other, and the nearest training picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from calotype.domain.events import PreviewsMeasured
from calotype.domain.likeness import MEMORISED_BELOW
from calotype.ui.look.likeness import number_text
from calotype.ui.widgets.number_tile import NumberTile


class PreviewTiles(QWidget):
    """Three tiles in a row; hidden while nothing was measured, as in runs of earlier versions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.similarity = NumberTile(
            self.tr("Subject similarity"), "teal", self.tr("0 is the base model, 1 your pictures")
        )
        self.diversity = NumberTile(
            self.tr("Variety of previews"), "accent", self.tr("1 is as varied as your pictures")
        )
        self.distance = NumberTile(
            self.tr("Nearest training picture"),
            "muted",
            self.tr("Distance; below {limit} a preview repeats it").format(limit=f"{MEMORISED_BELOW:g}"),
        )
        self._explain()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for tile in (self.similarity, self.diversity, self.distance):
            row.addWidget(tile, 1)
        self.hide()

    def show_comparisons(self, comparisons: Sequence[PreviewsMeasured]) -> None:
        """Show the newest numbers, and how they went."""
        self.setVisible(bool(comparisons))
        if not comparisons:
            return
        ordered = sorted(comparisons, key=lambda measured: measured.step)
        newest = ordered[-1]
        shown = (
            (self.similarity, newest.similarity, [one.similarity for one in ordered]),
            (self.diversity, newest.diversity, [one.diversity for one in ordered]),
            (self.distance, newest.nearest_distance, [one.nearest_distance for one in ordered]),
        )
        for tile, value, line in shown:
            tile.show_value(number_text(value), [known for known in line if known is not None])

    def _explain(self) -> None:
        self.similarity.setToolTip(
            self.tr(
                "How like the held-out pictures the previews are, by what the base model sees in them.\n"
                "A dash means that the base model already draws something as like."
            )
        )
        self.diversity.setToolTip(
            self.tr(
                "How different the previews are from each other. Near 0 they all look the same, whatever the prompt."
            )
        )
        text = self.tr(
            "How far the closest preview is from the training picture that is nearest to it.\n"
            "1 is as close as your closest pictures are to each other; below {limit} it is said to repeat the picture."
        )
        self.distance.setToolTip(text.format(limit=f"{MEMORISED_BELOW:g}"))
