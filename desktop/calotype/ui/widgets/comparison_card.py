"""Two runs beside each other: curves, previews, the numbers of both, and the settings that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.events import ValidationFinished
from calotype.services.run_comparison import ComparedRow
from calotype.ui.widgets.buttons import icon_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.overlay_plot import OverlayPlot
from calotype.ui.widgets.plot_card import LineSample

PICTURE_PX = 200
PLOT_HEIGHT_PX = 236
_SHORT = 24  # letters; a longer value takes the whole width of its column, and more than one line


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """What the card shows of one run; `prompt` and `picture` are of its best step."""

    name: str
    points: Sequence[ValidationFinished]
    best: ValidationFinished | None
    picture: Path | None
    picture_step: int | None
    prompt: str


class ComparisonCard(Card):
    """Hidden until two runs are compared. closed: the user has seen enough."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._tables: list[QWidget] = []
        self._build()
        self.hide()

    def show_runs(self, one: ComparedSide, other: ComparedSide, outcome: str) -> None:
        """Show two runs, the first being the one that the page is about, and which is better in words."""
        self._heading.setText(self.tr("{one} and {other}").format(one=one.name, other=other.name))
        self.setAccessibleName(self._heading.text())
        self._outcome.setText(outcome)
        self._plot.show_runs(one.points, other.points, (one.best, other.best))
        for place, (side, tone) in enumerate(((one, "teal"), (other, "muted"))):
            sample = LineSample(side.name, tone, is_dashed=tone == "muted")
            self._legend.replaceWidget(self._samples[place], sample)
            self._samples[place].deleteLater()
            self._samples[place] = sample
            self._show_picture(place, side)
        prompts = list(dict.fromkeys(side.prompt for side in (one, other) if side.prompt))
        self._prompt.setText(" / ".join(self.tr("“{prompt}”").format(prompt=prompt) for prompt in prompts))

    def show_tables(
        self, names: tuple[str, str], numbers: Sequence[ComparedRow], settings: Sequence[ComparedRow]
    ) -> None:
        """Show the numbers of both, and the settings in which they differ."""
        for table in self._tables:
            self._below.removeWidget(table)
            table.hide()
            table.deleteLater()
        same = self.tr("Both runs have the same settings.")
        self._tables = [
            _table(self.tr("Numbers"), names, numbers, ""),
            _table(self.tr("Settings that differ"), names, settings, same, is_marked=True),
        ]
        for table in self._tables:
            self._below.addWidget(table, 1, Qt.AlignmentFlag.AlignTop)

    def _show_picture(self, place: int, side: ComparedSide) -> None:
        picture, words = self._pictures[place]
        pixmap = QPixmap(str(side.picture)) if side.picture else QPixmap()
        ratio = self.devicePixelRatioF()
        if pixmap.isNull():
            picture.setText(self.tr("No preview"))
        else:
            smooth, keep = Qt.TransformationMode.SmoothTransformation, Qt.AspectRatioMode.KeepAspectRatio
            scaled = pixmap.scaled(round(PICTURE_PX * ratio), round(PICTURE_PX * ratio), keep, smooth)
            scaled.setDevicePixelRatio(ratio)
            picture.setPixmap(scaled)
        step = self.tr("{run} · step {step}").format(run=side.name, step=side.picture_step)
        words.setText(step if side.picture_step is not None else side.name)
        picture.setAccessibleName(self.tr("Preview of {run}").format(run=words.text()))

    def _build(self) -> None:
        self._heading = label("", "heading")
        self._outcome = label("", wraps=True)
        self._prompt = label("", "small", wraps=True)
        close = icon_button("x", self.tr("Close the comparison"))
        close.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(self._heading)
        top.addStretch(1)
        top.addWidget(close)
        self.body.addLayout(top)
        self.body.addWidget(self._outcome)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addLayout(self._build_curves(), 1)
        middle.addLayout(self._build_pictures())
        self.body.addLayout(middle)
        self._below = QHBoxLayout()
        self._below.setSpacing(32)
        self.body.addSpacing(8)
        self.body.addLayout(self._below)

    def _build_curves(self) -> QVBoxLayout:
        self._plot = OverlayPlot()
        self._plot.setFixedHeight(PLOT_HEIGHT_PX)
        self._samples = [LineSample("", "teal"), LineSample("", "muted", is_dashed=True)]
        self._legend = QHBoxLayout()
        self._legend.setSpacing(14)
        for sample in self._samples:
            self._legend.addWidget(sample)
        self._legend.addWidget(label(self.tr("held-out pictures, with their 95 % bands"), "small"))
        self._legend.addStretch(1)
        curves = QVBoxLayout()
        curves.setSpacing(6)
        curves.addLayout(self._legend)
        curves.addWidget(self._plot)
        curves.addStretch(1)
        return curves

    def _build_pictures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self._pictures: list[tuple[QLabel, QLabel]] = []
        for column in range(2):
            picture, words = label("", "small"), label("", "small")
            picture.setFixedSize(PICTURE_PX, PICTURE_PX)
            picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(picture, 0, column)
            grid.addWidget(words, 1, column, Qt.AlignmentFlag.AlignHCenter)
            self._pictures.append((picture, words))
        grid.addWidget(self._prompt, 2, 0, 1, 2)
        grid.setRowStretch(3, 1)
        return grid


def _table(
    title: str, names: tuple[str, str], rows: Sequence[ComparedRow], if_empty: str, *, is_marked: bool = False
) -> QWidget:
    """What is compared, then the value of each run; marked values stand out."""
    table = QWidget()
    table.setAccessibleName(title)
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(0, 3)
    for column in (1, 2):
        grid.setColumnStretch(column, 2)
    grid.addWidget(label(title, "heading"), 0, 0)
    if not rows:
        grid.addWidget(label(if_empty, "muted", wraps=True), 1, 0, 1, 3)
        return table
    top = Qt.AlignmentFlag.AlignTop
    for column, name in enumerate(names, start=1):
        grid.addWidget(label(name, "small"), 0, column, Qt.AlignmentFlag.AlignBottom)
    for place, row in enumerate(rows, start=1):
        grid.addWidget(label(row.label, "small", wraps=True), place, 0, Qt.AlignmentFlag.AlignVCenter)
        for column, text in enumerate((row.one, row.other), start=1):
            is_short = len(text) <= _SHORT
            value = label(text, "marked" if is_marked else "", wraps=not is_short)
            if not is_short:
                value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            value.setAccessibleName(f"{row.label}, {names[column - 1]}: {text}")
            grid.addWidget(value, place, column, Qt.AlignmentFlag.AlignLeft if is_short else top)
    return table
