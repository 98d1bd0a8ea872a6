"""Looking at the pictures of the open project, once each, in the background: how far it is and what was found."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, QTimer, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import ExaminationEvent, ExaminationFinished, ExaminationStarted, ImagesExamined
from calotype.domain.image_facts import ImageFacts
from calotype.domain.imageset import ImageSet, SubjectKind
from calotype.services.image_examination import examine_images
from calotype.services.set_checks import Seen
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob

_PAUSE_MS = 150
_GREW_MS = 2000  # judging a large set again takes a while


class ExaminationModel(QObject):
    """What is known about the pixels of the open project.

    progressed: so many pictures of so many were looked at, after each lot; 0 of 0 at the end.
    grew: more is known, every two seconds and at the end.
    """

    progressed = Signal(int, int)
    grew = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self._control = Control()
        self._looked_at: ImageSet | None = None
        self._since_grew = QElapsedTimer()
        self._forget()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        session.images_changed.connect(self._timer.start)
        session.imports.finished.connect(self._timer.start)
        session.open_images.looked_again.connect(self._retry)
        session.project_changed.connect(self.stop)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)  # leaving the program waits for every job
        self._timer.start()

    def _forget(self) -> None:
        self._about: tuple[str, SubjectKind] | None = None
        self._facts: dict[str, ImageFacts] = {}
        self._unreadable: set[str] = set()

    @property
    def is_running(self) -> bool:
        """True while pictures are looked at."""
        return self._job is not None

    @property
    def seen(self) -> Seen:
        """What is known now."""
        return Seen(dict(self._facts), frozenset(self._unreadable))

    def stop(self) -> None:
        """End soon; what was found is kept."""
        self._control.send(Stop())

    def _retry(self) -> None:
        """A picture that was broken may be whole by now, without being another one."""
        if self._unreadable:
            self._timer.start()

    def _look(self) -> None:
        image_set = self._session.image_set
        if self._job is not None or self._session.imports.is_running:
            return  # looked at again when that has ended
        if image_set is None:
            self._forget()
            return
        about = (image_set.project.id, image_set.project.kind)
        if about != self._about:
            self._forget()
            self._about = about
        unknown = tuple(image for image in image_set.images if image.content_hash not in self._facts)
        if not unknown:
            return
        self._looked_at, self._control = image_set, Control()
        workspace, control = self._session.workspace, self._control
        self._job = BackgroundJob(lambda: examine_images(workspace, replace(image_set, images=unknown), control), self)
        self._job.reported.connect(self._apply)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._rest)
        self._since_grew.start()
        self._job.start()

    def _apply(self, event: ExaminationEvent) -> None:
        match event:
            case ExaminationStarted(known=known, total=total):
                self._facts.update(known)
                self.grew.emit()
                self.progressed.emit(0, total)
            case ImagesExamined():
                self._facts.update(event.found)
                self._unreadable = (self._unreadable - event.found.keys()) | event.unreadable
                self.progressed.emit(event.done, event.total)
                if self._since_grew.elapsed() > _GREW_MS:
                    self._since_grew.start()
                    self.grew.emit()
            case ExaminationFinished():
                pass
            case _:
                assert_never(event)

    def _rest(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        self.progressed.emit(0, 0)
        self.grew.emit()
        if self._looked_at is not self._session.image_set:
            self._timer.start()
