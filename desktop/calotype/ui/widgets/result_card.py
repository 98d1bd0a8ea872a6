"""How a run ended: without and with the LoRA at a chosen strength, the verdict in words, and what to do with it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QVBoxLayout, QWidget

from calotype.ui.widgets.buttons import link_button, primary_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.compare_slider import CompareSlider
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.strength_row import StrengthRow
from calotype.ui.widgets.wrapping_row import WrappingRow

COMPARE_PX = 320
STRENGTHS = (0.4, 0.6, 0.8, 1.0)


class ResultCard(Card):
    """The end of a run.

    continue_requested, use_requested, export_requested, again_requested: the buttons. grid_requested: all checkpoints
    are to be seen. report_requested: a report is wanted, with captions or without. events_requested: an event file for
    TensorBoard is wanted.
    """

    continue_requested = Signal()
    use_requested = Signal()
    export_requested = Signal()
    again_requested = Signal()
    report_requested = Signal(bool)
    events_requested = Signal()
    grid_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._without = QPixmap()
        self._with: dict[float, QPixmap] = {}
        self._fallback = QPixmap()
        self._build()

    @property
    def strength(self) -> float:
        """The strength that is shown."""
        return STRENGTHS[self._slider.value()]

    def show_verdict(self, headline: str, advice: str, facts: str) -> None:
        """Say how it went."""
        self._headline.setText(headline)
        self._advice.setText(advice)
        self._facts.setText(facts)

    def show_prompt(self, prompt: str) -> None:
        """Say what the two pictures were asked to show."""
        self._prompt.setText(self.tr("“{prompt}”, same seed on both sides").format(prompt=prompt) if prompt else "")

    def begin(self, without: Path | None, best: Path | None) -> None:
        """Forget the pictures of another run; until new ones are made, show the previews of the run itself."""
        self._with.clear()
        self._without = QPixmap(str(without)) if without else QPixmap()
        self._fallback = QPixmap(str(best)) if best else QPixmap()
        self._compare.set_waiting_text(self.tr("No picture was drawn without and with the LoRA."))
        self._show()

    def add_picture(self, strength: float, path: Path) -> None:
        """Take one picture of the comparison; strength 0 is without."""
        if strength == 0:
            self._without = QPixmap(str(path))
        else:
            self._with[round(strength, 2)] = QPixmap(str(path))
        self._show()

    def set_can_use(self, can_use: bool) -> None:
        """Allow what needs a LoRA file."""
        self._use.setEnabled(can_use)
        self._export.setEnabled(can_use)
        for part in (self._strength_line, self._row, self.grid_button):
            part.setVisible(can_use)

    def set_can_continue(self, can_continue: bool) -> None:
        """Offer to go on with a run that ended before its last step, as the thing to do next."""
        self._continue.setVisible(can_continue)
        self._use.set_kind("quiet" if can_continue else "primary")

    def set_progress_text(self, text: str) -> None:
        """Say how far the comparison is, or where something was saved; a long path may break at its folders."""
        self._progress.setText(re.sub(r"([/\\])", "\\1\u200b", text))

    def _choose_strength(self, strength: float) -> None:
        self._slider.setValue(STRENGTHS.index(strength))

    def _show(self) -> None:
        strength = round(self.strength, 2)
        self._compare.set_pictures(self._without, self._with.get(strength, self._fallback))
        self._compare.set_labels(self.tr("without"), self.tr("with, {strength}").format(strength=f"{strength:.1f}"))
        drawn = {0.0: self._without, **self._with} if self._with else {}
        self._row.show_pictures(drawn, self.strength)
        self._strength.setText(f"{strength:.1f}")

    def _build(self) -> None:
        self._compare = CompareSlider()
        self._compare.setFixedSize(COMPARE_PX, COMPARE_PX)
        self._row = StrengthRow((0.0, *STRENGTHS))
        self._row.strength_chosen.connect(self._choose_strength)
        self._headline = label("", "hero")
        self._advice = label("", wraps=True)
        self._facts = label("", "small", wraps=True)
        self._prompt = label("", "small", wraps=True)
        self._progress = label("", "small", wraps=True)
        self.grid_button = link_button(self.tr("All checkpoints…"), "layers")
        self.grid_button.setToolTip(self.tr("Every kept step at several strengths, drawn when you ask for it"))
        self.grid_button.clicked.connect(self.grid_requested)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._headline)
        words.addWidget(self._advice)
        words.addWidget(self._facts)
        words.addSpacing(10)
        self._strength_line = QWidget()
        self._strength_line.setLayout(self._strength_row())
        words.addWidget(self._strength_line)
        words.addWidget(self._row)
        words.addWidget(self._prompt)
        words.addWidget(self._progress)
        words.addWidget(self.grid_button, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        words.addWidget(self._buttons())
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(self._compare)
        row.addLayout(words, 1)
        self.body.addLayout(row)

    def _strength_row(self) -> QHBoxLayout:
        self._strength = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, len(STRENGTHS) - 1)
        self._slider.setPageStep(1)
        self._slider.setValue(len(STRENGTHS) - 1)
        self._slider.setAccessibleName(self.tr("Strength of the LoRA"))
        self._slider.valueChanged.connect(self._show)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self.tr("Strength"), "small"))
        row.addWidget(self._slider, 1)
        row.addWidget(self._strength)
        return row

    def _buttons(self) -> WrappingRow:
        self._continue = primary_button(self.tr("Continue training"), "play")
        self._continue.hide()
        self._use = primary_button(self.tr("Use in Create"), "sparkles")
        self._export = quiet_button(self.tr("Export LoRA…"), "download")
        self._report = quiet_button(self.tr("Save report"), "file-text")
        self._report.setMenu(self._report_menu())
        self._again = quiet_button(self.tr("Train again"), "rotate-ccw")
        self._continue.clicked.connect(self.continue_requested)
        self._use.clicked.connect(self.use_requested)
        self._export.clicked.connect(self.export_requested)
        self._again.clicked.connect(self.again_requested)
        return WrappingRow((self._continue, self._use, self._export, self._report, self._again))

    def _report_menu(self) -> QMenu:
        menu = QMenu(self)
        whole = menu.addAction(self.tr("Everything, as one file for the browser…"))
        whole.triggered.connect(lambda: self.report_requested.emit(True))
        to_share = menu.addAction(self.tr("Without captions, to share…"))
        to_share.triggered.connect(lambda: self.report_requested.emit(False))
        menu.addSeparator()
        menu.addAction(self.tr("Measurements for TensorBoard…")).triggered.connect(self.events_requested)
        return menu
