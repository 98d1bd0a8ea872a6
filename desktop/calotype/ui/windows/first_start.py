"""The one page before the first window: where data lies, what computes, how it looks. Pressing Start skips it all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.domain.settings import Theme
from calotype.services.computing import ComputingReport, computing_report
from calotype.startup.program import is_portable
from calotype.ui.look.computing_words import computing_words
from calotype.ui.look.icons import icon, pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.folder_field import FolderField
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.segments import Segments

_WIDTH = 720


@dataclass(frozen=True, slots=True)
class FirstChoices:
    """What was chosen on the page."""

    folder: Path
    theme: Theme
    wants_sample: bool


class FirstStart(QDialog):
    """Asks nothing that has no answer already. `choices` holds what was chosen once it was accepted.

    theme_chosen: a Theme, to be shown at once. chosen: the choices, when it is accepted.
    """

    theme_chosen = Signal(object)
    chosen = Signal(object)

    def __init__(
        self, folder: Path, theme: Theme, *, is_folder_fixed: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.choices: FirstChoices | None = None
        self.setWindowTitle(self.tr("Welcome to Calotype"))
        self.setFixedWidth(_WIDTH)
        self._make_parts(folder, theme, is_folder_fixed)
        self._lay_out()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Quit), self).activated.connect(self.reject)
        self.folder_field.changed.connect(self._update)
        self._look = QuickLook(self)
        self._look.answered.connect(self._show_computing)
        self._look.ask(computing_report)
        self._draw_icons()
        self._update()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_chip"):
            self._draw_icons()

    def _make_parts(self, folder: Path, theme: Theme, is_folder_fixed: bool) -> None:
        self._mark, self._chip = QLabel(), QLabel()
        self.device_name = label(self.tr("Looking at this computer…"), "heading")
        self.device_note = label("", "muted", wraps=True)
        self.folder_field = FolderField(folder, self._fixed_by() if is_folder_fixed else "")
        themes = [
            (Theme.SYSTEM, self.tr("As the system"), ""),
            (Theme.LIGHT, self.tr("Light"), ""),
            (Theme.DARK, self.tr("Dark"), ""),
        ]
        self.theme = Segments(themes, self.tr("Theme"))
        self.theme.choose(theme)
        self.theme.chosen.connect(self.theme_chosen)
        self.sample_button = quiet_button(self.tr("Start with the sample (1 min)"), "sparkles")
        self.sample_button.clicked.connect(lambda: self._finish(wants_sample=True))
        self.start_button = primary_button(self.tr("Start"))
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(lambda: self._finish(wants_sample=False))

    def _fixed_by(self) -> str:
        if is_portable():
            return self.tr("The file portable.txt beside the program keeps everything there.")
        return self.tr("This folder was named when Calotype was started.")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        column.addSpacing(4)
        column.addWidget(self._build_device())
        place = Card(self.tr("Where your projects lie"))
        text = self.tr("Pictures, LoRAs and models are ordinary files in this folder. It can be another one later.")
        place.body.addWidget(label(text, "muted", wraps=True))
        place.body.addWidget(self.folder_field)
        column.addWidget(place)
        look = Card(self.tr("Appearance"))
        look.body.addWidget(self.theme)
        column.addWidget(look)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(label(self.tr("All of this can be changed in Settings."), "small"))
        buttons.addStretch()
        buttons.addWidget(self.sample_button)
        buttons.addWidget(self.start_button)
        column.addLayout(buttons)

    def _build_head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(self.windowTitle(), "hero"))
        text = self.tr(
            "Teach a model your character, product or style. Everything stays on this computer: there is no account, "
            "and nothing is sent anywhere."
        )
        words.addWidget(label(text, "muted", wraps=True))
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _build_device(self) -> Card:
        card = Card()
        card.setAccessibleName(self.tr("What computes"))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.device_name)
        words.addWidget(self.device_note)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        return card

    def _show_computing(self, report: object) -> None:
        if isinstance(report, ComputingReport):
            name, note = computing_words(report)
            self.device_name.setText(name)
            self.device_note.setText(note)
            self.adjustSize()

    def _update(self) -> None:
        was_usable = self.start_button.isEnabled()
        for button in (self.start_button, self.sample_button):
            button.setEnabled(self.folder_field.is_usable)
        if self.folder_field.is_usable and not was_usable and not self.folder_field.line.isModified():
            self.start_button.setFocus()  # one press of Enter is enough for somebody who wants no questions
        self.adjustSize()

    def _finish(self, *, wants_sample: bool) -> None:
        self.choices = FirstChoices(self.folder_field.folder.absolute(), Theme(str(self.theme.value)), wants_sample)
        self.chosen.emit(self.choices)
        self.accept()

    def _draw_icons(self) -> None:
        self._mark.setPixmap(icon("calotype", "#000000", 44).pixmap(44, 44))
        self._chip.setPixmap(pixmap("cpu", current_palette().accent, 22, self.devicePixelRatioF()))
