"""Asks whether a large folder is to be copied, or used where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.import_options import ImportOptions
from calotype.services.folder_weight import LARGE_BYTES
from calotype.ui.models.intake import Intake
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.labels import label


class LargeFolderDialog(QDialog):
    """Two ways to go on, each with its consequence, and a way back."""

    def __init__(self, intake: Intake, paths: Sequence[Path], into_new: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intake = intake
        self._paths = paths
        self._into_new = into_new
        self.setWindowTitle(self.tr("A large folder"))
        self.setMinimumWidth(520)
        self.link_button = primary_button(self.tr("Use it where it is"))
        self.link_button.setDefault(True)
        self.link_button.clicked.connect(lambda: self._go_on(ImportOptions(is_linked=True)))
        self.copy_button = quiet_button(self.tr("Copy the pictures"))
        self.copy_button.clicked.connect(lambda: self._go_on(ImportOptions()))
        self._cancel = quiet_button(self.tr("Cancel"))
        self._cancel.clicked.connect(self.reject)
        self._lay_out()

    def _go_on(self, options: ImportOptions) -> None:
        self.accept()
        self._intake.take_paths(self._paths, into_new=self._into_new, options=options)

    def _lay_out(self) -> None:
        name = self._paths[0].name if len(self._paths) == 1 else self.tr("What you dropped")
        text = self.tr("“{name}” holds more than {size} GB. It can stay where it is, or be copied into the project.")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._cancel)
        buttons.addStretch()
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.link_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(label(text.format(name=name, size=LARGE_BYTES // 1024**3), wraps=True))
        where = self.tr(
            "Where it is: nothing is copied and nothing in it is changed; the drive must be there to train."
        )
        copied = self.tr("Copied: the project is whole in itself, and takes as much room again.")
        for words in (where, copied):
            column.addWidget(label(words, "muted", wraps=True))
        column.addSpacing(6)
        column.addLayout(buttons)
