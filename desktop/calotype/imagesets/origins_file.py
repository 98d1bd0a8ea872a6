"""`origins.json` of a project: the folders that were brought in and the state in which each file was."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from calotype.domain.import_options import CaptionChoice, ImportOptions
from calotype.domain.origins import FileState, ImportedFolder, KnownFile, Origins

ORIGINS_FILE = "origins.json"
_SCHEMA = 1

logger = logging.getLogger(__name__)


def origins_text(origins: Origins) -> str:
    """Write origins as the text of their file, in ASCII: paths may hold bytes that are no letters."""
    folders = [
        {"path": str(folder.path), "captions": folder.options.captions.value, "is_linked": folder.options.is_linked}
        for folder in origins.folders
    ]
    files = ",\n".join(
        json.dumps([str(path), known.state.size_bytes, known.state.modified_ns, known.content_hash])
        for path, known in origins.files.items()
    )
    return f'{{"schema": {_SCHEMA}, "folders": {json.dumps(folders)},\n"files": [\n{files}\n]}}\n'


def read_origins(project_folder: Path) -> Origins:
    """Read what `origins_text` wrote; nothing is known if the file is missing or damaged."""
    try:
        values = json.loads((project_folder / ORIGINS_FILE).read_text(encoding="utf-8"))
        folders = tuple(
            ImportedFolder(
                Path(folder["path"]), ImportOptions(CaptionChoice(folder["captions"]), bool(folder["is_linked"]))
            )
            for folder in values["folders"]
        )
        files = {
            Path(path): KnownFile(FileState(int(size), int(modified)), str(content_hash))
            for path, size, modified, content_hash in values["files"]
        }
    except FileNotFoundError:
        return Origins()
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.info("no origins in %s: %s", project_folder, error)
        return Origins()
    return Origins(folders, files)


def state_of(path: Path) -> FileState | None:
    """The state of a file now; None if it is not there."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return FileState(state.st_size, state.st_mtime_ns)
