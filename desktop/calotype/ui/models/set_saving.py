"""The saving of a set as a folder for other trainers, and where the last one went."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from calotype.services.set_export import ExportedPicture, export_set
from calotype.ui.models.job_model import JobModel
from calotype.ui.models.session import Session


class SetSaving(JobModel):
    """One saving at a time; what fails is said in the window."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.project_changed.connect(self.start_over)

    def start_over(self) -> None:
        """Speak no more of what was saved."""
        if not self.is_running:
            self.forget()
            self.changed.emit()

    def forget(self) -> None:
        """Leave nothing of the saving before."""
        super().forget()
        self.written: ExportedPicture | None = None

    @property
    def saved(self) -> ExportedPicture | None:
        """The last picture of a saving that is whole."""
        is_whole = self.written is not None and self.written.number == self.written.total
        return self.written if is_whole and not self.is_running else None

    @property
    def can_begin(self) -> bool:
        """True if there are pictures."""
        image_set = self.session.image_set
        return image_set is not None and bool(image_set.included.images) and not self.is_running

    def save(self, parent: Path) -> None:
        """Write the pictures of the open project into a new folder below this one."""
        project = self.session.project
        if project is not None and not self.is_running:
            workspace = self.session.workspace
            self.run(lambda control: export_set(workspace, project, parent, control))

    def apply(self, event: object) -> None:
        """Note how far it is."""
        assert isinstance(event, ExportedPicture)
        self.written = event
        super().apply(event)

    def _fail(self, error: BaseException) -> None:
        super()._fail(error)
        self.session.failure.emit(error)
