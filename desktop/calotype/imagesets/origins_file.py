"""`origins.jsonl` of a project: the folders that were brought in and the state in which each file was."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from calotype.domain.courtesy import courteous
from calotype.domain.import_options import CaptionChoice, ImportOptions
from calotype.domain.origins import FileState, ImportedFolder, KnownFile, Origins

ORIGINS_FILE = "origins.jsonl"
_SCHEMA = 1

logger = logging.getLogger(__name__)


def origins_text(origins: Origins) -> str:
    """Write origins as the text of their file, in ASCII: paths may hold bytes that are no letters.

    One file a line: a set has a hundred thousand, and reading one long value would hold the window up.
    """
    folders = [
        {"path": str(folder.path), "captions": folder.options.captions.value, "is_linked": folder.options.is_linked}
        for folder in origins.folders
    ]
    return json.dumps({"schema": _SCHEMA, "folders": folders}) + "\n" + file_lines(origins.files)


def file_lines(files: Mapping[Path, KnownFile]) -> str:
    """The lines of some files; of two lines of one file the later one counts, so that lines may be added at the end."""
    return "".join(
        json.dumps([str(path), known.state.size_bytes, known.state.modified_ns, known.content_hash]) + "\n"
        for path, known in courteous(files.items())
    )


def read_folders(project_folder: Path) -> tuple[ImportedFolder, ...] | None:
    """The folders alone, without reading about any file; None if there is no file of origins that ends as it should."""
    try:
        with (project_folder / ORIGINS_FILE).open("rb") as file:
            first = file.readline()
            file.seek(-1, os.SEEK_END)
            is_whole = file.read() == b"\n"
    except OSError:
        return None
    return _folders(first.decode("ascii", errors="replace")) if is_whole else None


def read_origins(project_folder: Path) -> Origins:
    """Read what `origins_text` wrote. Nothing is known of damaged lines, nor of anything if the file is missing."""
    try:
        text = (project_folder / ORIGINS_FILE).read_text(encoding="ascii", errors="replace")
    except OSError:
        return Origins()
    first, *rest = text.splitlines() or [""]
    folders, files = _folders(first), {}
    for line in courteous(rest):
        try:
            path, size, modified, content_hash = json.loads(line)
            files[Path(path)] = KnownFile(FileState(int(size), int(modified)), str(content_hash))
        except (ValueError, TypeError) as error:
            logger.info("a damaged line among the origins of %s: %s", project_folder, error)
    return Origins(folders, files)


def _folders(line: str) -> tuple[ImportedFolder, ...]:
    try:
        return tuple(
            ImportedFolder(
                Path(folder["path"]), ImportOptions(CaptionChoice(folder["captions"]), bool(folder["is_linked"]))
            )
            for folder in json.loads(line)["folders"]
        )
    except (ValueError, KeyError, TypeError) as error:
        logger.info("no folders among the origins: %s", error)
        return ()


def state_of(path: Path) -> FileState | None:
    """The state of a file now; None if it is not there."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return FileState(state.st_size, state.st_mtime_ns)
