"""What has changed in the folders that the open project was made from, and taking that in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from calotype.domain.control import Control, Stop
from calotype.domain.imageset import CaptionedImage, Project
from calotype.domain.origins import FolderChanges
from calotype.services.folder_changes import has_origins, look_again, take_in_new
from calotype.ui.models.folder_steps import FolderSteps
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.intake import Intake
    from calotype.ui.models.session import Session

_REST_MS = 10_000  # between two looks that nobody asked for
_QUICK = 5_000  # pictures; for many more a look takes seconds, and is left to the opening of the project and to a press


class FolderNews(QObject):
    """Looks at the folders when a project is opened, when the window is come back to, and when asked.

    changed: there is news, or none any more. `is_asked`: a person wants to hear even that nothing has changed.
    """

    changed = Signal()

    def __init__(self, session: Session, intake: Intake) -> None:
        super().__init__(intake)
        self._session = session
        self._intake = intake
        self._job: BackgroundJob | None = None
        self._control = Control()
        self._steps = FolderSteps(session, self)
        self._steps.ended.connect(self.look)
        self._dismissed = FolderChanges()  # news that a person has seen
        self._is_outdated = False
        self._since_look = QElapsedTimer()
        self._since_look.start()
        self.changes = FolderChanges()
        self.is_asked = False
        session.project_changed.connect(self._begin)
        session.imports.finished.connect(lambda _result: self.look())
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._come_back)
            app.aboutToQuit.connect(self.stop)  # leaving the program waits for every job

    @property
    def can_look(self) -> bool:
        """True if the open project remembers a folder."""
        project = self._session.project
        return project is not None and has_origins(project)

    @property
    def is_looking(self) -> bool:
        """True while the folders are being compared."""
        return self._job is not None

    def look(self, *, is_asked: bool = False) -> None:
        """Compare the folders with what they held, in a thread."""
        project = self._session.project
        if project is None or not (is_asked or self.can_look):
            return
        self.is_asked = is_asked or (self.is_asked and self.is_looking)
        if self._job is not None:
            self._is_outdated = True  # the look that is going on may have been too early
            return
        self._since_look.start()
        workspace, control = self._session.workspace, Control()
        self._control = control
        self._job = BackgroundJob(lambda: iter([(project, look_again(workspace, project, control))]), self)
        self._job.reported.connect(self._take)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._end)
        self._job.start()

    def stop(self) -> None:
        """End the look that is going on soon, as a folder in a network may take minutes."""
        self._control.send(Stop())

    def dismiss(self) -> None:
        """Say nothing more about it."""
        self._dismissed = self.changes
        self.changes, self.is_asked = FolderChanges(), False
        self.changed.emit()

    def take_in_new(self) -> None:
        """Import what is new."""
        new, workspace = self.changes.new, self._session.workspace
        self._intake.start(lambda project, control: take_in_new(workspace, project, new, control))

    def replace_changed(self) -> None:
        """Read edited files again, in the places of their old pictures."""
        project, changed = self._session.project, self.changes.changed
        if project is not None and changed:
            self._steps.replace(project, changed)

    def remove(self, content_hashes: Sequence[str]) -> None:
        """Move pictures to the trash."""
        project = self._session.project
        if project is not None and content_hashes:
            self._steps.remove(project, content_hashes)

    def keep(self) -> None:
        """Keep the copies of pictures whose files are gone, and forget where they came from."""
        image_set, gone = self._session.image_set, set(self.changes.vanished)
        if image_set is not None and gone:
            images = [image for image in image_set.images if image.content_hash in gone]
            self._steps.keep(image_set.project, images)

    def find_again(self, folder: Path) -> None:
        """Look for the files of missing pictures in a folder."""
        project = self._session.project
        if project is not None:
            self._steps.find_again(project, self.changes.unreachable, self._away(), folder)

    def forget_folders(self) -> None:
        """Say nothing more about the folders that are not there."""
        project = self._session.project
        if project is not None and self.changes.unreachable:
            self._steps.forget(project, self.changes.unreachable)

    @property
    def can_forget_folders(self) -> bool:
        """True unless pictures are used where they are in a folder that is not there."""
        return not self._away()

    def _away(self) -> tuple[str, ...]:
        image_set = self._session.image_set
        return _away(image_set.images if image_set is not None else (), self.changes)

    def _begin(self, project: Project | None) -> None:
        self.dismiss()
        self._dismissed = FolderChanges()
        if project is not None:
            self.look()

    def _come_back(self, state: Qt.ApplicationState) -> None:
        """Look again when a person comes back from other programs, in which they may have edited a picture."""
        image_set = self._session.image_set
        is_small = image_set is not None and len(image_set.images) <= _QUICK
        is_calm = self._since_look.elapsed() > _REST_MS and not self._session.imports.is_running
        if state is Qt.ApplicationState.ApplicationActive and is_small and is_calm:
            self.look()

    def _take(self, found: tuple[Project, FolderChanges]) -> None:
        project, changes = found
        if self._session.project is not None and project.id == self._session.project.id:
            self.changes = FolderChanges() if changes == self._dismissed and not self.is_asked else changes

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        if self._is_outdated:
            self._is_outdated = False
            self.look(is_asked=self.is_asked)
            return
        image_set = self._session.image_set
        if image_set is not None and any(image.linked_to is not None for image in image_set.images):
            self._session.open_images.reload()  # a renamed file is used at its new place now
        self.changed.emit()


def _away(images: Sequence[CaptionedImage], changes: FolderChanges) -> tuple[str, ...]:
    """The pictures that are used where they are, and are not there, also because their whole folder is not."""
    inside = [
        image.content_hash
        for image in images
        if image.linked_to is not None and any(image.linked_to.is_relative_to(folder) for folder in changes.unreachable)
    ]
    return (*changes.missing, *inside)
