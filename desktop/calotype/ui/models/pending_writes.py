"""Writing what was edited, in order: at once if it is little, else in a thread while the window shows it already."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from calotype.domain.errors import CalotypeError
from calotype.domain.imageset import CaptionedImage, Project
from calotype.services import large_sets
from calotype.services.workspace import Workspace
from calotype.ui.models.open_images import OpenImages
from calotype.ui.workers.background_job import BackgroundJob

AT_ONCE = 200  # images that can be written while nobody notices
SHORT = 1000  # images of a set whose `set.json` is written at once
_SET_FILE_MS = 1500  # `set.json` of a large set takes a second, and edits come one after the other

Work = Callable[[], object]


class PendingWrites(QObject):
    """Holds what is not written yet. Leaving the program waits for it; if it fails, the folder is looked at again.

    failed: the exception that was expected, or not.
    """

    failed = Signal(object)

    def __init__(self, workspace: Workspace, open_images: OpenImages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._open_images = workspace, open_images
        self._works: deque[Work] = deque()
        self._job: BackgroundJob | None = None
        self._old_sets: dict[str, Project] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SET_FILE_MS)
        self._timer.timeout.connect(self._write_set_files)
        open_images.opened.connect(self._note_old_set)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.finish)

    @property
    def is_running(self) -> bool:
        """True while something is not written yet, but for `set.json`."""
        return self._job is not None

    def write(self, work: Work, changed: Sequence[CaptionedImage], project: Project) -> bool:
        """Do the work that writes these changed images down, and hold them; False if it was refused (and said)."""
        if len(changed) <= AT_ONCE and not self.is_running:
            if not self._tried(work) or not self._tried(partial(self._write_short_set_file, project)):
                return False
        else:
            self.run(work)
        self._open_images.take_changed(changed)
        self.note_choices(project)
        return True

    def run(self, work: Work) -> None:
        """Do something in the thread, after everything that waits there."""
        self._works.append(work)
        if self._job is None:
            self._start()

    def note_choices(self, project: Project) -> None:
        """Write `set.json` of this project soon, if it is old then."""
        self._old_sets[project.id] = project
        self._timer.start()

    def finish(self) -> None:
        """Write what waits, before the program is left: nobody would hear of the end of the job and begin another."""
        self._write_set_files()
        if self._job is not None:
            self._job.wait()
            while self._works:
                self._tried(self._works.popleft())

    def _write_short_set_file(self, project: Project) -> None:
        image_set = self._open_images.image_set
        if image_set is not None and len(image_set.images) <= SHORT:
            large_sets.write_set_file(self._workspace, project)

    def _tried(self, work: Work) -> bool:
        try:
            work()
        except CalotypeError as error:
            self._open_images.reload()  # a part may be written
            self.failed.emit(error)
            return False
        return True

    def _write_set_files(self) -> None:
        self._timer.stop()
        for project in self._old_sets.values():
            if large_sets.is_set_file_old(project):
                self.run(partial(large_sets.write_set_file, self._workspace, project))
        self._old_sets = {}

    def _note_old_set(self, project: Project) -> None:
        """A program that ended in between leaves it old."""
        self.note_choices(project)

    def _start(self) -> None:
        self._open_images.hold()
        self._job = BackgroundJob(self._do_all, self)
        self._job.failed.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()

    def _do_all(self) -> Iterator[object]:
        """Runs in the job's thread."""
        while self._works:
            self._works.popleft()()
            yield None

    def _fail(self, error: BaseException) -> None:
        self._open_images.reload()  # what is shown is not what is written; done when it is let go
        self.failed.emit(error)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self._open_images.let_go()
        if self._works:
            self._start()
