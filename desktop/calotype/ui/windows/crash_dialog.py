"""For what nobody foresaw: write it down, say so, and let the user go on or quit."""

from __future__ import annotations

import contextlib
import logging
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler, qVersion
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from calotype import __version__
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.labels import label

LAST_CRASH = "last-crash.txt"

logger = logging.getLogger(__name__)


class CrashDialog(QDialog):
    """What happened, with a report to copy."""

    def __init__(self, report: str, log_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something unexpected happened"))
        self.setMinimumSize(620, 420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report = report
        text_box = QPlainTextEdit(report)
        text_box.setReadOnly(True)
        text_box.setAccessibleName(self.tr("Report"))
        text = self.tr(
            "This is a mistake in Calotype, not yours. What was saved is safe. You can go on; if things look wrong, "
            "quit and start again. The report below is also in {folder}."
        )
        copy = quiet_button(self.tr("Copy the report"), "copy")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(report))
        leave = quiet_button(self.tr("Quit"))
        leave.clicked.connect(QApplication.quit)
        go_on = primary_button(self.tr("Keep going"))
        go_on.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch()
        buttons.addWidget(leave)
        buttons.addWidget(go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(label(text.format(folder=log_folder), "muted", wraps=True))
        column.addWidget(text_box, 1)
        column.addLayout(buttons)


class CrashWatch(QObject):
    """Catches what no one else did, on any thread, and shows one dialog at a time."""

    _caught = Signal(str)

    def __init__(self, log_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_folder = log_folder
        self._dialog: CrashDialog | None = None
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Listen to Python's and Qt's last resorts."""
        sys.excepthook = self.take
        threading.excepthook = lambda args: self.take(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(_log_qt_message)

    def take(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Write an exception down and ask the window's thread to say so."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        logger.error("not foreseen", exc_info=(kind, error or kind(), trace))
        report = _report(kind, error, trace)
        with contextlib.suppress(OSError):  # a full disk must not hide what happened
            (self._log_folder / LAST_CRASH).write_text(report, encoding="utf-8", errors="replace")
        self._caught.emit(report)

    @Slot(str)
    def _show(self, report: str) -> None:
        if self._dialog is not None:
            return  # a failing paint event would open hundreds
        self._dialog = CrashDialog(report, self._log_folder, QApplication.activeWindow())
        self._dialog.finished.connect(self._forget)
        self._dialog.open()

    def _forget(self) -> None:
        self._dialog = None


def catch_crashes(log_folder: Path) -> CrashWatch:
    """Begin to answer for what nobody foresaw; the watch belongs to the application."""
    watch = CrashWatch(log_folder, QApplication.instance())
    watch.install()
    return watch


def _report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    system = f"Calotype {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    return system + "\n\n" + "".join(traceback.format_exception(kind, error, trace))


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }
    logging.getLogger("qt").log(levels.get(kind, logging.ERROR), "%s", text)
