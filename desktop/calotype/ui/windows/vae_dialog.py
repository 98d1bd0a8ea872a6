"""Puts another VAE in the place of a base model's own, or gives it its own back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from calotype.domain.models import BaseModelCard
from calotype.services import model_catalog
from calotype.ui.models.job_model import JobModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.facts import Facts
from calotype.ui.windows.task_dialog import TaskDialog

WIDTH_PX = 540


class VaeDialog(TaskDialog):
    """What fits is used at once; what does not is refused here, with the reason."""

    def __init__(self, session: Session, card: BaseModelCard, parent: QWidget | None = None) -> None:
        super().__init__(JobModel(session), parent)
        self.setWindowTitle(self.tr("VAE of {name}").format(name=card.name))
        self.setMinimumWidth(WIDTH_PX)
        self.session, self.card = session, card
        self.facts = Facts()
        self.bar.setAccessibleName(self.tr("Looking at the file"))
        self.own_button = quiet_button(self.tr("Use its own"), "rotate-ccw")
        self.folder_button = quiet_button(self.tr("Choose a folder…"), "folder")
        self.file_button = quiet_button(self.tr("Choose a file…"), "box")
        self.close_button = quiet_button(self.tr("Close"))
        self.own_button.clicked.connect(lambda: self.use(None))
        self.folder_button.clicked.connect(self._choose_folder)
        self.file_button.clicked.connect(self._choose_file)
        self.close_button.clicked.connect(self.reject)
        text = self.tr(
            "The VAE makes pictures out of what the model draws. Some models are better with another one of the same "
            "kind. The file stays where it is, and so does the model."
        )
        buttons = [self.own_button, None, self.folder_button, self.file_button, self.close_button]
        self.lay_out(text, [self.facts], buttons)
        self.show_state()

    def use(self, vae: Path | None) -> None:
        """Use this file or folder from now on, or with None the model's own VAE."""
        workspace, model_id = self.session.workspace, self.card.id
        if not self.task.is_running:
            self.banner.clear()
            self.task.run(lambda _control: iter([model_catalog.set_vae(workspace, model_id, vae)]))

    def show_state(self) -> None:
        """Show which VAE is used, and what can be chosen."""
        used = str(self.card.vae) if self.card.vae else self.tr("its own")
        self.facts.show_facts({self.tr("Now"): used})
        self.show_progress(0, 0, "")
        for button in (self.own_button, self.folder_button, self.file_button):
            button.setEnabled(not self.task.is_running)
        self.own_button.setVisible(self.card.vae is not None)

    def ended(self) -> None:
        """Show what is used by now."""
        if self.task.failure is None:
            self.card = model_catalog.find_base_model(self.session.workspace, self.card.id)
            self.session.models_changed.emit()
        self.show_state()
        self.close_button.setFocus()

    def _choose_file(self) -> None:
        kinds = self.tr("VAE (*.safetensors)")
        path, _kind = QFileDialog.getOpenFileName(self, self.file_button.text(), str(Path.home()), kinds)
        if path:
            self.use(Path(path))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.folder_button.text(), str(Path.home()))
        if folder:
            self.use(Path(folder))
