"""Whether the open project is fit to train on, found out in a thread: comparing all pictures takes a while."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from calotype.domain.imageset import ImageSet
from calotype.domain.models import STARTER_ID
from calotype.domain.readiness import Readiness
from calotype.services import library, model_catalog
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob

_PAUSE_MS = 120


class ReadinessModel(QObject):
    """The readiness of the open project. changed: it was found out again."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self.readiness: Readiness | None = None
        self._judged: ImageSet | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._find_out)
        session.images_changed.connect(self._look_soon)
        session.imports.finished.connect(self._look_soon)
        self._look_soon()

    def _look_soon(self) -> None:
        self._timer.start()

    def _find_out(self) -> None:
        image_set = self._session.image_set
        if image_set is None:
            self._take(None)
            return
        if self._job is not None or self._session.imports.is_running:
            return  # found out again when that has ended
        workspace = self._session.workspace
        self._judged = image_set

        def judge() -> Readiness:
            # The shipped model is the one that is used unless another is chosen on the Train page.
            resolution_px = model_catalog.find_base_model(workspace, STARTER_ID).resolution_px
            return library.readiness(workspace, image_set, resolution_px)

        self._job = BackgroundJob(lambda: iter([judge()]), self)
        self._job.reported.connect(self._take)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._rest)
        self._job.start()

    def _take(self, readiness: Readiness | None) -> None:
        self.readiness = readiness
        self.changed.emit()

    def _rest(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        if self._judged is not self._session.image_set:
            self._look_soon()
