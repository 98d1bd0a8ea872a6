"""The log file of the terminal, so that stderr holds only what a person should read."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from calotype.domain.folders import DataFolder


def keep_log(folder: DataFolder) -> None:
    """Write warnings, and the traceback of a bug, into the data folder from now on, and nowhere else."""
    folder.logs.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(
        folder.logs / "terminal.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    file.set_name("calotype-terminal")
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.get_name() == file.get_name()]:
        root.removeHandler(old)
        old.close()
    root.addHandler(file)
    logging.captureWarnings(True)


def log_path() -> str:
    """Where the log of this call lies; empty if no data folder was opened yet."""
    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, RotatingFileHandler)]
    return files[-1].baseFilename if files else ""
