"""A download from the hub as the window sees it: what would be fetched, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, QObject, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import DownloadFinished, DownloadProgress, DownloadStarted
from calotype.domain.hub import DEFAULT_REVISION, ModelOffer
from calotype.domain.transfer_rate import TransferRate
from calotype.services import model_downloads
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class DownloadModel(QObject):
    """First `look_up`, then `start`; one of them at a time.

    changed: after every event, and when something begins, stops or fails. finished: what was going on has ended, and
    its thread has gone.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._control = Control()
        self._job: BackgroundJob | None = None
        self.offer: ModelOffer | None = None
        self._begin_anew()
        # Leaving the program waits for every job.
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    def _begin_anew(self) -> None:
        self.progress: DownloadProgress | None = None
        self.rate = TransferRate()
        self.model_id = ""  # of the base model that it became
        self.failure: BaseException | None = None
        self.is_stopping = False

    @property
    def is_running(self) -> bool:
        """True from the beginning of either work until its thread has gone."""
        return self._job is not None

    @property
    def is_looking(self) -> bool:
        """The hub is being asked what there is."""
        return self.is_running and self.offer is None

    @property
    def seconds_left(self) -> float | None:
        """The time until all is here; None while that cannot be told."""
        return self.rate.seconds_left(self.progress.total_bytes) if self.progress else None

    def look_up(self, name: str, revision: str, file_name: str) -> None:
        """Ask the hub what it would fetch."""
        if self.is_running:
            return
        self.offer = None
        workspace, asked = self._session.workspace, revision or DEFAULT_REVISION
        self._run(lambda: iter([model_downloads.look_up(workspace, name, asked, file_name)]))

    def start(self) -> None:
        """Fetch what was offered, which the user has seen and agreed to."""
        offer = self.offer
        if self.is_running or offer is None:
            return
        self._control = control = Control()
        self._run(lambda: model_downloads.download(self._session.workspace, offer, control))

    def stop(self) -> None:
        """End soon, and keep what was fetched."""
        if self.is_running:
            self.is_stopping = True
            self._control.send(Stop())
            self.changed.emit()

    def forget_offer(self) -> None:
        """Another model is wanted."""
        if not self.is_running:
            self.offer = None
            self._begin_anew()
            self.changed.emit()

    def _run(self, produce: Callable[[], Iterator[object]]) -> None:
        self._begin_anew()
        self._job = BackgroundJob(produce, self)
        self._job.reported.connect(self._apply)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()
        self._session.online_changed.emit(True)
        self.changed.emit()

    def _apply(self, event: object) -> None:
        match event:
            case ModelOffer():
                self.offer = event
            case DownloadStarted():
                self.rate.note(event.kept_bytes)
            case DownloadProgress():
                self.progress = event
                self.rate.note(event.done_bytes)
            case DownloadFinished():
                self.model_id = event.model_id
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        self.changed.emit()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self.is_stopping = False
        self._session.online_changed.emit(False)
        if self.model_id:
            self._session.models_changed.emit()
        self.changed.emit()
        self.finished.emit()
