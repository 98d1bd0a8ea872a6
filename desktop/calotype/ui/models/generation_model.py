"""What the Create page shows of one generation: progress, and pictures as they finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal

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
from calotype.ui.models.job_model import JobModel

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


class GenerationModel(JobModel):
    """One stream of pictures as the window sees it.

    picture_added: a PictureReady. failed: the exception that ended it. finished: as of every job, and carries the
    GenerationFinished, or None after a failure. lora_wanted: another page asks for this LoraCard to be used in Create.
    """

    picture_added = Signal(object)
    failed = Signal(object)
    finished = Signal(object)
    lora_wanted = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.request: GenerationRequest | None = None
        self.wanted_lora: LoraCard | None = None

    def forget(self) -> None:
        """Leave nothing of the pictures before."""
        super().forget()
        self.total = 0
        self.pictures: list[PictureReady] = []
        self.stage: StageChanged | None = None
        self.result: GenerationFinished | None = None
        self._sampling: SamplingProgress | None = None

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
        workspace, shelf = self.session.workspace, self.session.shelf
        self.request = request
        self.run(lambda control: generation.generate(workspace, request, control, shelf=shelf))

    def use_lora(self, card: LoraCard) -> None:
        """Ask Create to use this LoRA; it is remembered for a page that does not exist yet."""
        self.wanted_lora = card
        self.lora_wanted.emit(card)

    def apply(self, event: object) -> None:
        """Take one event and tell the views."""
        assert isinstance(event, GenerationEvent)
        match event:
            case GenerationStarted():
                self.total = event.total
                for unused in event.unused:
                    self.session.failure.emit(unused.notice)
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
        super().apply(event)

    def _fail(self, error: BaseException) -> None:
        super()._fail(error)
        self.failed.emit(error)
        self.session.failure.emit(error)

    def tell_end(self) -> None:
        """Say that it is over, and what came of it."""
        self.finished.emit(self.result if self.failure is None else None)
