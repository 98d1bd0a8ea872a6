"""A download from the hub as the window sees it: what would be fetched, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from calotype.domain.control import Control
from calotype.domain.events import DownloadFinished, DownloadProgress, DownloadStarted
from calotype.domain.hub import DEFAULT_REVISION, ModelOffer
from calotype.domain.transfer_rate import TransferRate
from calotype.services import model_downloads
from calotype.ui.models.job_model import JobModel
from calotype.ui.models.session import Session


class DownloadModel(JobModel):
    """First `look_up`, then `start`; one of them at a time. A stop keeps what was fetched."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.offer: ModelOffer | None = None

    def forget(self) -> None:
        """Leave nothing of the download before."""
        super().forget()
        self.progress: DownloadProgress | None = None
        self.rate = TransferRate()
        self.model_id = ""  # of the base model that it became

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
        workspace, asked = self.session.workspace, revision or DEFAULT_REVISION
        self.run(lambda _control: iter([model_downloads.look_up(workspace, name, asked, file_name)]))

    def start(self) -> None:
        """Fetch what was offered, which the user has seen and agreed to."""
        offer, workspace = self.offer, self.session.workspace
        if not self.is_running and offer is not None:
            self.run(lambda control: model_downloads.download(workspace, offer, control))

    def forget_offer(self) -> None:
        """Another model is wanted."""
        if not self.is_running:
            self.offer = None
            self.forget()
            self.changed.emit()

    def run(self, produce: Callable[[Control], Iterator[object]]) -> None:
        """Begin, and let the whole window know that the network is used."""
        super().run(produce)
        self.session.online_changed.emit(True)

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
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
        super().apply(event)

    def _end(self) -> None:
        self.session.online_changed.emit(False)
        if self.model_id:
            self.session.models_changed.emit()
        super()._end()
