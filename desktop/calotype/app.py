"""Builds every long-lived object once, shows the window, and answers for what nobody foresaw."""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import calotype.ui  # noqa: F401 - first: see there
from calotype import __version__
from calotype.domain.errors import AlreadyOpenError, CalotypeError
from calotype.domain.settings import Theme
from calotype.services.gpu_packs import delete_leftovers
from calotype.services.later_starts import lock_or_hand_over
from calotype.services.workspace import (
    WindowLock,
    Workspace,
    close_workspace,
    is_first_start,
    load_settings,
    open_workspace,
    remember_root,
    save_settings,
)
from calotype.startup.again import start_again
from calotype.startup.data_root import default_root, root_is_fixed
from calotype.startup.typed_paths import typed_path
from calotype.ui.look.icons import icon
from calotype.ui.look.theme import apply_theme
from calotype.ui.look.translations import load_language
from calotype.ui.look.wording import update_words
from calotype.ui.models.session import Session
from calotype.ui.windows.application import Application
from calotype.ui.windows.crash_dialog import catch_crashes
from calotype.ui.windows.later_starts import LaterStarts
from calotype.ui.windows.main_window import MainWindow
from calotype.ui.windows.refusal import say_refusal
from calotype.ui.workers.background_job import BackgroundJob, wait_for_all_jobs
from calotype.ui.workers.garbage import GarbageOnThisThread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calotype.ui.windows.first_start import FirstChoices

_LOG_BYTES = 2_000_000
_LOG_FILES = 3
_AGAIN = 64  # what the window ends with when the user asked for a restart; no exit code of the program


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed, or start again if that was asked for; returns the exit code."""
    asked = _asked(sys.argv[1:] if argv is None else argv)
    app = make_application()
    root, choices = asked.home, None
    if is_first_start(root):
        choices = _first_choices(app, root)
        if choices is None:
            wait_for_all_jobs()
            return 0
        root = choices.folder
    opened = _open(root, asked.files)
    if isinstance(opened, int):
        return opened
    workspace, lock = opened
    _write_log_to(workspace.folder.logs)
    _write_aborts_to(workspace.folder.logs)
    catch_crashes(workspace.folder.logs)
    try:
        code = _run(app, workspace, asked.files, choices)
    finally:
        wait_for_all_jobs()
        close_workspace(workspace)
        lock.release()
    # What was dropped on the icon has been taken in already.
    return start_again(["--home", str(asked.home)] if asked.home else []) if code == _AGAIN else code


def make_application() -> QApplication:
    """The one QApplication, with its names; colours come with the settings."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else Application(["calotype"])
    app.setApplicationName("Calotype")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("calotype")
    load_language(app)
    return app


def make_window(app: QApplication, workspace: Workspace) -> tuple[Session, MainWindow]:
    """The window with everything behind it, not shown yet."""
    from calotype.ui.models.generation_model import GenerationModel
    from calotype.ui.models.kept_loras import KeptLoras
    from calotype.ui.models.pack_watch import PackWatch
    from calotype.ui.models.training_run_model import TrainingRunModel
    from calotype.ui.models.update_watch import UpdateWatch
    from calotype.ui.windows.restart import Restart

    session = Session(workspace)
    apply_theme(app, session.settings.theme)
    app.setWindowIcon(icon("calotype", "#000000", 64))
    session.settings_changed.connect(lambda settings: apply_theme(app, settings.theme))
    app.styleHints().colorSchemeChanged.connect(lambda _: apply_theme(app, session.settings.theme))
    training = TrainingRunModel(session, session)
    KeptLoras(session, training, session)
    generation = GenerationModel(session, session)
    packs = PackWatch(session, session)
    for model in (training, generation):
        model.finished.connect(packs.look)
    window = MainWindow(session, training, generation)
    Restart(session, training, generation, window)
    updates = UpdateWatch(session, session)
    updates.found.connect(lambda news: window.offer.show_text(update_words(news)))
    QTimer.singleShot(0, updates, updates.look_if_due)
    notices = (*workspace.notices, *([packs.at_start] if packs.at_start else []))
    if notices:
        window.failure_banner.show_failures(notices)
    return session, window


def _open(root: Path | None, files: Sequence[Path]) -> tuple[Workspace, WindowLock] | int:
    """The data folder, held for this window; or else the exit code: a window that holds it has taken the files, or it
    cannot be had, which was said, and no other was chosen.
    """
    while True:
        try:
            workspace = open_workspace(root)
            try:
                lock = lock_or_hand_over(workspace, files)
            except CalotypeError:
                close_workspace(workspace)
                raise
            if lock is not None:
                return workspace, lock
            close_workspace(workspace)
            return 0
        except CalotypeError as error:
            chosen = say_refusal(error, may_choose_folder=not (root_is_fixed() or isinstance(error, AlreadyOpenError)))
            if chosen is None:
                return 1
            root = chosen


def _first_choices(app: QApplication, named: Path | None) -> FirstChoices | None:
    """Show the one page before the first window; None if it was closed, and then nothing was written."""
    from calotype.ui.windows.first_start import FirstStart

    apply_theme(app, Theme.SYSTEM)
    app.setWindowIcon(icon("calotype", "#000000", 64))
    folder = typed_path(named or default_root())
    page = FirstStart(folder, Theme.SYSTEM, is_folder_fixed=named is not None or root_is_fixed())
    page.theme_chosen.connect(lambda theme: apply_theme(app, theme))
    page.exec()
    choices, is_elsewhere = page.choices, page.choices is not None and page.choices.folder != folder
    page.deleteLater()
    if choices is not None and is_elsewhere:
        try:
            remember_root(choices.folder)
        except CalotypeError as error:
            say_refusal(error)
            return None
    return choices


def _run(app: QApplication, workspace: Workspace, files: Sequence[Path], choices: FirstChoices | None) -> int:
    if choices is not None:
        save_settings(workspace, replace(load_settings(workspace), theme=choices.theme))
    garbage = GarbageOnThisThread()
    session, window = make_window(app, workspace)
    window.show()
    if choices is not None and choices.wants_sample:
        session.open_sample()
    tidying = BackgroundJob(lambda: iter([delete_leftovers(workspace)]), session)
    tidying.start()
    window.incoming.take_paths(files, into_new=True)
    LaterStarts(session, window.incoming, window)
    if isinstance(app, Application):
        _open_asked_files(app, window)
    code = app.exec()
    if session.is_restarting:
        code = _AGAIN
    # The window goes before the session that its pages look at.
    window.deleteLater()
    session.deleteLater()
    garbage.deleteLater()
    return code


def _open_asked_files(app: Application, window: MainWindow) -> None:
    """Take in what the system asks to open, now and while the window is there."""

    def take() -> None:
        window.incoming.take_paths(app.take_files(), into_new=True)

    app.files_asked_for.connect(take)
    take()


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    """What the command line names: `home`, the data folder, and `files`, which were dropped on the icon."""
    parser = argparse.ArgumentParser(prog="calotype", description="Open the Calotype window.")
    parser.add_argument("--home", type=Path, default=None, help="the data folder to use")
    parser.add_argument("files", type=Path, nargs="*", help="pictures, models or LoRAs to add")
    return parser.parse_args(list(argv))


def _write_log_to(folder: Path) -> None:
    handler = RotatingFileHandler(
        folder / "calotype.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("calotype").setLevel(logging.INFO)
    logging.getLogger("calotype").info("Calotype %s starts", __version__)


def _write_aborts_to(folder: Path) -> None:
    """Keep where the program was when the system ended it, which no Python hears of; that of the last start is kept."""
    path, before = folder / "abort.txt", folder / "abort-before.txt"
    try:
        if path.exists() and path.stat().st_size:
            path.replace(before)
        # For the whole life of the process: it is written to in its last moment.
        faulthandler.enable(path.open("w", encoding="utf-8"))
    except OSError as error:
        logging.getLogger(__name__).info("aborts are not noted: %s", error)
