"""Checks the installation while one looks on, and saves a report for somebody who helps."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.domain.checks import Check
from calotype.ui.look.icons import pixmap
from calotype.ui.look.roles import set_role
from calotype.ui.look.theme import current_palette
from calotype.ui.models.diagnosis import Diagnosis
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label

_ICON_PX = 18


class DiagnosticsDialog(QDialog):
    """One row for each check: what it is, how it went, and what to do if it did not work."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.diagnosis = Diagnosis(session, self)
        self._rows: dict[Check, tuple[QLabel, QLabel]] = {}
        self._is_closing = False
        self.setWindowTitle(self.tr("Diagnostics"))
        self.setMinimumWidth(620)
        self._build()
        self.diagnosis.changed.connect(self._show)
        self.diagnosis.finished.connect(self._end)
        self.diagnosis.start()

    def reject(self) -> None:
        """Close at once, or as soon as the check that runs has ended."""
        if self.diagnosis.is_running:
            self._is_closing = True
            self.diagnosis.stop()
            self._words.setText(self.tr("Stopping after this check."))
            return
        super().reject()

    def save_report(self, path: Path) -> None:
        """Write the report, and say where it is."""
        if self.diagnosis.save(path):
            self._words.setText(self.tr("Saved as {path}.").format(path=path))

    def _ask_where(self) -> None:
        start = str(Path.home() / "calotype-report.zip")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the report"), start, self.tr("Archives (*.zip)"))
        if name:
            self.save_report(Path(name))

    def _build(self) -> None:
        text = self.tr(
            "Does this installation work? Everything that a run needs is tried once, with pictures and a model of "
            "our own. Your projects are not touched."
        )
        note = self.tr(
            "The report holds versions, devices, these results and the logs, without names of people, places and "
            "projects."
        )
        self._words = label("", "accent", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(14)
        for widget in (
            label(self.windowTitle(), "title"),
            label(text, "muted", wraps=True),
            self._build_rows(),
            self._words,
        ):
            column.addWidget(widget)
        column.addWidget(label(note, "small", wraps=True))
        column.addStretch(1)
        column.addLayout(self._build_buttons())

    def _build_rows(self) -> Card:
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(2, 1)
        for place, check in enumerate(self.diagnosis.checks):
            mark, outcome = QLabel(), label("", "muted", wraps=True)
            mark.setFixedSize(_ICON_PX, _ICON_PX)
            outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            name = label(self._names()[check])
            grid.addWidget(mark, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, place, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(outcome, place, 2)
            self._rows[check] = (mark, outcome)
        card.body.addLayout(grid)
        return card

    def _build_buttons(self) -> QHBoxLayout:
        self.again_button = quiet_button(self.tr("Check again"), "rotate-ccw")
        self.again_button.clicked.connect(self.diagnosis.start)
        self.save_button = quiet_button(self.tr("Save report…"), "download")
        self.save_button.clicked.connect(self._ask_where)
        self.close_button = primary_button(self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.again_button)
        buttons.addStretch()
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.close_button)
        return buttons

    def _names(self) -> dict[Check, str]:
        return {
            Check.PACKAGE: self.tr("Files of the program"),
            Check.IMPORTS: self.tr("Libraries"),
            Check.RESOURCES: self.tr("What ships inside"),
            Check.DEVICE: self.tr("What computes"),
            Check.IMPORT: self.tr("Taking in pictures"),
            Check.TRAINING: self.tr("A step of training"),
            Check.PICTURE: self.tr("Drawing a picture"),
            Check.LORA: self.tr("Writing a LoRA file"),
        }

    def _show(self) -> None:
        palette, diagnosis = current_palette(), self.diagnosis
        for check, (mark, outcome) in self._rows.items():
            result = diagnosis.results.get(check)
            is_current = check is diagnosis.current
            icon_name = "clock" if result is None else "circle-alert" if result.failure else "circle-check"
            colour = palette.accent if is_current else palette.muted
            if result is not None:
                colour = palette.red if result.failure else palette.green
            mark.setPixmap(pixmap(icon_name, colour, _ICON_PX, self.devicePixelRatioF()))
            words = self.tr("now") if is_current else ""
            if result is not None:
                words = result.failure or self.tr("{detail}, {seconds:.1f} s").format(
                    detail=result.detail, seconds=result.seconds
                )
            outcome.setText(words)
            set_role(outcome, "harm" if result is not None and result.failure else "muted")
        for button in (self.again_button, self.save_button):
            button.setEnabled(not diagnosis.is_running)
        if diagnosis.is_running and not self._is_closing:
            self._words.setText("")

    def _end(self) -> None:
        if self._is_closing:
            super().reject()
            return
        count = len(self.diagnosis.failures)
        all_well = self.tr("Everything works.")
        self._words.setText(self.tr("%n check(s) failed.", "", count) if count else all_well)
