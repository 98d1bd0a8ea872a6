"""The settings as a JSON file that survives newer versions, older versions and damage."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, TypeVar

from calotype.domain.errors import SettingsDamagedError
from calotype.domain.settings import DeviceChoice, Settings, Theme
from calotype.storage.files import move, write_atomically

SCHEMA = 1
MOST_THREADS = 1024

logger = logging.getLogger(__name__)
_Choice = TypeVar("_Choice", Theme, DeviceChoice)


def read_settings(path: Path) -> Settings:
    """Read the settings; a value that is not allowed falls back to the standard one, alone."""
    values = _values(path)
    standard = Settings()
    return Settings(
        theme=_choice(values, "theme", standard.theme),
        device=_choice(values, "device", standard.device),
        thread_count=_count(values, "thread_count", standard.thread_count),
        comparison_model=_text(values, "comparison_model", standard.comparison_model),
        hub_token=_text(values, "hub_token", standard.hub_token),
        looks_for_updates=values.get("looks_for_updates") is True,  # whatever else is written there: no
    )


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings, and keep what a newer version of the app wrote beside them."""
    kept = _values(path)
    values = {
        **kept,
        "schema": max(SCHEMA, _count(kept, "schema", SCHEMA)),  # two versions may use one folder by turns
        "theme": settings.theme.value,
        "device": settings.device.value,
        "thread_count": settings.thread_count,
        "comparison_model": settings.comparison_model,
        "hub_token": settings.hub_token,
        "looks_for_updates": settings.looks_for_updates,
    }
    text = json.dumps(values, indent=2) + "\n"  # in ASCII: a path may hold bytes that are no letters
    write_atomically(path, text.encode("utf-8"), check=lambda written: written.chmod(0o600))  # a token is in it


def put_damaged_settings_aside(path: Path) -> SettingsDamagedError | None:
    """Rename a settings file that is not JSON, so that it is kept and out of the way; the notice says so."""
    if not path.exists() or _parsed(path) is not None:
        return None
    backup = path.with_suffix(".damaged.json")
    backup.unlink(missing_ok=True)
    move(path, backup)
    return SettingsDamagedError(path.name, backup.name)


def _values(path: Path) -> dict[str, Any]:
    return _parsed(path) or {}


def _parsed(path: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _choice(values: dict[str, Any], name: str, standard: _Choice) -> _Choice:
    try:
        return type(standard)(values.get(name, standard))
    except ValueError:
        logger.info("the setting %s has the unknown value %r; using %s", name, values[name], standard)
        return standard


def _count(values: dict[str, Any], name: str, standard: int) -> int:
    value = values.get(name, standard)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_THREADS:
        return value
    logger.info("the setting %s has the impossible value %r; using %s", name, value, standard)
    return standard


def _text(values: dict[str, Any], name: str, standard: str) -> str:
    value = values.get(name, standard)
    if isinstance(value, str) and "\0" not in value:  # no path holds one, and asking for it raises
        return value
    logger.info("the setting %s has the impossible value %r; using %s", name, value, standard)
    return standard
