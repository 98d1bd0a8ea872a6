"""GPU packs as the window sees them: what is there, what is being added, and how that ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from calotype.domain.control import Control
from calotype.domain.events import DownloadProgress
from calotype.domain.events.packs import PackInstalled, PackProgress, PackTrial
from calotype.domain.releases import PackOffer
from calotype.services import gpu_packs
from calotype.services.gpu_packs import PacksReport
from calotype.services.pack_downloads import download_pack, find_pack
from calotype.services.updates import can_look
from calotype.ui.models.job_model import JobModel
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.models.session import Session


class PackModel(JobModel):
    """Downloads, adds, chooses or removes one pack at a time.

    looked: another report is there.
    """

    looked = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.report: PacksReport | None = None
        self._is_online = False
        self._look = QuickLook(self)
        self._look.answered.connect(self._take_report)
        self.finished.connect(self.look_again)

    def forget(self) -> None:
        """Leave nothing of the work before."""
        super().forget()
        self.progress: PackProgress | DownloadProgress | None = None
        self.offer: PackOffer | None = None  # what a download would fetch, once it was asked for
        self.installed = ""  # the pack that was added

    def look_again(self) -> None:
        """Find out which packs and cards there are."""
        workspace = self.session.workspace
        self._look.ask(lambda: gpu_packs.packs_report(workspace))

    def add(self, path: Path) -> None:
        """Add the pack in a file."""
        workspace = self.session.workspace
        if not self.is_running:
            self.run(lambda control: gpu_packs.install_pack(workspace, path, control))

    @property
    def can_download(self) -> bool:
        """Whether this copy of the program knows a place where packs are published."""
        return can_look()

    def look_up(self) -> None:
        """Ask which published pack fits, which the user then sees and agrees to."""
        if not self.is_running:
            self._go_online(lambda _control: iter([find_pack()]))

    def download(self, offer: PackOffer) -> None:
        """Fetch and add the pack that was offered."""
        workspace = self.session.workspace
        if not self.is_running:
            self._go_online(lambda control: download_pack(workspace, offer, control))

    def choose(self, name: str) -> None:
        """Use a pack from the next start on."""
        self._do(lambda: gpu_packs.choose_pack(self.session.workspace, name))

    def remove(self, name: str) -> None:
        """Delete a pack."""
        self._do(lambda: gpu_packs.remove_pack(self.session.workspace, name))

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
        match event:
            case PackOffer():
                self.offer = event
            case PackProgress() | DownloadProgress():
                self.progress = event
            case PackTrial():
                self.progress = None  # how long it takes cannot be told
            case PackInstalled():
                self.installed = event.name
        super().apply(event)

    def _go_online(self, produce: Callable[[Control], Iterator[object]]) -> None:
        self._is_online = True
        self.run(produce)
        self.session.online_changed.emit(True)

    def _end(self) -> None:
        if self._is_online:
            self._is_online = False
            self.session.online_changed.emit(False)
        super()._end()

    def _do(self, action: Callable[[], None]) -> None:
        def produce(_control: Control) -> Iterator[object]:
            action()
            yield None

        if not self.is_running:
            self.run(produce)

    def _take_report(self, report: object) -> None:
        if isinstance(report, PacksReport):
            self.report = report
            self.looked.emit()
