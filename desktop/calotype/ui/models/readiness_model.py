"""Whether the open project is fit to train on, found out in a thread: comparing all pictures takes a while."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, QTimer, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import ImagesCompared, SidesChosen
from calotype.domain.imageset import ImageSet
from calotype.domain.readiness import Readiness
from calotype.services.set_checks import judge
from calotype.ui.models.examination_model import ExaminationModel
from calotype.ui.models.session import Session
from calotype.ui.models.time_left import ShareLeft
from calotype.ui.workers.background_job import BackgroundJob

_PAUSE_MS = 120
_REST = 3  # times as long as judging took: a large set is not judged without a break while it is looked at


class ReadinessModel(QObject):
    """The readiness of the open project.

    changed: it was found out again. compared: the share of comparing the pictures that is done, and how many seconds
    are left or None; both are None at the end.
    """

    changed = Signal()
    compared = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self.readiness: Readiness | None = None
        self.examination = ExaminationModel(session, self)
        self.examination.grew.connect(self._look_again)
        self._judged: ImageSet | None = None
        self._control, self._comparing = Control(), ShareLeft()
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
        session.imports.changed.connect(self._make_way)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)  # leaving the program waits for every job
        self._look_soon()

    def stop(self) -> None:
        """End soon; what was compared by then is kept."""
        self._control.send(Stop())

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
        self._control, self._comparing = Control(), ShareLeft()
        control = self._control
        self._took.start()
        self._job = BackgroundJob(lambda: judge(workspace, image_set, seen, control), self)
        self._job.reported.connect(self._apply)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._rest)
        self._job.start()

    def _start_over(self) -> None:
        """What was found out about another project must not stand over this one."""
        self.stop()
        self._take(None)
        self._look_soon()

    def _make_way(self) -> None:
        """An import compares its pictures itself, and would wait."""
        if self._session.imports.is_running:
            self.stop()

    def _apply(self, event: ImagesCompared | SidesChosen | Readiness) -> None:
        match event:
            case ImagesCompared(share=share):
                self._took.start()  # judging alone decides on the rest
                self.compared.emit(share, self._comparing.seconds(share))
            case SidesChosen():
                self._session.open_images.reload()
            case Readiness():
                self._take_judged(event)
            case _:
                assert_never(event)

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
        self.compared.emit(None, None)
        self._timer.setInterval(max(_PAUSE_MS, _REST * self._took.elapsed()))
        was_stopped = self._control.is_stopping
        if self._judged is not self._session.image_set or self._is_outdated or was_stopped:
            self._look_soon()
