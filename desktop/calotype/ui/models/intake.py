"""How pictures get into the open project, and how an import is taken back whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from calotype.domain.captions import with_word
from calotype.domain.control import Control
from calotype.domain.errors import ProjectBusyError
from calotype.domain.events import ImportEvent, ImportFinished
from calotype.domain.imageset import Project
from calotype.domain.import_options import USUAL, ImportOptions, NamedPicture
from calotype.domain.trash import TrashedItem
from calotype.services import library
from calotype.services.suggested_names import SuggestedNames, names_from, names_of
from calotype.ui.models.folder_news import FolderNews
from calotype.ui.workers.background_job import BackgroundJob

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


class Intake(QObject):
    """Takes pictures in, into the open project or a new one, and remembers how to undo that."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._into: Project | None = None
        self.imports = session.imports
        self.imports.finished.connect(self._end)
        self.folders = FolderNews(session, self)

    def take_paths(self, paths: Sequence[Path], *, into_new: bool = False, options: ImportOptions = USUAL) -> None:
        """Take in files, folders and zips; without an open project one is made and named after them."""
        if not paths or self._is_busy():
            return
        if (into_new or self._session.project is None) and not self._begin_project(names_from(paths[0])):
            return
        workspace = self._session.workspace
        sources = list(paths)
        self.start(lambda project, control: library.import_images(workspace, project, sources, control, options))

    def take_pictures(self, pictures: Sequence[NamedPicture], *, into_new: bool = False) -> None:
        """Take in pictures that are no files."""
        if not pictures or self._is_busy():
            return
        is_new = into_new or self._session.project is None
        if is_new and not self._begin_project(names_of(self.tr("Pasted pictures"))):
            return
        workspace = self._session.workspace
        self.start(lambda project, _: library.import_pictures(workspace, project, pictures))

    def start(self, produce: Callable[[Project, Control], Iterator[ImportEvent]]) -> None:
        """Begin an import into the open project, unless one is running."""
        project = self._session.project
        if project is None or self._is_busy():
            return
        self._into = project
        self._session.page_requested.emit("images")
        self.imports.start(lambda control: produce(project, control))

    def use_words(self, words: Mapping[str, str]) -> None:
        """Give pictures that came in without a caption these ones, by content hash; one step to undo."""
        project = self._session.project
        if project is None or not words:
            return
        captions = {content_hash: with_word(text, project.trigger_word) for content_hash, text in words.items()}
        before = dict.fromkeys(captions, project.trigger_word)
        self.imports.forget_offers(words)
        redo = partial(self._caption, project, captions, before)
        redo()
        text = self.tr("Captioned %n picture(s)", "", len(captions))
        self._session.undo.add(text, partial(self._caption, project, before, captions), redo)

    def _caption(self, project: Project, captions: Mapping[str, str], instead_of: Mapping[str, str]) -> None:
        workspace = self._session.workspace
        self._do(lambda: library.replace_captions(workspace, project, captions, instead_of))

    def _begin_project(self, names: SuggestedNames) -> bool:
        return self._session.create_named(names.name, names.trigger_word) is not None

    def _is_busy(self) -> bool:
        project, is_running = self._session.project, self.imports.is_running
        if is_running and project is not None:
            self._session.failure.emit(ProjectBusyError(project.name))
        return is_running

    def _end(self, result: ImportFinished | None) -> None:
        session, project = self._session, self._into
        session.open_images.reload()
        session.projects_changed.emit()
        added = tuple(self.imports.added)
        if project is not None:
            session.writes.note_choices(project)
        if project is not None and added:
            text = self.tr("Added %n picture(s)", "", len(added))
            trashed: list[TrashedItem] = []
            undo = partial(self._take_back, project, added, trashed)
            session.undo.add(text, undo, partial(self._bring_back, project, trashed))

    def _take_back(self, project: Project, added: Sequence[str], trashed: list[TrashedItem]) -> None:
        """Move everything that an import brought to the trash, and note where."""
        self.imports.forget()
        workspace = self._session.workspace
        self._do(lambda: iter([library.remove_by_hash(workspace, project, added)]), trashed.append)

    def _bring_back(self, project: Project, trashed: list[TrashedItem]) -> bool:
        """Put what was taken back where it was; not while it is still on its way out."""
        if not trashed:
            return False
        restore = partial(library.restore_images, self._session.workspace, project, trashed.pop())
        self._do(lambda: iter([restore()]))
        return True

    def _do(self, produce: Callable[[], Iterator[object]], take: Callable[[TrashedItem], None] | None = None) -> None:
        session = self._session
        job = BackgroundJob(produce, self)
        if take is not None:
            job.reported.connect(take)
        job.failed.connect(session.failure)
        job.finished.connect(session.open_images.reload)
        job.finished.connect(session.projects_changed)
        job.finished.connect(job.deleteLater)
        job.start()
