"""What a person does to pictures of the open project; each can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from calotype.domain.courtesy import window_first
from calotype.domain.imageset import CaptionedImage, Project, Split
from calotype.services import large_sets, library
from calotype.ui.models.pending_writes import AT_ONCE
from calotype.ui.models.session import Session

Values = Mapping[str, Any]
"""What is chosen for one image: some of split, rating and is_excluded, by their names."""


class ImageEdits(QObject):
    """Changes captions, choices and which pictures there are, and remembers how to undo it.

    conflicted: a picture with the caption that another program wrote meanwhile, and the one that was to be written.
    """

    conflicted = Signal(object, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def caption(self, image: CaptionedImage, text: str) -> None:
        """Write a caption, unless it is there already; what is typed into one caption is one step.

        A caption that is not what `image` has any more, because another program wrote it, is not overwritten.
        """
        on_disk = large_sets.caption_on_disk(image)
        if on_disk not in (image.caption, text.strip()):
            now = replace(image, caption=on_disk)
            self._session.open_images.take_changed([now])
            self._session.open_images.reload()
            self.conflicted.emit(now, text.strip())
        elif text.strip() != image.caption:
            self._caption(self.tr("Changed a caption"), {image.content_hash: text.strip()}, is_quiet=True)

    def recaption(self, images: Sequence[CaptionedImage], change: Callable[[str], str]) -> None:
        """Change the captions of several pictures in the same way."""
        wanted = {image.content_hash: change(image.caption) for image in images}
        changed = {image.content_hash for image in images if wanted[image.content_hash] != image.caption}
        text = self.tr("Changed %n caption(s)", "", len(changed))
        self._caption(text, {content_hash: wanted[content_hash] for content_hash in changed})

    def move(self, images: Sequence[CaptionedImage], split: Split) -> None:
        """Hold pictures out, or learn from them."""
        moved = [image for image in images if image.split is not split]
        self._choose(self._moved_words(len(moved), split), moved, {"split": split})

    def place(self, images: Sequence[CaptionedImage], split: Split) -> None:
        """Put pictures on a side, also those that were left out; one step."""
        placed = [image for image in images if image.is_excluded or image.split is not split]
        self._choose(self._moved_words(len(placed), split), placed, {"split": split, "is_excluded": False})

    def rate(self, images: Sequence[CaptionedImage], rating: int) -> None:
        """Give pictures a number of stars; 0 takes them away."""
        rated = [image for image in images if image.rating != rating]
        self._choose(self.tr("Rated %n picture(s)", "", len(rated)), rated, {"rating": rating}, is_quiet=True)

    def exclude(self, images: Sequence[CaptionedImage], is_excluded: bool) -> None:
        """Leave pictures out of training, or take them in again; they stay in the project."""
        changed = [image for image in images if image.is_excluded is not is_excluded]
        left_out = self.tr("Left out %n picture(s)", "", len(changed))
        taken_in = self.tr("Took in %n picture(s) again", "", len(changed))
        self._choose(left_out if is_excluded else taken_in, changed, {"is_excluded": is_excluded})

    def remove(self, images: Sequence[CaptionedImage]) -> None:
        """Move pictures to the trash."""
        project = self._session.project
        if project is None or not images:
            return
        removal = _Removal(self._session, project, images)
        if removal.remove():
            text = self.tr("Removed %n picture(s)", "", len(images))
            self._session.undo.add(text, removal.put_back, removal.remove)

    def _moved_words(self, count: int, split: Split) -> str:
        held_out = self.tr("Held out %n picture(s) to check with", "", count)
        learned = self.tr("%n picture(s) will be learned from", "", count)
        return held_out if split is Split.VALIDATION else learned

    @window_first()
    def _choose(self, text: str, images: Sequence[CaptionedImage], values: Values, *, is_quiet: bool = False) -> None:
        project = self._session.project
        if project is None or not images:
            return
        before = {image.content_hash: {name: getattr(image, name) for name in values} for image in images}
        redo = partial(self._write_choices, project, {image.content_hash: values for image in images})
        if redo():
            self._session.undo.add(text, partial(self._write_choices, project, before), redo, is_quiet=is_quiet)

    def _caption(self, text: str, captions: Mapping[str, str], *, is_quiet: bool = False) -> None:
        project = self._session.project
        if project is None or not captions:
            return
        before = {image.content_hash: image.caption for image in self._current(captions)}
        redo = partial(self._write_captions, project, captions)
        if redo():
            about = ("caption", *captions) if is_quiet else None
            undo = partial(self._write_captions, project, before)
            self._session.undo.add(text, undo, redo, is_quiet=is_quiet, about=about)

    @window_first()
    def _write_captions(self, project: Project, captions: Mapping[str, str]) -> bool:
        images = self._current(captions)
        changed = [replace(image, caption=captions[image.content_hash].strip()) for image in images]
        work = partial(large_sets.set_captions, self._session.workspace, project, images, captions)
        return self._session.writes.write(work, changed, project)

    @window_first()
    def _write_choices(self, project: Project, choices: Mapping[str, Values]) -> bool:
        changed = [replace(image, **choices[image.content_hash]) for image in self._current(choices)]
        names = {name for values in choices.values() for name in values}
        work = partial(large_sets.choose, self._session.workspace, project, changed, names)
        return self._session.writes.write(work, changed, project)

    def _current(self, content_hashes: Mapping[str, object]) -> list[CaptionedImage]:
        """Those pictures as they are now: other things about them may have changed since."""
        image_set = self._session.image_set
        return [image for image in image_set.images if image.content_hash in content_hashes] if image_set else []


class _Removal:
    """Pictures that are taken away and put back, as often as it is wanted."""

    def __init__(self, session: Session, project: Project, images: Sequence[CaptionedImage]) -> None:
        self._session, self._project, self._images = session, project, images

    def remove(self) -> bool:
        """Move them to the trash; False if that was refused (and said)."""
        session = self._session
        if not self._do(self._take_away):
            return False
        session.open_images.take_removed(self._images)
        session.projects_changed.emit()
        return True

    def put_back(self) -> bool:
        """Bring them back from the trash; False if that was refused (and said)."""
        if not self._do(self._restore):
            return False
        self._session.open_images.reload()
        self._session.projects_changed.emit()
        return True

    def _do(self, work: Callable[[], None]) -> bool:
        writes = self._session.writes
        if len(self._images) <= AT_ONCE and not writes.is_running:
            return self._session.tell_failure(work)
        writes.run(work)
        return True

    def _take_away(self) -> None:
        self._item = library.remove_images(self._session.workspace, self._project, self._images)

    def _restore(self) -> None:
        library.restore_images(self._session.workspace, self._project, self._item)
