"""Look for a newer version: when somebody asks, or once a day if they switched that on."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from calotype import __version__
from calotype.domain.graphics import version_numbers
from calotype.domain.settings import Settings
from calotype.hub.release_place import releases_address, releases_server
from calotype.services.workspace import Workspace
from calotype.storage.files import write_text_atomically

_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class UpdateNews:
    """The newest version, and where to get it."""

    version: str
    page: str
    is_newer: bool


def update_server() -> str:
    """The server that is asked, as a person knows it; empty if this copy of the program knows none."""
    return releases_server()


def can_look() -> bool:
    """Whether this copy of the program knows a place to ask."""
    return bool(releases_address())


def look_for_update(workspace: Workspace) -> UpdateNews:
    """Ask for the newest version: one request, in a job. Raises a ReleasesError or a HubError."""
    from calotype.hub.releases import read_releases  # what opens connections is not loaded before one is wanted

    write_text_atomically(_note(workspace), json.dumps({"looked_at": time.time()}) + "\n")
    found = read_releases()
    return UpdateNews(found.version, found.page, version_numbers(found.version) > version_numbers(__version__))


def is_due(workspace: Workspace, settings: Settings, now: float) -> bool:
    """Whether the window may look by itself at this moment (seconds since 1970): never unless that was switched on."""
    if not settings.looks_for_updates or not can_look():
        return False
    try:
        looked_at = float(json.loads(_note(workspace).read_text(encoding="utf-8"))["looked_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return not 0 <= now - looked_at < _DAY_S


def _note(workspace: Workspace) -> Path:
    return workspace.folder.root / "updates.json"
