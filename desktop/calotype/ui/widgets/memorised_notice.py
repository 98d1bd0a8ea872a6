"""Says that a preview repeats a training picture, and shows the two side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from calotype.domain.events import PreviewsMeasured
from calotype.ui.look.likeness import memorised_text
from calotype.ui.widgets.banner import Banner
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.thumbnail_row import ThumbnailRow

SIDE_PX = 52

Locate = Callable[[str], Path | None]


class MemorisedNotice(Banner):
    """Shown while the newest previews repeat a training picture, until it is dismissed.

    image_requested: the user wants to see the picture with this content hash among the others.
    """

    image_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("plain", "image", parent)
        self._locate: Locate = lambda _hash: None
        self._shown = ""  # which finding is shown or was dismissed: a redraw of the page changes nothing
        self._pair = ThumbnailRow(SIDE_PX)
        self._pair.setToolTip(self.tr("At the left the preview, at the right your picture"))
        self._row.replaceWidget(self._icon, self._pair)
        self._icon.hide()

    def set_locate(self, locate: Locate) -> None:
        """Take what knows the file of a training picture by its content hash; None if it was removed."""
        self._locate = locate

    def show_finding(
        self,
        run_id: str,
        measured: PreviewsMeasured | None,
        kept: PreviewsMeasured | None = None,
        preview: Path | None = None,
    ) -> None:
        """Show what was found out about the newest previews, of which `preview` repeats a picture, and those of the
        step that is kept.
        """
        if measured is None or not measured.is_memorised:
            self._shown = ""
            self.clear()
            return
        key = f"{run_id}/{measured.step}/{measured.nearest_hash}"
        if key == self._shown:
            return
        self._shown = key
        picture = self._locate(measured.nearest_hash)
        self._pair.show_files([path for path in (preview, picture) if path is not None])
        buttons = []
        if picture is not None:
            button = quiet_button(self.tr("Show the picture"), "image")
            button.clicked.connect(lambda: self.image_requested.emit(measured.nearest_hash))
            buttons.append(button)
        self.show_text(memorised_text(measured, kept), *buttons)
