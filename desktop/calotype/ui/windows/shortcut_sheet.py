"""What F1 opens: every key that does something, to search in, and the way to the diagnostics."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.labels import label

Keys = tuple[str, str]  # what it does, and the keys


class ShortcutSheet(QDialog):
    """A list of keys in groups, with a field that finds some of them.

    diagnostics_wanted: somebody for whom Calotype does not work came here; the sheet is closed by then.
    """

    diagnostics_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Help"))
        self.resize(560, 620)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a key, or what it does"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.rows: list[tuple[QWidget, QWidget, str]] = []
        content = QWidget()
        set_role(content, "scrolled")
        self._grid = QGridLayout(content)
        self._grid.setColumnStretch(0, 1)
        self._grid.setVerticalSpacing(9)
        self._headings: list[tuple[QWidget, range]] = []
        for title, keys in self._groups():
            self._add_group(title, keys)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(label(self.tr("Keys"), "title"))
        column.addWidget(self.search)
        column.addWidget(scroll, 1)
        column.addLayout(self._trouble_row())
        self.search.setFocus()

    def _trouble_row(self) -> QHBoxLayout:
        self.diagnostics_button = quiet_button(self.tr("Diagnostics…"), "circle-check")
        self.diagnostics_button.setAutoDefault(False)  # Return in the field above must not press it
        self.diagnostics_button.clicked.connect(self.accept)
        self.diagnostics_button.clicked.connect(self.diagnostics_wanted)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = self.tr(
            "Does something not work? Diagnostics checks this installation and saves a report for who helps."
        )
        row.addWidget(label(words, "muted", wraps=True), 1)
        row.addWidget(self.diagnostics_button)
        return row

    def _groups(self) -> list[tuple[str, list[Keys]]]:
        pictures = [
            (self.tr("Walk from picture to picture"), "Left; Right; Up; Down; Home; End"),
            (self.tr("Select up to there"), "Shift+Right"),
            (self.tr("Select all; select the others instead"), "Ctrl+A; Ctrl+I"),
            (self.tr("Look at a picture large"), "Space"),
            (self.tr("Stars, or none"), "1; 2; 3; 4; 5; 0"),
            (self.tr("Leave out of training, or take in again"), "X"),
            (self.tr("Hold out to check with, or learn from it"), "V"),
            (self.tr("Change the caption"), "F2; Return"),
            (self.tr("Next picture without a caption"), "Ctrl+J"),
            (self.tr("Remove"), "Del"),
            (self.tr("Filter"), "Ctrl+F"),
            (self.tr("On to training"), "Ctrl+Return"),
        ]
        window = [
            (self.tr("Undo"), "Ctrl+Z"),
            (self.tr("Do it again"), "Ctrl+Shift+Z; Ctrl+Y"),
            (self.tr("Add pictures"), "Ctrl+O"),
            (self.tr("Paste a picture or files"), "Ctrl+V"),
            (self.tr("New project"), "Ctrl+N"),
            (self.tr("Home, Images, Train, Create, Library, Settings"), "Ctrl+1; Ctrl+6"),
            (self.tr("Quit"), "Ctrl+Q"),
            (self.tr("This help"), "F1; ?"),
        ]
        return [(self.tr("Pictures"), pictures), (self.tr("Everywhere"), window)]

    def _add_group(self, title: str, keys: list[Keys]) -> None:
        heading = label(title, "heading")
        first = len(self.rows)
        self._grid.addWidget(heading, self._grid.rowCount(), 0, 1, 2)
        for what, sequences in keys:
            shown = "  ".join(_native(sequence) for sequence in sequences.split("; "))
            row = self._grid.rowCount()
            words, key = label(what, wraps=True), label(shown, "number")
            self._grid.addWidget(words, row, 0)
            self._grid.addWidget(key, row, 1, Qt.AlignmentFlag.AlignRight)
            self.rows.append((words, key, f"{what} {shown}".casefold()))
        self._headings.append((heading, range(first, len(self.rows))))

    def _find(self, text: str) -> None:
        wanted = text.strip().casefold()
        for words, key, searched in self.rows:
            for widget in (words, key):
                widget.setVisible(wanted in searched)
        for heading, rows in self._headings:
            heading.setVisible(any(wanted in self.rows[row][2] for row in rows))


def _native(sequence: str) -> str:
    """As the system writes it: on a Mac with its signs."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)
