"""The bottom of the window: what computes, what runs, what can be taken back, what is left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from calotype.ui.look.icons import icon
from calotype.ui.look.roles import set_role
from calotype.ui.look.theme import current_palette
from calotype.ui.look.wording import file_size
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.undo_bar import UndoBar

_HEIGHT = 34
_LOW_DISK_BYTES = 2e9


class StatusStrip(QWidget):
    """Facts in small words. device_chosen and job_chosen: the user pressed that part."""

    device_chosen = Signal()
    job_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "status")
        self.setFixedHeight(_HEIGHT)
        self._device = _part(self.tr("The device that computes"))
        self._device.clicked.connect(self.device_chosen)
        self._job = _part(self.tr("The work that is going on"))
        self._job.clicked.connect(self.job_chosen)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(120)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Progress"))
        self.undo_bar = UndoBar()
        self._disk = label("", "small")
        self._online = label("", "small")
        self.show_online(False)
        self._lay_out()
        self._draw_icons()
        self.show_job("", None)

    def show_device(self, text: str, tooltip: str) -> None:
        """Say what computes."""
        self._device.setText(text)
        self._device.setToolTip(tooltip)

    def show_job(self, text: str, fraction: float | None) -> None:
        """Say what runs and how far it is; nothing runs if the text is empty."""
        self._job.setText(text)
        self._job.setVisible(bool(text))
        self._progress.setVisible(bool(text) and fraction is not None)
        if fraction is not None:
            self._progress.setRange(0, 1000)
            self._progress.setValue(round(1000 * fraction))

    def show_disk(self, free_bytes: int) -> None:
        """Say how much can still be written."""
        is_low = free_bytes < _LOW_DISK_BYTES
        text = self.tr("Only {size} free") if is_low else self.tr("{size} free")
        self._disk.setText(text.format(size=file_size(free_bytes)))
        set_role(self._disk, "harm" if is_low else "small")

    def show_online(self, is_online: bool) -> None:
        """Say whether a connection is open, which only a download that the user asked for does."""
        self._online.setText(self.tr("Downloading") if is_online else self.tr("Offline"))
        self._online.setToolTip(
            self.tr("A model is being downloaded, as you asked. Nothing of yours is sent.")
            if is_online
            else self.tr("Nothing leaves this computer. Calotype never connects by itself.")
        )

    @property
    def online_text(self) -> str:
        """What is said about connections."""
        return self._online.text()

    def go_last_in_tab_order(self, window: QWidget) -> None:
        """Come after everything that is in the window now; pages are made later than the strip."""
        last = window.previousInFocusChain()
        if last is not None and last not in (self._device, self._job):
            QWidget.setTabOrder(last, self._device)
            QWidget.setTabOrder(self._device, self._job)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_online"):
            self._draw_icons()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 24, 0)
        row.setSpacing(16)
        row.addWidget(self._device)
        row.addWidget(self._job)
        row.addWidget(self._progress)
        row.addStretch()
        row.addWidget(self.undo_bar)
        row.addStretch()
        row.addWidget(self._disk)
        row.addWidget(self._online)

    def _draw_icons(self) -> None:
        self._device.setIcon(icon("cpu", current_palette().muted, 14))


def _part(name: str) -> QPushButton:
    part = QPushButton()
    part.setProperty("kind", "status")
    part.setAutoDefault(False)
    part.setIconSize(QSize(14, 14))
    part.setAccessibleDescription(name)
    return part
