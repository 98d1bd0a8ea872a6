"""The pictures of the open project, and looking at the folder again without waiting for it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from calotype.domain.courtesy import window_first
from calotype.domain.imageset import CaptionedImage, ImageSet, Project
from calotype.services import large_sets
from calotype.services.workspace import Workspace
from calotype.ui.workers.background_job import BackgroundJob

_LONG_S = 1.0  # a look that takes longer is followed by a rest ...
_REST = 10  # ... of so many times as long
_LARGE = 2000  # pictures whose captions are read in a moment; above it, what the index knows is shown first


class OpenImages(QObject):
    """Holds one image set.

    opened: another project (a Project) is held, after its folder was looked at. changed: the pictures are others.
    looked_again: the folder was looked at again, whether or not the pictures are others.
    failed: the folder could not be looked at. wanted: somebody wants to see the picture with this content hash.
    """

    opened = Signal(object)
    looked_again = Signal()
    changed = Signal()
    failed = Signal(object)
    wanted = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._job: BackgroundJob | None = None
        self._is_outdated = False
        self._is_held = False
        self._is_new = False  # it is being said that the project was opened: its folder is being looked at
        self._began_s = self._looked_at_s = self._look_took_s = 0.0
        self._known = large_sets.KnownFiles()
        self._wanted: Project | None = None  # it is being opened
        self.image_set: ImageSet | None = None

    @property
    def project(self) -> Project | None:
        """The project that the pictures belong to."""
        return self.image_set.project if self.image_set is not None else None

    @property
    def is_looking(self) -> bool:
        """True while the folder is looked at."""
        return self._job is not None

    def path_of(self, content_hash: str) -> Path | None:
        """The file of a picture of the open project; None if it is not there any more."""
        images = self.image_set.images if self.image_set else ()
        return next((image.pixels_path for image in images if image.content_hash == content_hash), None)

    def open(self, project: Project) -> None:
        """Find the pictures of a project, in a thread, and hold them then, unless another is wanted by then.

        Until then what was open stays open. The folder of a large project is looked at when it is shown already.
        """
        self._wanted, known = project, large_sets.KnownFiles()
        job = BackgroundJob(lambda: self._find(project, known), self)
        job.reported.connect(self._take_opened)
        job.failed.connect(self.failed)
        job.finished.connect(job.deleteLater)
        job.start()

    def begin(self, project: Project) -> None:
        """Hold a project that has no pictures yet; says nothing."""
        self._wanted, self.image_set, self._known = None, ImageSet(project, ()), large_sets.KnownFiles()

    def close(self) -> None:
        """Hold nothing; says nothing."""
        self._wanted, self.image_set = None, None

    def reload(self) -> None:
        """Look at the folder again, in a thread; `changed` says when that is done."""
        project = self.project
        if project is None:
            return
        if self._job is not None or self._is_held:
            self._is_outdated = True  # the look that is going on may have been too early
            return
        known = self._known
        self._start_look(lambda: self._look(project, known))

    def _start_look(self, look: Callable[[], ImageSet]) -> None:
        self._began_s = time.monotonic()
        self._job = BackgroundJob(lambda: iter([look()]), self)
        self._job.reported.connect(self._take_reloaded)
        self._job.failed.connect(self.failed)
        self._job.finished.connect(self._end_reload)
        self._job.start()

    def look_again(self) -> bool:
        """Look at the folder, which may have been changed by hand; False if it is too early for that.

        Looking at a hundred thousand files on a slow disk takes a minute: then it is done every ten minutes at most.
        """
        if self._is_new:
            return True
        rest_s = _REST * self._look_took_s if self._look_took_s > _LONG_S else 0.0
        is_time = time.monotonic() - self._looked_at_s >= rest_s
        if is_time:
            self.reload()
        return is_time

    def hold(self) -> None:
        """Do not look at the folder until `let_go`: what is shown is being written there."""
        self._is_held = True
        self._is_outdated = self._is_outdated or self._job is not None

    def let_go(self) -> None:
        """Look at the folder again, if that was asked for meanwhile."""
        self._is_held = False
        if self._is_outdated and self._job is None:
            self._is_outdated = False
            self.reload()

    def take_project(self, project: Project) -> None:
        """Hold the same pictures under a changed project; says nothing."""
        if self.image_set is not None:
            self.image_set = replace(self.image_set, project=project)

    @window_first()
    def take_changed(self, images: Sequence[CaptionedImage]) -> None:
        """Hold these changed pictures in place of those with the same content."""
        changed = {image.content_hash: image for image in images}
        self._take_edited([changed.get(image.content_hash, image) for image in self._images()])

    @window_first()
    def take_removed(self, images: Sequence[CaptionedImage]) -> None:
        """Hold the pictures without these."""
        gone = {image.content_hash for image in images}
        self._take_edited([image for image in self._images() if image.content_hash not in gone])

    def _images(self) -> Sequence[CaptionedImage]:
        return self.image_set.images if self.image_set is not None else ()

    def _take_edited(self, images: Sequence[CaptionedImage]) -> None:
        # A look at the folder that began before this edit would bring the old state back.
        self._is_outdated = self._is_outdated or self._job is not None
        if self.image_set is not None:
            self._take(replace(self.image_set, images=tuple(images)))

    def _find(self, project: Project, known: large_sets.KnownFiles) -> Iterator[_Found]:
        """Runs in a thread."""
        indexed = large_sets.indexed_set(self._workspace, project)
        if len(indexed.images) > _LARGE:
            # Else every full collection walks through a million objects, and the window stands still for 0.1 s.
            gc.freeze()
            yield _Found(indexed, known, is_looked_at=False)
        else:
            yield _Found(large_sets.look_at_folder(self._workspace, indexed, known), known, is_looked_at=True)

    def _look(self, project: Project, known: large_sets.KnownFiles) -> ImageSet:
        """Runs in a thread. Images that did not change stay the same objects: then views have nothing to do."""
        held = {image.content_hash: image for image in self._images()}
        indexed = large_sets.each_indexed(self._workspace, project)
        same = tuple(_same(held.get(image.content_hash), image) for image in indexed)
        return large_sets.look_at_folder(self._workspace, ImageSet(project, same), known)

    def _take_opened(self, found: _Found) -> None:
        project = found.image_set.project
        if project == self._wanted:
            self._wanted, self.image_set, self._known = None, found.image_set, found.known
            if not found.is_looked_at and self._job is None:
                self._start_look(lambda: large_sets.look_at_folder(self._workspace, found.image_set, found.known))
            elif not found.is_looked_at:
                self.reload()
            self._is_new = True
            self.opened.emit(project)
            self._is_new = False

    def _take_reloaded(self, image_set: ImageSet) -> None:
        self.looked_again.emit()
        is_news = self.image_set is None or image_set.images != self.image_set.images
        if is_news and not self._is_outdated:
            self._take(image_set)

    def _take(self, image_set: ImageSet) -> None:
        project = self.project
        if project is not None and project.id == image_set.project.id:
            self.image_set = replace(image_set, project=project)
            self.changed.emit()

    def _end_reload(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        self._looked_at_s = time.monotonic()
        self._look_took_s = self._looked_at_s - self._began_s
        if not self._is_held:
            self.let_go()


@dataclass(frozen=True, slots=True)
class _Found:
    """What opening a project found."""

    image_set: ImageSet
    known: large_sets.KnownFiles
    is_looked_at: bool  # the folder, and not the index alone


def _same(held: CaptionedImage | None, image: CaptionedImage) -> CaptionedImage:
    return held if held is not None and held == image else image
