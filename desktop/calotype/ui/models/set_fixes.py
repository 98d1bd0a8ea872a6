"""What the readiness panel puts right at a press of a button; each can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from calotype.domain.imageset import CaptionedImage, ImageSet, Project
from calotype.domain.readiness import Finding, FindingKind
from calotype.services import library
from calotype.services.set_checks import add_trigger_word, leave_out
from calotype.services.workspace import Workspace
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class SetFixes(QObject):
    """Changes the open project's captions and choices as a finding asks."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def fix(self, finding: Finding) -> None:
        """Put right what was found, in a thread; nothing happens for what only a person can put right."""
        image_set = self._session.image_set
        if image_set is None:
            return
        if finding.kind is FindingKind.CAPTION_LACKS_TRIGGER_WORD:
            self._add_word(image_set, finding.images)
        elif finding.kind in (FindingKind.NEAR_DUPLICATES, FindingKind.UNREADABLE):
            self._leave_out(image_set, finding.images)
        elif finding.kind is FindingKind.NOTHING_HELD_OUT:
            self._divide(image_set, library.resplit, self.tr("Held out some pictures to check with"))
        elif finding.kind is FindingKind.ON_BOTH_SIDES:
            self._divide(image_set, library.put_together, self.tr("Put look-alikes on one side"))

    def _add_word(self, image_set: ImageSet, content_hashes: frozenset[str]) -> None:
        before = _chosen(image_set, content_hashes)
        text = self.tr("Added the trigger word to %n caption(s)", "", len(before))
        workspace = self._session.workspace
        self._run(
            lambda: list(add_trigger_word(workspace, image_set, content_hashes)),
            text,
            lambda: [library.set_caption(workspace, image_set.project, image, image.caption) for image in before],
        )

    def _leave_out(self, image_set: ImageSet, content_hashes: frozenset[str]) -> None:
        before = _chosen(image_set, content_hashes)
        text = self.tr("Left out %n picture(s)", "", len(before))
        workspace = self._session.workspace
        self._run(
            lambda: leave_out(workspace, image_set, content_hashes),
            text,
            lambda: library.save_choices(workspace, image_set.project, before),
        )

    def _divide(self, image_set: ImageSet, divide: Callable[[Workspace, Project], None], text: str) -> None:
        before = {image.content_hash: image.split for image in image_set.images}
        workspace = self._session.workspace
        self._run(
            lambda: divide(workspace, image_set.project),
            text,
            lambda: library.set_splits(workspace, image_set.project, before),
        )

    def _run(self, do: Callable[[], object], text: str, undo: Callable[[], object]) -> None:
        job = BackgroundJob(lambda: iter([do()]), self)
        job.reported.connect(lambda _: self._session.undo.add(text, partial(self._take_back, undo)))
        job.failed.connect(self._session.failure)
        job.finished.connect(self._session.open_images.reload)
        job.finished.connect(job.deleteLater)
        job.start()

    def _take_back(self, undo: Callable[[], object]) -> None:
        if self._session.tell_failure(undo):
            self._session.open_images.reload()


def _chosen(image_set: ImageSet, content_hashes: frozenset[str]) -> list[CaptionedImage]:
    return [image for image in image_set.images if image.content_hash in content_hashes]
