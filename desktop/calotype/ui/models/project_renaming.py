"""Changing what a project is called, and taking that back: its name, its kind, and its word in every caption."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from calotype.domain.imageset import Project, SubjectKind
from calotype.services import library, projects
from calotype.services.trigger_words import replace_trigger_word

if TYPE_CHECKING:
    from calotype.ui.models.session import Session


def rename_open_project(session: Session, name: str, kind: SubjectKind, trigger_word: str) -> bool:
    """Change what is said of the open project, as one step to undo; False if that was refused (and said)."""
    before = session.project
    if before is None:
        return False
    renaming = _Renaming(session, before)
    if not renaming.begin(name, kind, trigger_word):
        return False
    if renaming.after != before:
        text = QCoreApplication.translate("Session", "Changed the project to “{name}”")
        is_quiet = (renaming.after.name, renaming.after.trigger_word) == (before.name, before.trigger_word)
        session.undo.add(text.format(name=renaming.after.name), renaming.undo, renaming.redo, is_quiet=is_quiet)
    return True


class _Renaming:
    """One renaming, done and taken back as often as it is wanted."""

    def __init__(self, session: Session, before: Project) -> None:
        self._session, self._before, self.after = session, before, before
        # By content hash; known once they are written, which is before they are written back.
        self._old_captions: dict[str, str] = {}
        self._new_captions: dict[str, str] = {}

    def begin(self, name: str, kind: SubjectKind, trigger_word: str) -> bool:
        """Do it for the first time."""
        made: list[Project] = []
        update = partial(projects.update_project, self._session.workspace, self._before)
        if not self._session.tell_failure(lambda: made.append(update(name=name, kind=kind, trigger_word=trigger_word))):
            return False
        self.after = made[0]
        self._tell(self.after)
        if self.after.trigger_word != self._before.trigger_word:
            self._write(self._replace_word)
        return True

    def undo(self) -> bool:
        """Call it as before."""
        return self._become(self.after, self._before, self._new_captions, self._old_captions)

    def redo(self) -> bool:
        """Call it as it was called then."""
        return self._become(self._before, self.after, self._old_captions, self._new_captions)

    def _become(self, now: Project, wanted: Project, here: dict[str, str], there: dict[str, str]) -> bool:
        workspace = self._session.workspace
        changes = {"name": wanted.name, "trigger_word": wanted.trigger_word}
        if not self._session.tell_failure(lambda: projects.update_project(workspace, now, kind=wanted.kind, **changes)):
            return False
        self._tell(wanted)
        if now.trigger_word != wanted.trigger_word:
            self._write(lambda: library.replace_captions(workspace, wanted, there, here))
        return True

    def _replace_word(self) -> Iterable[object]:
        """Runs in a thread."""
        for before, image in replace_trigger_word(self._session.workspace, self.after, self._before.trigger_word):
            self._old_captions[before.content_hash] = before.caption
            self._new_captions[image.content_hash] = image.caption
            yield image

    def _write(self, rewrite: Callable[[], Iterable[object]]) -> None:
        """In a thread, behind everything that waits to be written, so that undoing comes after what it undoes."""
        self._session.writes.run(lambda: sum(1 for _ in rewrite()))
        self._session.open_images.reload()  # when that is done

    def _tell(self, project: Project) -> None:
        session = self._session
        session.is_named_by_itself = False
        if session.project is not None and session.project.id == project.id:
            session.open_images.take_project(project)
            session.project_changed.emit(project)
            session.images_changed.emit()
        session.projects_changed.emit()
