"""Offers captions for pictures that came in without any: the prompts inside them, or the names of their files."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from calotype.ui.models.intake import Intake
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.labels import label


class CaptionOffer(QWidget):
    """One line under the result of an import."""

    def __init__(self, intake: Intake, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        imports = self._imports = intake.imports
        self._text = label("", wraps=True)
        self.prompts_button = link_button("")
        self.prompts_button.setToolTip(
            self.tr("Pictures that a program generated carry the prompt they were made with")
        )
        self.prompts_button.clicked.connect(lambda: intake.use_words(imports.prompts))
        self.names_button = link_button("")
        self.names_button.setToolTip(
            self.tr("“red_car (2).jpg” becomes “red car”; names that a camera gave are left alone")
        )
        self.names_button.clicked.connect(lambda: intake.use_words(imports.names))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(12)
        row.addWidget(self._text, 1)
        row.addWidget(self.prompts_button)
        row.addWidget(self.names_button)
        imports.changed.connect(self._refresh)
        imports.finished.connect(self._refresh)
        self._refresh()

    @property
    def has_something(self) -> bool:
        """True if there are words to offer."""
        return bool(self._imports.prompts or self._imports.names)

    def _refresh(self) -> None:
        prompts, names = self._imports.prompts, self._imports.names
        self._text.setText(self.tr("%n picture(s) without a caption could have one", "", len({*prompts, *names})))
        self.prompts_button.setText(self.tr("Use the prompts inside (%n)", "", len(prompts)))
        self.prompts_button.setVisible(bool(prompts))
        self.names_button.setText(self.tr("Use the file names (%n)", "", len(names)))
        self.names_button.setVisible(bool(names))
