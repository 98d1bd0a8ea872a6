"""What a person does to pictures of the open project; each can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject

from calotype.domain.errors import CalotypeError
from calotype.domain.imageset import CaptionedImage, Project, Split
from calotype.domain.trash import TrashedItem
from calotype.services import library
from calotype.ui.models.session import Session


class ImageEdits(QObject):
    """Changes captions, the split and which pictures there are, and remembers how to undo it."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def caption(self, image: CaptionedImage, text: str) -> None:
        """Write a caption, unless it is there already."""
        project = self._session.project
        if project is None or text.strip() == image.caption:
            return
        if self._write_caption(project, image, text):
            undo = partial(self._write_caption, project, image, image.caption)
            self._session.undo.add(self.tr("Changed a caption"), lambda: _do(undo), is_quiet=True)

    def move(self, images: Sequence[CaptionedImage], split: Split) -> None:
        """Hold pictures out, or learn from them."""
        project = self._session.project
        moved = [image for image in images if image.split is not split]
        if project is None or not moved or not self._move(project, [(image, split) for image in moved]):
            return
        before = [(image, image.split) for image in moved]
        held_out = self.tr("Held out %n picture(s) to check with", "", len(moved))
        learned = self.tr("%n picture(s) will be learned from", "", len(moved))
        text = held_out if split is Split.VALIDATION else learned
        self._session.undo.add(text, lambda: _do(partial(self._move, project, before)))

    def remove(self, images: Sequence[CaptionedImage]) -> None:
        """Move pictures to the trash."""
        project = self._session.project
        if project is None or not images:
            return
        try:
            item = library.remove_images(self._session.workspace, project, images)
        except CalotypeError as error:
            self._session.failure.emit(error)
            return
        self._session.open_images.take_removed(images)
        text = self.tr("Removed %n picture(s)", "", len(images))
        self._session.undo.add(text, partial(self._put_back, project, item))
        self._session.projects_changed.emit()

    def _write_caption(self, project: Project, image: CaptionedImage, text: str) -> bool:
        def write() -> None:
            self._session.open_images.take_changed([library.set_caption(self._session.workspace, project, image, text)])

        return self._session.tell_failure(write)

    def _move(self, project: Project, wanted: Sequence[tuple[CaptionedImage, Split]]) -> bool:
        def write() -> None:
            workspace = self._session.workspace
            self._session.open_images.take_changed(
                [library.set_split(workspace, project, image, split) for image, split in wanted]
            )

        return self._session.tell_failure(write)

    def _put_back(self, project: Project, item: TrashedItem) -> None:
        if self._session.tell_failure(lambda: library.restore_images(self._session.workspace, project, item)):
            self._session.open_images.reload()
            self._session.projects_changed.emit()


def _do(action: partial[bool]) -> None:
    action()
