"""Look at every picture of a set once: what was found is kept by content, for every project that has it."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from calotype.domain.control import Control
from calotype.domain.courtesy import courteous, give_way
from calotype.domain.errors import ImageSetError
from calotype.domain.events import ExaminationEvent, ExaminationFinished, ExaminationStarted, ImagesExamined
from calotype.domain.image_facts import ImageFacts
from calotype.domain.imageset import FACES_TELL, CaptionedImage, ImageSet, SubjectKind
from calotype.imagesets.masks import mask_marks
from calotype.services.workspace import Workspace
from calotype.storage import image_facts

BATCH_SIZE = 64
BATCH_S = 1.0
MOST_FACES_OF_STYLE = 1000  # pictures: half a minute
_MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class _Task:
    image: CaptionedImage
    mask_mark: str
    with_faces: bool

    @property
    def key(self) -> str:
        return self.image.content_hash

    def is_answered_by(self, facts: ImageFacts | None) -> bool:
        """Whether nothing would be found that is not in these facts."""
        if facts is None or facts.mask_mark != self.mask_mark:
            return False
        return facts.faces is not None or not self.with_faces

    def work(self) -> ImageFacts | None:
        """Look at the picture; None if it is gone or damaged."""
        from calotype.imagesets.examination import examine_file  # with numpy, which the window opens without

        image = self.image
        give_way()
        try:
            return examine_file(image.pixels_path, image.path, self.mask_mark, with_faces=self.with_faces)
        except ImageSetError:
            return None


def known_facts(workspace: Workspace, image_set: ImageSet) -> dict[str, ImageFacts]:
    """What was found before about the pictures of a set, by content hash; no picture is opened."""
    found = image_facts.list_facts(workspace.database, [image.content_hash for image in courteous(image_set.images)])
    return {task.key: found.pop(task.key) for task in _tasks(image_set) if task.is_answered_by(found.get(task.key))}


def examine_images(workspace: Workspace, image_set: ImageSet, control: Control) -> Iterator[ExaminationEvent]:
    """Look at those pictures of a set that nothing is known about, in threads; a Stop keeps what was found until then.

    Faces are looked for in projects about a person, and about a style if it is not large: nothing is concluded from
    them elsewhere. Raises StorageError if what was found cannot be recorded.
    """
    known = known_facts(workspace, image_set)
    tasks = [task for task in _tasks(image_set) if task.key not in known]
    yield ExaminationStarted(known, len(tasks))
    found: dict[str, ImageFacts] = {}
    unreadable: set[str] = set()
    began = time.monotonic()
    for done, (task, facts) in enumerate(_worked(tasks, control), start=1):
        if facts is None:
            unreadable.add(task.key)
        else:
            found[task.key] = facts
        if len(found) >= BATCH_SIZE or time.monotonic() - began > BATCH_S or done == len(tasks):
            image_facts.save_facts(workspace.database, found)
            yield ImagesExamined(found, frozenset(unreadable), done, len(tasks))
            found, unreadable, began = {}, set(), time.monotonic()
    image_facts.save_facts(workspace.database, found)
    yield ExaminationFinished(was_stopped=control.is_stopping)


def _tasks(image_set: ImageSet) -> Iterator[_Task]:
    marks = mask_marks(image_set.project.images_folder)
    # For a style they tell one thing among several, which is not worth an hour of a large set's time.
    is_quick = image_set.project.kind is not SubjectKind.STYLE or len(image_set.images) <= MOST_FACES_OF_STYLE
    with_faces = image_set.project.kind in FACES_TELL and is_quick
    for image in courteous(image_set.images):
        yield _Task(image, marks.get(image.path.stem, "") if marks else "", with_faces)


def _worked(tasks: Sequence[_Task], control: Control) -> Iterator[tuple[_Task, ImageFacts | None]]:
    """Look at pictures in threads, a few ahead, and hand out what was found in their order."""
    # One core stays free for the window.
    thread_count = max(1, min(_MOST_THREADS, (os.cpu_count() or 1) - 1))
    waiting: deque[tuple[_Task, Future[ImageFacts | None]]] = deque()
    with ThreadPoolExecutor(thread_count, thread_name_prefix="examine") as threads:
        for task in tasks:
            if control.is_stopping:
                break
            waiting.append((task, threads.submit(task.work)))
            if len(waiting) > 2 * thread_count:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting and not control.is_stopping:
            first, future = waiting.popleft()
            yield first, future.result()
        for _, future in waiting:
            future.cancel()
