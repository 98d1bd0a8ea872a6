"""What the Images page shows while there are no pictures: where to drop some, and a sample to try."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.imageset import Project
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.drop_zone import DropZone


class ImagesInvitation(QWidget):
    """One large place to drop pictures on, and two buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choose_button = primary_button(self.tr("Choose pictures…"), "image-plus")
        self.sample_button = quiet_button(self.tr("Try the sample"), "sparkles")
        self._zone = DropZone("", "", self.choose_button, self.sample_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.addWidget(self._zone)

    def show_project(self, project: Project | None) -> None:
        """Say where dropped pictures would go."""
        formats = self.tr(
            "Files, folders or a zip; paste works too. Yours stay as they are. 8 to 40 pictures work best."
        )
        if project is None:
            title = self.tr("No project is open: drop pictures here to begin one")
        else:
            title = self.tr("Drop pictures of “{name}” here").format(name=project.name)
        self._zone.set_words(title, formats)
