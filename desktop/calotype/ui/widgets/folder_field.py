"""The choice of a data folder, looked at while it is written: room, rights, and what kind of place it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from calotype.services.folder_check import FolderReport, examine_folder, folder_for_data
from calotype.startup.typed_paths import typed_path
from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.look.wording import file_size, sentence
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.labels import label

_ICON_PX = 16


class FolderField(QWidget):
    """A line for a path, a button to choose one, and what there is to know of it.

    changed: another folder is there, or more is known of it.
    """

    changed = Signal()

    def __init__(self, folder: Path, fixed_by: str = "", parent: QWidget | None = None) -> None:
        """`fixed_by` says in words why another folder cannot be chosen here; empty if it can."""
        super().__init__(parent)
        self.report: FolderReport | None = None
        self._look = QuickLook(self)
        self._look.answered.connect(self._show)
        self._build(fixed_by)
        self.line.setText(str(folder))
        self.line.textChanged.connect(lambda: self._examine(waits=True))
        self._examine()

    @property
    def folder(self) -> Path:
        """The folder as it is written now."""
        return typed_path(self.line.text().strip())

    @property
    def is_usable(self) -> bool:
        """True once the folder was looked at, and data can be put there."""
        return self.report is not None and self.report.trouble is None

    def choose(self) -> None:
        """Ask for a folder with the dialog of the system; beside other things, data gets a folder of its own."""
        start = next((str(path) for path in (self.folder, *self.folder.parents) if path.is_dir()), str(Path.home()))
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Data folder"), start)
        if chosen:
            self.line.setText(str(folder_for_data(Path(chosen))))

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_notes"):
            self._show_notes()

    def _build(self, fixed_by: str) -> None:
        self.line = QLineEdit()
        self.line.setAccessibleName(self.tr("Data folder"))
        self.line.setReadOnly(bool(fixed_by))
        self.choose_button = quiet_button(self.tr("Choose…"), "folder")
        self.choose_button.setAccessibleName(self.tr("Choose the data folder"))
        self.choose_button.clicked.connect(self.choose)
        self.choose_button.setVisible(not fixed_by)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.choose_button)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addLayout(self._notes)
        if fixed_by:
            column.addWidget(label(fixed_by, "small", wraps=True))

    def _examine(self, *, waits: bool = False) -> None:
        self.report = None
        text = self.line.text().strip()
        folder = self.folder
        if text and folder.is_absolute():
            self._look.ask(lambda: examine_folder(folder), waits=waits)
        self._show_notes()
        self.changed.emit()

    def _show(self, report: object) -> None:
        if isinstance(report, FolderReport) and report.folder == self.folder.absolute():
            self.report = report
            self._show_notes()
            self.changed.emit()

    def _show_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for tone, text in self._words():
            self._notes.addWidget(_note(tone, text))

    def _words(self) -> list[tuple[str, str]]:
        report = self.report
        if report is None:
            is_path = self.folder.is_absolute() and bool(self.line.text().strip())
            return [("muted", self.tr("Looking…") if is_path else self.tr("Write the whole path of a folder."))]
        if report.trouble is not None:
            return [("red", sentence(report.trouble))]
        free = self.tr("{size} free.").format(size=file_size(report.free_bytes))
        held = self.tr("Your projects from before are in it.") if report.holds_data else ""
        return [("green", f"{free} {held}".rstrip()), *(("accent", sentence(notice)) for notice in report.notices)]


def _note(tone: str, text: str) -> QWidget:
    icons = {"green": "circle-check", "accent": "triangle-alert", "red": "circle-alert"}
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    mark = QLabel()
    mark.setFixedWidth(_ICON_PX)
    if tone in icons:
        colour = str(getattr(current_palette(), tone))
        mark.setPixmap(pixmap(icons[tone], colour, _ICON_PX, row.devicePixelRatioF()))
    layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(label(text, "harm" if tone == "red" else "muted", wraps=True), 1)
    return row
