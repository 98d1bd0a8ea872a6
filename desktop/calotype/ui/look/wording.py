"""Words for what the domain says as data: errors, durations, sizes and dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from calotype.domain import speech
from calotype.domain.errors import CalotypeError, InvalidPlanError
from calotype.domain.setting_words import ALL_TEXTS
from calotype.services.updates import UpdateNews


def _tr(text: str) -> str:
    return QCoreApplication.translate("wording", text)


def sentence(error: BaseException) -> str:
    """Say what happened, to what, and what to do next, in the language of the window."""
    if isinstance(error, CalotypeError):
        fields = error.fields | (_setting(error) if isinstance(error, InvalidPlanError) else {})
        return QCoreApplication.translate("errors", error.sentence).format(**fields)
    return _tr(
        "Something unexpected happened ({name}). Your work is saved; try again, and if it comes back, "
        "send the log file from the data folder."
    ).format(name=type(error).__name__)


def _setting(error: InvalidPlanError) -> dict[str, object]:
    """A setting as the window calls it; its name in files is for the terminal."""
    label = next((text.label for text in ALL_TEXTS if text.name == error.field), "")
    name = QCoreApplication.translate("PlanDrawer", label) if label else str(error.field).replace("_", " ")
    return {"field": f"“{name}”", "value": error.value if str(error.value).strip() else _tr("empty")}


def duration(seconds: float) -> str:
    """Write a time the way a person says it: two units at most."""
    return speech.duration(seconds, _tr)


def file_size(size_bytes: float) -> str:
    """Write a size in the unit that leaves one to three digits before the point."""
    size = float(size_bytes)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def update_words(news: UpdateNews) -> str:
    """Say that a newer version is there, and where."""
    text = _tr("Calotype {version} is there: {page}") if news.page else _tr("Calotype {version} is there.")
    return text.format(version=news.version, page=news.page)


def file_when(path: Path) -> str:
    """When a file was written; empty if it is gone."""
    return when(path.stat().st_mtime) if path.is_file() else ""


def when(timestamp: float) -> str:
    """Write a moment (seconds since 1970) as a person would today."""
    moment = datetime.fromtimestamp(timestamp)
    today = datetime.now().date()
    clock = f"{moment:%H:%M}"
    if moment.date() == today:
        return _tr("today, {clock}").format(clock=clock)
    if moment.date() == today - timedelta(days=1):
        return _tr("yesterday, {clock}").format(clock=clock)
    return f"{moment:%Y-%m-%d}, {clock}"
