"""The model that compares previews with pictures: which one, and buttons to choose another or none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from calotype.services.comparison_models import comparison_model, trouble_with_comparison_model
from calotype.ui.look.wording import sentence
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class ComparisonModelCard(Card):
    """Takes a folder only if it holds a model that can compare, and says when one that was taken has gone bad."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session = session
        self._build()
        self._choose.clicked.connect(self._ask_for_folder)
        self._remove.clicked.connect(self.use_none)
        self.look_again()

    def use_model(self, folder: Path) -> None:
        """Compare with the model in this folder from the next run on; anything else is refused with a sentence."""
        if self._session.tell_failure(lambda: comparison_model(folder)):
            self._change(str(folder.absolute()))

    def use_none(self) -> None:
        """Compare with the base model alone."""
        self._change("")

    def look_again(self) -> None:
        """Show the choice, and what is wrong with its folder by now."""
        chosen = self._session.settings.comparison_model
        trouble = trouble_with_comparison_model(self._session.settings)
        self._path.setText(chosen or self.tr("None: only the base model compares them"))
        self._remove.setVisible(bool(chosen))
        self._trouble.setText(sentence(trouble) if trouble else "")
        self._trouble.setVisible(trouble is not None)

    def _change(self, folder: str) -> None:
        self._session.change_settings(replace(self._session.settings, comparison_model=folder))
        self.look_again()

    def _ask_for_folder(self) -> None:
        chosen = self._session.settings.comparison_model
        start = str(Path(chosen).parent if chosen else Path.home())
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder of a CLIP or DINOv2 model"), start)
        if folder:
            self.use_model(Path(folder))

    def _build(self) -> None:
        title = self.tr("Model that compares previews")
        self.setAccessibleName(title)
        self._path = label("", wraps=True)
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._choose = quiet_button(self.tr("Choose…"), "folder")
        self._choose.setAccessibleName(self.tr("Choose the model that compares previews"))
        self._remove = quiet_button(self.tr("Use none"), "x")
        self._trouble = label("", "harm", wraps=True)
        note = self.tr(
            "The folder of a CLIP or DINOv2 model, as the transformers library saves it. Previews are then compared "
            "with your pictures by this model as well, and a CLIP also tells how well they follow their prompts. "
            "Applies to the next run."
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._path, 1)
        row.addWidget(self._remove)
        row.addWidget(self._choose)
        self.body.addWidget(label(title, "heading"))
        self.body.addLayout(row)
        self.body.addWidget(self._trouble)
        self.body.addWidget(label(note, "small", wraps=True))
