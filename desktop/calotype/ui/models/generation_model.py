"""What the Create page shows of one generation: progress, and pictures as they finish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal

from calotype.domain.control import Control, Stop
from calotype.domain.events import (
    GenerationEvent,
    GenerationFinished,
    GenerationStarted,
    PictureReady,
    SamplingProgress,
    StageChanged,
)
from calotype.domain.generation import GenerationRequest
from calotype.domain.models import LoraCard
from calotype.services import generation
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


class GenerationModel(QObject):
    """One stream of pictures as the window sees it.

    started: a job was started. changed: after every event. picture_added: a PictureReady.
    failed: the exception that ended it.
    finished: always last; carries the GenerationFinished, or None after a failure.
    lora_wanted: another page asks for this LoraCard to be used in Create.
    """

    started = Signal()
    changed = Signal()
    picture_added = Signal(object)
    failed = Signal(object)
    finished = Signal(object)
    lora_wanted = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._control = Control()
        self._job: BackgroundJob | None = None
        self.request: GenerationRequest | None = None
        self.wanted_lora: LoraCard | None = None
        self._forget()

    def _forget(self) -> None:
        self.total = 0
        self.pictures: list[PictureReady] = []
        self.stage: StageChanged | None = None
        self.is_stopping = False
        self.result: GenerationFinished | None = None
        self.failure: BaseException | None = None
        self._sampling: SamplingProgress | None = None

    @property
    def is_running(self) -> bool:
        """True from Start until the job's thread has gone."""
        return self._job is not None

    @property
    def sampling_fraction(self) -> float:
        """How much of the picture that is being made is done, 0 to 1."""
        sampling = self._sampling
        if sampling is None or sampling.index < len(self.pictures):
            return 0.0
        return sampling.step / max(1, sampling.step_count)

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1, counting the denoising steps of the picture that is being made."""
        if not self.total:
            return 0.0
        return min(1.0, (len(self.pictures) + self.sampling_fraction) / self.total)

    def start(self, request: GenerationRequest) -> None:
        """Begin to make pictures; does nothing while some are being made."""
        if self.is_running:
            return
        workspace, shelf, control = self._session.workspace, self._session.shelf, Control()
        self.request = request
        self.run(control, lambda: generation.generate(workspace, request, control, shelf=shelf))

    def run(self, control: Control, produce: Callable[[], Iterator[GenerationEvent]]) -> None:
        """Begin any other stream of generation events, such as the comparison of a run's strengths."""
        if self.is_running:
            return
        self._forget()
        self._control = control
        self._job = BackgroundJob(produce, self)
        self._job.reported.connect(self.apply)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self.started.emit()
        self.changed.emit()
        self._job.start()

    def cancel(self) -> None:
        """End after the current denoising step; pictures that are done are kept."""
        if self.is_running:
            self.is_stopping = True
            self._control.send(Stop())
            self.changed.emit()

    def use_lora(self, card: LoraCard) -> None:
        """Ask Create to use this LoRA; it is remembered for a page that does not exist yet."""
        self.wanted_lora = card
        self.lora_wanted.emit(card)

    def apply(self, event: GenerationEvent) -> None:
        """Take one event and tell the views."""
        match event:
            case GenerationStarted():
                self.total = event.total
                for unused in event.unused:
                    self._session.failure.emit(unused.notice)
            case StageChanged():
                self.stage = event
            case SamplingProgress():
                self.stage, self._sampling = None, event
            case PictureReady():
                self.pictures.append(event)
                self.picture_added.emit(event)
            case GenerationFinished():
                self.result, self.stage = event, None
            case _:
                assert_never(event)
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        self.failed.emit(error)
        self._session.failure.emit(error)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self.is_stopping = False
        self.changed.emit()
        self.finished.emit(self.result if self.failure is None else None)
