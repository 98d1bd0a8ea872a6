"""How pictures and models come into the window: dropped, pasted or chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from calotype.domain.errors import WebAddressError
from calotype.ui.models.dropped_data import is_welcome, local_paths, pictures_in, web_address
from calotype.ui.models.file_adding import FileAdding
from calotype.ui.models.folder_scale import FolderScale
from calotype.ui.models.held_files import HeldFiles
from calotype.ui.models.session import Session
from calotype.ui.windows.large_folder_dialog import LargeFolderDialog

_PATTERNS = (
    "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif *.avif *.heic *.heif *.jp2 *.zip "
    "*.dng *.cr2 *.cr3 *.nef *.arw *.raf *.orf *.rw2"
)


class Incoming(QObject):
    """Watches a window for drops, and answers paste and choose.

    hovering: something is held over the window now, or no more.
    """

    hovering = Signal(bool)
    held = HeldFiles()  # what was over the window last

    def __init__(self, session: Session, window: QWidget, wants_new: Callable[[], bool]) -> None:
        """`wants_new` says whether pictures begin a new project now."""
        super().__init__(window)
        self._session = session
        self._window = window
        self._wants_new = wants_new
        self._adding = FileAdding(session, self)
        self._scale = FolderScale(session.intake, self)
        self._scale.is_large.connect(self._ask_about)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def choose_files(self) -> None:
        """Ask for pictures and zips, and take them in."""
        kinds = self.tr("Pictures and zips ({patterns})").format(patterns=_PATTERNS)
        title = self.tr("Choose pictures")
        names, _ = QFileDialog.getOpenFileNames(self._window, title, str(Path.home()), kinds)
        self._session.import_paths([Path(name) for name in names], into_new=self._wants_new())

    def paste(self) -> None:
        """Take in what the clipboard holds: files, or a picture."""
        self._take(QApplication.clipboard().mimeData(), into_new=False)

    def take_paths(self, paths: Sequence[Path], *, into_new: bool) -> None:
        """Take in files and folders, each to where it belongs."""
        sorted_paths = HeldFiles.of(paths)
        self._scale.take(sorted_paths.pictures, into_new=into_new)
        self._add_models(sorted_paths.models)
        self._add_packs(sorted_paths.packs)

    def take_as_dropped(self, paths: Sequence[Path]) -> None:
        """Take in files as if they fell on the page in front."""
        self.take_paths(paths, into_new=self._wants_new())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dropped: into a new project on Home, elsewhere into the open one."""
        if isinstance(event, QDragEnterEvent):  # also a drop event, so it comes first
            if is_welcome(event.mimeData()):
                event.acceptProposedAction()
                self.held = HeldFiles.of(local_paths(event.mimeData()))
                self.hovering.emit(True)
        elif event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.hovering.emit(False)
            self._take(event.mimeData(), into_new=self._wants_new())
            return True
        return super().eventFilter(watched, event)

    def _take(self, data: QMimeData, *, into_new: bool) -> None:
        session = self._session
        if paths := local_paths(data):
            self.take_paths(paths, into_new=into_new)
        elif pictures := pictures_in(data):
            session.intake.take_pictures(pictures, into_new=into_new)
        elif address := web_address(data):
            session.failure.emit(WebAddressError(urlsplit(address).netloc or address[:80]))

    def _ask_about(self, paths: Sequence[Path], into_new: bool) -> None:
        dialog = LargeFolderDialog(self._session.intake, paths, into_new, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _add_models(self, paths: Sequence[Path]) -> None:
        """Models and LoRAs belong to the Library, whatever page they fall on; what cannot be used is said."""
        if paths:
            self._session.page_requested.emit("library")
            self._adding.add(paths)

    def _add_packs(self, paths: Sequence[Path]) -> None:
        """A GPU pack belongs to Settings, which shows how far it is; one at a time."""
        if paths:
            from calotype.ui.widgets.gpu_pack_card import GpuPackCard  # not before a pack comes

            self._session.page_requested.emit("settings")
            card = self._window.findChild(GpuPackCard)
            if isinstance(card, GpuPackCard):
                card.add_pack(paths[0])
