"""Whether the open project is fit to train on, found out in a thread: comparing all pictures takes a while."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from calotype.domain.imageset import ImageSet
from calotype.domain.readiness import Readiness
from calotype.services.set_checks import expected_size, find_readiness
from calotype.ui.models.examination_model import ExaminationModel
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob

_PAUSE_MS = 120
_REST = 3  # times as long as judging took: a large set is not judged without a break while it is looked at


class ReadinessModel(QObject):
    """The readiness of the open project. changed: it was found out again."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self.readiness: Readiness | None = None
        self.examination = ExaminationModel(session, self)
        self.examination.grew.connect(self._look_again)
        self._judged: ImageSet | None = None
        self._is_outdated = False
        self._took = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._find_out)
        session.images_changed.connect(self._look_soon)
        session.imports.finished.connect(self._look_soon)
        session.runs_changed.connect(self._look_again)
        session.intake.folders.changed.connect(self._look_at_links)
        session.project_changed.connect(self._start_over)
        self._look_soon()

    def _look_soon(self) -> None:
        self._timer.start()

    def _look_again(self) -> None:
        self._is_outdated = True
        if not self._timer.isActive():
            self._timer.start()

    def _look_at_links(self) -> None:
        """The folders were looked at: files that were left there may be gone, or back."""
        image_set = self._session.image_set
        if image_set is not None and any(image.linked_to is not None for image in image_set.images):
            self._look_again()

    def _find_out(self) -> None:
        image_set = self._session.image_set
        if image_set is None:
            self._take(None)
            return
        if self._job is not None or self._session.imports.is_running:
            return  # found out again when that has ended
        workspace, seen = self._session.workspace, self.examination.seen
        self._judged, self._is_outdated = image_set, False
        self._took.start()

        def judge() -> Readiness:
            return find_readiness(workspace, image_set, expected_size(workspace, image_set.project), seen)

        self._job = BackgroundJob(lambda: iter([judge()]), self)
        self._job.reported.connect(self._take_judged)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._rest)
        self._job.start()

    def _start_over(self) -> None:
        """What was found out about another project must not stand over this one."""
        self._take(None)
        self._look_soon()

    def _take_judged(self, readiness: Readiness) -> None:
        project = self._session.project
        if project is not None and self._judged is not None and project.id == self._judged.project.id:
            self._take(readiness)

    def _take(self, readiness: Readiness | None) -> None:
        self.readiness = readiness
        self.changed.emit()

    def _rest(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        self._timer.setInterval(max(_PAUSE_MS, _REST * self._took.elapsed()))
        if self._judged is not self._session.image_set or self._is_outdated:
            self._look_soon()
