"""What an import notes down about the folders and files that it looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from calotype.domain.imageset import Project
from calotype.domain.import_options import ImportOptions
from calotype.domain.origins import ImportedFolder, KnownFile, Origins
from calotype.imagesets.copies import PreparedPicture
from calotype.imagesets.origins_file import (
    ORIGINS_FILE,
    file_lines,
    origins_text,
    read_folders,
    read_origins,
    state_of,
)
from calotype.imagesets.sources import Refusal
from calotype.storage.files import append_text, write_text_atomically


class OriginsNote:
    """Collects while an import runs, and adds to `origins.jsonl` at its end."""

    def __init__(self, project: Project, options: ImportOptions) -> None:
        self._project = project
        self._options = options
        self._folders: tuple[Path, ...] = ()
        self._files: dict[Path, KnownFile] = {}

    def begin(self, folders: Sequence[Path]) -> None:
        """Files below these folders will be noted."""
        self._folders = tuple(folders)

    def note(self, found: PreparedPicture | Refusal) -> None:
        """Remember a file, whatever became of it: it is not new the next time."""
        if isinstance(found, Refusal):
            path, state, content_hash = found.path, None if found.path is None else state_of(found.path), ""
        else:
            path, state, content_hash = found.source.path, found.state, found.content_hash
        if path is None or state is None:
            return
        is_linked = isinstance(found, PreparedPicture) and found.stays
        if is_linked or any(path.is_relative_to(folder) for folder in self._folders):
            self._files[path] = KnownFile(state, content_hash)

    def note_copy(self, path: Path, content_hash: str) -> None:
        """Remember a picture in the project as it was written, so that it is noticed if another program edits it."""
        state = state_of(path)
        if state is not None:
            self._files[path.relative_to(self._project.folder)] = KnownFile(state, content_hash)

    def save(self) -> None:
        """Write down what came to light."""
        if not self._folders and not self._files:
            return
        folders = {folder: ImportedFolder(folder, self._options) for folder in self._folders}
        change_origins(self._project, folders, self._files)


def change_origins(
    project: Project,
    folders: Mapping[Path, ImportedFolder],
    files: Mapping[Path, KnownFile],
    forgotten: Sequence[Path] = (),
) -> None:
    """Add to what is known of a project's origins, or write it anew, and forget some files.

    If there are only files to add, nothing else is read or written: a set may have a hundred thousand.
    """
    known_folders = read_folders(project.folder)
    if not forgotten and known_folders is not None and set(folders.values()) <= set(known_folders):
        append_text(project.folder / ORIGINS_FILE, file_lines(files))
        return
    before = read_origins(project.folder)
    all_folders = {**{folder.path: folder for folder in before.folders}, **folders}
    all_files = {**before.files, **files}
    for path in forgotten:
        all_files.pop(path, None)
    text = origins_text(Origins(tuple(all_folders.values()), all_files))
    write_text_atomically(project.folder / ORIGINS_FILE, text)
