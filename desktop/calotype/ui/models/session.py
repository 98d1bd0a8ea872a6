"""What the whole window shares: the data folder, the open project and the news about both."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from calotype.domain.errors import CalotypeError
from calotype.domain.imageset import ImageSet, Project, SubjectKind
from calotype.domain.settings import Settings
from calotype.domain.trash import TrashedItem
from calotype.services import projects
from calotype.services.workspace import Workspace, change_settings, load_settings
from calotype.ui.models.import_model import ImportModel
from calotype.ui.models.intake import Intake
from calotype.ui.models.open_images import OpenImages
from calotype.ui.models.pending_writes import PendingWrites
from calotype.ui.models.project_renaming import rename_open_project
from calotype.ui.models.shared_model import SharedModel
from calotype.ui.models.undo_history import UndoHistory
from calotype.ui.workers.background_job import BackgroundJob

logger = logging.getLogger(__name__)

PAGES = ("home", "images", "train", "create", "library", "settings")


class Session(QObject):
    """The state that pages share.

    project_changed: another project is open, or it was renamed (a Project, or None). projects_changed: one was made,
    renamed or removed. images_changed: pictures, captions or the split of the open one are others; so is `image_set`.
    runs_changed, loras_changed, models_changed: those lists are others. settings_changed: the new Settings. failure: an
    exception to be said. page_requested: a page to show, one of PAGES. online_changed: whether a download is going on.
    restart_wanted: the user asked for it; `is_restarting` once that was agreed to, and the program then starts again.
    """

    project_changed = Signal(object)
    projects_changed = Signal()
    images_changed = Signal()
    runs_changed = Signal()
    loras_changed = Signal()
    models_changed = Signal()
    settings_changed = Signal(object)
    failure = Signal(object)
    page_requested = Signal(str)
    online_changed = Signal(bool)
    restart_wanted = Signal()
    is_restarting = False

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._settings, self._page_to_show = load_settings(workspace), ""
        self.shelf = SharedModel(self).shelf  # of the base model, for whatever computes with one
        self.open_images = OpenImages(workspace, self)
        self.open_images.opened.connect(self._show_opened)
        self.open_images.changed.connect(self.images_changed)
        self.open_images.failed.connect(self.failure)
        self.writes = PendingWrites(workspace, self.open_images, self)
        self.writes.failed.connect(self.failure)
        self.is_named_by_itself = False  # the open project got its name from a folder, and may want a better one
        self.undo = UndoHistory(self)
        self.imports = ImportModel(self)
        self.imports.grew.connect(self.open_images.reload)
        self.imports.failed.connect(self.failure)
        self.intake = Intake(self)

    @property
    def workspace(self) -> Workspace:
        """The open data folder."""
        return self._workspace

    @property
    def settings(self) -> Settings:
        """The user's choices as they are now."""
        return self._settings

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self.open_images.project

    @property
    def image_set(self) -> ImageSet | None:
        """The pictures of the open project."""
        return self.open_images.image_set

    def change_settings(self, settings: Settings) -> None:
        """Save the user's choices and tell everyone."""
        try:
            self._settings = change_settings(self._workspace, self._settings, settings)
        except CalotypeError as error:
            self.failure.emit(error)
            return
        self.settings_changed.emit(self._settings)

    def open_project(self, project: Project, page: str = "") -> None:
        """Make a project the open one once its pictures are known, and show a page then."""
        self._page_to_show = page
        self.open_images.open(project)

    def close_project(self) -> None:
        """Have no project open."""
        self.open_images.close()
        self.project_changed.emit(None)
        self.images_changed.emit()
        self.runs_changed.emit()

    def rename_project(self, name: str, kind: SubjectKind, trigger_word: str) -> bool:
        """Change what the open project is called, which can be taken back; False if that was refused (and said)."""
        return rename_open_project(self, name, kind, trigger_word)

    def create_project(self, name: str, kind: SubjectKind, trigger_word: str) -> Project | None:
        """Make a project and open it; None if that was refused (and said)."""
        try:
            project = projects.create_project(self._workspace, name, kind, trigger_word)
        except CalotypeError as error:
            self.failure.emit(error)
            return None
        self.projects_changed.emit()
        self.open_images.begin(project)
        self._show_opened(project)
        return project

    def import_paths(self, paths: Sequence[Path], *, into_new: bool = False) -> None:
        """Take in files, folders and zips; without an open project one is made and named after them."""
        self.intake.take_paths(paths, into_new=into_new)

    def open_sample(self) -> None:
        """Open the project of the sample, which is made the first time."""
        job = BackgroundJob(lambda: iter([projects.create_sample_project(self._workspace)]), self)
        job.reported.connect(self._show_sample)
        job.failed.connect(self.failure)
        job.finished.connect(job.deleteLater)
        job.start()

    def remove_project(self, project: Project) -> None:
        """Move a project to the trash; it can be put back, and removed again."""
        items: list[TrashedItem] = []

        def remove() -> bool:
            if self.project is not None and self.project.id == project.id:
                self.close_project()
            is_done = self.tell_failure(lambda: items.append(projects.remove_project(self._workspace, project)))
            self.projects_changed.emit()
            return is_done

        if remove():
            text = QCoreApplication.translate("Session", "Removed the project “{name}”").format(name=project.name)
            self.undo.add(text, lambda: self._put_back(items.pop()), remove)

    def tell_failure(self, action: Callable[[], object]) -> bool:
        """Do something; if it fails as expected failures do, say so in the window and return False."""
        try:
            action()
        except CalotypeError as error:
            logger.info("refused: %s", error)
            self.failure.emit(error)
            return False
        return True

    def _put_back(self, item: TrashedItem) -> bool:
        is_done = self.tell_failure(lambda: projects.restore(self._workspace, item))
        self.projects_changed.emit()
        return is_done

    def create_named(self, wanted: str, trigger_word: str) -> Project | None:
        """Make a project that may want a better name, and open it; None if that was refused (and said)."""
        name = projects.free_project_name(self._workspace, wanted)
        project = self.create_project(name, SubjectKind.CHARACTER, trigger_word)
        self.is_named_by_itself = project is not None
        return project

    def _show_sample(self, project: Project) -> None:
        self.projects_changed.emit()
        self.open_project(project, "images")

    def _show_opened(self, project: Project) -> None:
        self.is_named_by_itself = False
        self.imports.forget()
        self.undo.clear()
        self.project_changed.emit(project)
        self.images_changed.emit()
        self.runs_changed.emit()
        page, self._page_to_show = self._page_to_show, ""
        if page:
            self.page_requested.emit(page)
