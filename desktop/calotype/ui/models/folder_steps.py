"""What is done about folders that have changed: in a thread, and each of it can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from calotype.domain.imageset import CaptionedImage, Project
from calotype.domain.origins import ChangedFile
from calotype.domain.trash import TrashedItem
from calotype.services import folder_steps, library
from calotype.services.folder_changes import keep_without_files
from calotype.services.folder_steps import FolderStep, step_of
from calotype.services.linked_pictures import find_again
from calotype.services.moved_folders import follow_folder, forget_folder
from calotype.services.picture_replacement import Replacement, put_back_replaced, replace_changed
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


class FolderSteps(QObject):
    """Changes a project as a person decides. ended: what was known of its folders may be out of date."""

    ended = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._workspace = session, session.workspace

    def replace(self, project: Project, changed: Sequence[ChangedFile]) -> None:
        """Read edited files again, in the places of their old pictures."""
        workspace = self._workspace
        self._do(lambda: iter([replace_changed(workspace, project, changed)]), partial(self._remember, project))

    def remove(self, project: Project, content_hashes: Sequence[str]) -> None:
        """Move pictures to the trash."""
        workspace = self._workspace
        self._do(
            lambda: iter([library.remove_by_hash(workspace, project, content_hashes)]),
            partial(self._remember_removed, project, content_hashes),
        )

    def keep(self, project: Project, images: Sequence[CaptionedImage]) -> None:
        """Keep the copies of pictures whose files are gone, and forget where they came from."""
        text = self.tr("Kept %n picture(s) whose file is gone", "", len(images))
        self._decide(project, lambda: keep_without_files(project, images), lambda _nothing: text)

    def forget(self, project: Project, folders: Sequence[Path]) -> None:
        """Say nothing more about folders that are not there."""

        def forget() -> None:
            for folder in folders:
                forget_folder(project, folder)

        text = self.tr("Forgot %n folder(s)", "", len(folders))
        self._decide(project, forget, lambda _nothing: text)

    def find_again(self, project: Project, away: Sequence[Path], missing: Sequence[str], folder: Path) -> None:
        """Take a folder for one that is not there, or else look in it for the files of missing pictures."""
        workspace = self._workspace

        def find() -> int:
            if any(follow_folder(workspace, project, old, folder) for old in away):
                return 0
            return find_again(workspace, project, missing, folder)

        def text(count: int) -> str:
            return self.tr("Found %n picture(s) again", "", count) if count else self.tr("Found a folder again")

        self._decide(project, find, text)

    def _decide(self, project: Project, decide: Callable[[], object], text: Callable[..., str]) -> None:
        """Do what changes only where pictures are from; `text` says what it was, of what it answered."""
        workspace, answers = self._workspace, []

        def work() -> Iterator[FolderStep]:
            yield step_of(workspace, project, lambda: answers.append(decide()))

        def remember(step: FolderStep) -> None:
            if not step.is_nothing:
                undo = partial(folder_steps.take_back, workspace, project, step)
                self._offer(text(answers[0]), undo, partial(folder_steps.do_again, workspace, project, step))

        self._do(work, remember)

    def _remember(self, project: Project, replacement: Replacement) -> None:
        workspace, count, last = self._workspace, len(replacement.new), [replacement]
        if count:
            self._offer(
                self.tr("Replaced %n picture(s)", "", count),
                lambda: put_back_replaced(workspace, project, last[0]),
                lambda: last.__setitem__(0, replace_changed(workspace, project, replacement.files)),
            )

    def _remember_removed(self, project: Project, hashes: Sequence[str], item: TrashedItem) -> None:
        workspace, last = self._workspace, [item]
        self._offer(
            self.tr("Removed %n picture(s)", "", item.count),
            lambda: library.restore_images(workspace, project, last[0]),
            lambda: last.__setitem__(0, library.remove_by_hash(workspace, project, hashes)),
        )

    def _offer(self, text: str, undo: Callable[[], None], redo: Callable[[], None]) -> None:
        """Remember a step; both ways are gone in a thread."""

        def gone(way: Callable[[], None]) -> Iterator[object]:
            way()
            yield None

        def go(way: Callable[[], None]) -> None:
            self._do(partial(gone, way), lambda _nothing: None)

        self._session.undo.add(text, partial(go, undo), partial(go, redo))

    def _do(self, produce: Callable[[], Iterator[object]], take: Callable[..., None]) -> None:
        session = self._session
        job = BackgroundJob(produce, self)
        job.reported.connect(take)
        job.failed.connect(session.failure)
        job.finished.connect(session.projects_changed)
        job.finished.connect(self.ended)
        job.finished.connect(session.open_images.reload)
        job.finished.connect(job.deleteLater)
        job.start()
