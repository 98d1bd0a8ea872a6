"""The log file of the terminal, so that stderr holds only what a person should read."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from calotype.domain.folders import DataFolder

_NAME = "calotype-terminal"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def keep_log(folder: DataFolder) -> None:
    """Write warnings, and the traceback of a bug, into the data folder from now on, and nowhere else."""
    close_log()
    file = RotatingFileHandler(
        folder.logs / "terminal.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    file.setFormatter(logging.Formatter(_FORMAT))
    file.set_name(_NAME)
    logging.getLogger().addHandler(file)
    logging.captureWarnings(True)


def close_log() -> None:
    """Stop writing; nothing if no log is kept."""
    for file in _kept():
        logging.getLogger().removeHandler(file)
        file.close()
        logging.captureWarnings(False)


def log_path() -> str:
    """Where the log lies; empty if none is kept, because no data folder was opened yet."""
    return next((file.baseFilename for file in _kept()), "")


def _kept() -> list[RotatingFileHandler]:
    handlers = logging.getLogger().handlers
    return [file for file in handlers if isinstance(file, RotatingFileHandler) and file.get_name() == _NAME]
