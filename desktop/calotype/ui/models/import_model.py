"""The import that is going on, or the last one: how far it is and what became of each file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import (
    DuplicateSkipped,
    FileRefused,
    ImageAccepted,
    ImagesCompared,
    ImportEvent,
    ImportFinished,
    ImportStarted,
)
from calotype.ui.models.time_left import ShareLeft
from calotype.ui.workers.background_job import BackgroundJob

_REDRAW_MS = 200
_FEW = 8  # files, before which the time left would be a guess
_GREW_MS = 1200  # looking at all pictures again takes a while when there are thousands


class ImportModel(QObject):
    """One import as the window sees it.

    changed: at most five times a second while files are looked at, and at both ends.
    grew: pictures were added since the last time, about once a second. failed: the exception that ended it.
    finished: always last; carries the ImportFinished, or None.
    """

    changed = Signal()
    grew = Signal()
    failed = Signal(object)
    finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: BackgroundJob | None = None
        self._control = Control()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._tell)
        self._since_grew = QElapsedTimer()
        self._clock = QElapsedTimer()
        self._reset()

    def _reset(self) -> None:
        self.total = 0
        self.looked_at = 0
        self.accepted = 0
        self.turned = 0
        self.duplicates: list[DuplicateSkipped] = []
        self.refused: list[FileRefused] = []
        self.refused_count = 0
        self.masks = 0
        self.repeats: dict[int, int] = {}  # how many pictures count so often, besides those that count once
        self.added: list[str] = []  # content hashes
        self.prompts: dict[str, str] = {}  # by content hash, of pictures without a caption: what could be one
        self.names: dict[str, str] = {}
        self.compared: float | None = None  # the share of comparing that is done, while pictures are compared
        self._comparing = ShareLeft()
        self._compare_left: float | None = None
        self.result: ImportFinished | None = None
        self._told = 0
        self._since_grew.start()
        self._clock.start()

    @property
    def is_running(self) -> bool:
        """True while files are being looked at."""
        return self._job is not None

    def start(self, produce: Callable[[Control], Iterator[ImportEvent]]) -> None:
        """Begin to take in what `produce` reports; nothing happens while another import runs."""
        if self.is_running:
            return
        self._reset()
        control = self._control = Control()
        self._job = BackgroundJob(lambda: produce(control), self)
        self._job.reported.connect(self.apply)
        self._job.failed.connect(self.failed)
        self._job.finished.connect(self._finish)
        self._job.start()
        self.changed.emit()

    def stop(self) -> None:
        """Ask the import to end after the current file; what was taken in stays."""
        self._control.send(Stop())

    def apply(self, event: ImportEvent) -> None:
        """Count one event."""
        match event:
            case ImportStarted(total=total):
                self.total = total
            case ImageAccepted():
                self._accept(event)
            case DuplicateSkipped():
                self.duplicates.append(event)
                for offered in (self.prompts, self.names):
                    offered.pop(event.captioned, None)
            case FileRefused():
                self.refused.append(event)
                self.refused_count += event.count
            case ImagesCompared(share=share):
                self.compared = share
                self._compare_left = self._comparing.seconds(share)
            case ImportFinished():
                self.result = event
            case _:
                assert_never(event)
        self.looked_at = min(self.total, self.accepted + len(self.duplicates) + self.refused_count)
        if not self._timer.isActive():
            self._timer.start()

    @property
    def seconds_left(self) -> float | None:
        """How long looking at files will still take, then comparing; None until enough was done to say so."""
        if self.compared is not None:
            return self._compare_left
        if self.looked_at < _FEW or self.looked_at >= self.total:
            return None
        return self._clock.elapsed() / 1000 / self.looked_at * (self.total - self.looked_at)

    def forget_offers(self, used: Iterable[str]) -> None:
        """These pictures have a caption now."""
        for content_hash in tuple(used):
            self.prompts.pop(content_hash, None)
            self.names.pop(content_hash, None)
        self.changed.emit()

    def forget(self) -> None:
        """Drop the report of the last import."""
        if not self.is_running:
            self._reset()
            self.changed.emit()

    def _accept(self, event: ImageAccepted) -> None:
        self.accepted += 1
        self.turned += event.was_turned
        self.masks += event.has_mask
        self.added.append(event.content_hash)
        if event.repeats != 1:
            self.repeats[event.repeats] = self.repeats.get(event.repeats, 0) + 1
        if event.words is not None and event.words.prompt:
            self.prompts[event.content_hash] = event.words.prompt
        if event.words is not None and event.words.name:
            self.names[event.content_hash] = event.words.name

    def _tell(self) -> None:
        if self.accepted > self._told and (self._since_grew.elapsed() > _GREW_MS or not self.is_running):
            self._told = self.accepted
            self._since_grew.start()
            self.grew.emit()
        self.changed.emit()

    def _finish(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        self._timer.stop()
        self._tell()
        self.finished.emit(self.result)
