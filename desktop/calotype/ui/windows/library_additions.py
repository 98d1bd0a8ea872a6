"""The ways to add something to the Library: buttons, and the dialogs that they open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from calotype.domain.recognised import MODEL_SUFFIXES
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.windows.download_dialog import DownloadDialog


class LibraryAdditions(QObject):
    """Asks for a folder, a file or the name of a model to download.

    model_chosen: the folder or file of a base model. lora_chosen: a LoRA file. Both are a Path.
    """

    model_chosen = Signal(object)
    lora_chosen = Signal(object)

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._downloading: DownloadDialog | None = None
        download = quiet_button(self.tr("Hugging Face…"), "download")
        download.setToolTip(self.tr("Download a base model from Hugging Face"))
        download.setAccessibleName(download.toolTip())
        add_model = quiet_button(self.tr("Add a model folder…"), "folder")
        add_file = quiet_button(self.tr("Add a model file…"), "box")
        add_lora = quiet_button(self.tr("Add a LoRA file…"), "plus")
        download.clicked.connect(self.download)
        add_model.clicked.connect(self._choose_model)
        add_file.clicked.connect(self._choose_file)
        add_lora.clicked.connect(self._choose_lora)
        self.buttons: list[QWidget] = [download, add_model, add_file, add_lora]

    def download(self) -> DownloadDialog:
        """Show the dialog that downloads a model, or bring the one to the front that is at work."""
        if self._downloading is None:
            self._downloading = DownloadDialog(self._session, self._page)
            self._downloading.finished.connect(self._end_download)
            self._downloading.show()
        self._downloading.activateWindow()
        return self._downloading

    def _end_download(self) -> None:
        if self._downloading is not None:
            self._downloading.deleteLater()
        self._downloading = None

    def _choose_model(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._page, self.tr("Folder of a diffusers model"), str(Path.home()))
        if folder:
            self.model_chosen.emit(Path(folder))

    def _choose_file(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in MODEL_SUFFIXES)
        path, _filter = QFileDialog.getOpenFileName(
            self._page, self.tr("Model file"), str(Path.home()), self.tr("Models ({kinds})").format(kinds=kinds)
        )
        if path:
            self.model_chosen.emit(Path(path))

    def _choose_lora(self) -> None:
        path, _filter = QFileDialog.getOpenFileName(
            self._page, self.tr("LoRA file"), str(Path.home()), self.tr("LoRA (*.safetensors)")
        )
        if path:
            self.lora_chosen.emit(Path(path))
