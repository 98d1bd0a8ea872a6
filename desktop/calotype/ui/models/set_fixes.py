"""What the readiness panel puts right at a press of a button; each can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import assert_never

from PySide6.QtCore import QObject

from calotype.domain.captions import with_word
from calotype.domain.imageset import ImageSet, Project
from calotype.domain.readiness import Finding, Fix
from calotype.services import large_sets, library
from calotype.services.workspace import Workspace
from calotype.ui.models.image_edits import ImageEdits
from calotype.ui.models.session import Session
from calotype.ui.workers.background_job import BackgroundJob


class SetFixes(QObject):
    """Changes the open project's captions and choices as a finding asks."""

    def __init__(self, session: Session, edits: ImageEdits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._edits = session, edits

    def fix(self, finding: Finding, fix: Fix) -> None:
        """Put right what was found, in this way."""
        image_set = self._session.image_set
        if image_set is None:
            return
        images = [image for image in image_set.images if image.content_hash in finding.images]
        match fix:
            case Fix.ADD_TRIGGER_WORD:
                self._edits.recaption(images, partial(with_word, word=image_set.project.trigger_word))
            case Fix.LEAVE_OUT:
                self._edits.exclude(images, True)
            case Fix.REMOVE:
                self._edits.remove(images)
            case Fix.LOOK_AGAIN:
                self._session.intake.folders.look(is_asked=True)
            case Fix.HOLD_SOME_OUT:
                self._divide(image_set, library.resplit, self.tr("Held out some pictures to check with"))
            case Fix.PUT_TOGETHER:
                self._divide(image_set, library.put_together, self.tr("Put look-alikes on one side"))
            case _:
                assert_never(fix)

    def _divide(self, before: ImageSet, divide: Callable[[Workspace, Project], None], text: str) -> None:
        """Choose which pictures check the result, in a thread: they are compared for that."""
        workspace, project = self._session.workspace, before.project

        def work() -> Iterator[ImageSet]:
            divide(workspace, project)
            yield large_sets.indexed_set(workspace, project)

        def remember(after: ImageSet) -> None:
            self._session.undo.add(text, partial(self._put_sides, before), partial(self._put_sides, after))

        job = BackgroundJob(work, self)
        job.reported.connect(remember)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._session.open_images.reload)
        job.finished.connect(job.deleteLater)
        job.start()

    def _put_sides(self, wanted: ImageSet) -> bool:
        """Learn from the pictures that were learned from then, and hold out the others."""
        splits = {image.content_hash: image.split for image in wanted.images}
        workspace, project = self._session.workspace, wanted.project
        is_done = self._session.tell_failure(lambda: library.set_splits(workspace, project, splits))
        self._session.open_images.reload()
        return is_done
