"""The window: rail, header, pages and status, and what works on every page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from calotype.domain.control import Stop
from calotype.ui.models.session import PAGES, Session
from calotype.ui.widgets.banner import Banner
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.header_bar import HeaderBar
from calotype.ui.widgets.margin import Margin
from calotype.ui.widgets.rail import Rail
from calotype.ui.widgets.status_strip import StatusStrip
from calotype.ui.windows.drop_veil import DropVeil
from calotype.ui.windows.help import show_help
from calotype.ui.windows.home_page import HomePage
from calotype.ui.windows.incoming import Incoming
from calotype.ui.windows.interruption import Interruption
from calotype.ui.windows.new_project_dialog import NewProjectDialog
from calotype.ui.windows.page import Page
from calotype.ui.windows.page_factory import make_page
from calotype.ui.windows.status_news import StatusNews

if TYPE_CHECKING:
    from calotype.ui.models.generation_model import GenerationModel
    from calotype.ui.models.training_run_model import TrainingRunModel

_TITLE_BAR_PX = 36  # the system's own frame also needs room on the screen


class MainWindow(QWidget):
    """Everything the user sees; pages are made when they are first shown."""

    def __init__(self, session: Session, training: TrainingRunModel, generation: GenerationModel) -> None:
        super().__init__()
        self._session = session
        self._training = training
        self._generation = generation
        self._pages: dict[str, Page] = {}
        self._is_closing = False
        self.setWindowTitle("Calotype")
        self.setMinimumSize(1024, 640)
        self._build()
        self._connect()
        self._add_shortcuts()
        self._restore_geometry()
        self.show_page("home")
        self.setFocus()  # so that no button is marked before the first Tab
        self._interruption = Interruption(session, training, self.offer, self)
        QTimer.singleShot(0, self._interruption, self._interruption.look)

    @property
    def current_page(self) -> str:
        """The name of the page in front."""
        return self._current

    def page(self, name: str) -> Page:
        """A page, made now if it has not been shown yet."""
        if name not in self._pages:
            page = self._pages[name] = make_page(name, self._session, self._training, self._generation)
            page.header_changed.connect(self._show_header)
            self._stack.addWidget(page)
            page.files_wanted.connect(self.incoming.choose_files)
            page.project_wanted.connect(self.new_project)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        page = self.page(name)
        self._current = name
        self._stack.setCurrentWidget(page)
        self.rail.set_current(name)
        page.activate()
        self._place_focus(page)
        self._show_header()
        self.header.show_actions(name, page.header_widgets())
        self.status.go_last_in_tab_order(self)

    def _show_image(self, content_hash: str) -> None:
        from calotype.ui.windows.images_page import ImagesPage  # as in `page_factory`: not before it is shown

        self.show_page("images")
        page = self.page("images")
        assert isinstance(page, ImagesPage)
        page.show_image(content_hash)

    def _place_focus(self, page: Page) -> None:
        """Let Tab begin on the page, unless the user is in it already or walks along the rail."""
        focused = QApplication.focusWidget()
        is_in_page = focused is not None and page.isAncestorOf(focused)
        if not is_in_page and focused is not self.rail.button(self._current):
            page.setFocus()

    def new_project(self) -> None:
        """Ask for a name, and show the empty project."""
        dialog = NewProjectDialog(self._session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.show_page("images"))
        dialog.open()

    def _build(self) -> None:
        self.rail = Rail()
        self.header = HeaderBar()
        self.failure_banner = FailureBanner()
        self.offer = Banner("offer", "rotate-ccw")
        self._stack = QStackedWidget()
        self.status = StatusStrip()
        self.undo_bar = self.status.undo_bar
        self._veil = DropVeil(self)
        for name, icon_name, text in self._entries():
            self.rail.add(name, icon_name, text, at_end=name == "settings")
        self.incoming = Incoming(self._session, self, lambda: self._current == "home")
        self.incoming.hovering.connect(self._set_hot)
        self._news = StatusNews(self._session, self._training, self._generation, self.status, self)
        self._lay_out()

    def _entries(self) -> list[tuple[str, str, str]]:
        words = [
            self.tr("Home"),
            self.tr("Images"),
            self.tr("Train"),
            self.tr("Create"),
            self.tr("Library"),
            self.tr("Settings"),
        ]
        icons = ["house", "image", "trending-up", "sparkles", "library", "settings"]
        return list(zip(PAGES, icons, words, strict=True))

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.header)
        for banner in (self.failure_banner, self.offer):
            middle.addWidget(Margin(banner, QMargins(24, 12, 24, 0)))
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.status)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(middle, 1)

    def _connect(self) -> None:
        session = self._session
        self.rail.chosen.connect(self.show_page)
        session.page_requested.connect(self.show_page)
        session.open_images.wanted.connect(self._show_image)
        session.failure.connect(self.failure_banner.show_failure)
        session.project_changed.connect(self._show_header)
        session.images_changed.connect(self._show_header)
        session.undo.offered.connect(lambda text: self.undo_bar.offer(text, session.undo.undo))
        session.undo.withdrawn.connect(self.undo_bar.clear)
        self.status.device_chosen.connect(lambda: self.show_page("settings"))
        self.status.job_chosen.connect(lambda: self.show_page(self._news.page_of_job))
        for model in (self._training, self._generation, session.imports):
            model.finished.connect(self._close_if_asked)

    def _add_shortcuts(self) -> None:
        for number, name in enumerate(PAGES, start=1):
            QShortcut(f"Ctrl+{number}", self, partial(self.show_page, name))
        keys = QKeySequence.StandardKey
        actions = {
            keys.Open: self.incoming.choose_files,
            keys.New: self.new_project,
            keys.Paste: self.incoming.paste,
            keys.Undo: self._session.undo.undo,
            keys.Quit: self.close,
        }
        for key, action in actions.items():
            QShortcut(QKeySequence(key), self).activated.connect(action)
        for sequence in ("Ctrl+Shift+Z", "Ctrl+Y"):
            QShortcut(sequence, self, self._session.undo.redo)
        for sequence in ("F1", "?"):
            QShortcut(sequence, self, partial(show_help, self._session, self))

    def _show_header(self) -> None:
        page = self._pages[self._current]
        self.header.show_words(page.title, page.subtitle, page.header_facts())
        project = self._session.project
        self.setWindowTitle(f"{project.name} – Calotype" if project else "Calotype")

    def _geometry_file(self) -> QSettings:
        return QSettings(str(self._session.workspace.folder.root / "window.ini"), QSettings.Format.IniFormat)

    def _restore_geometry(self) -> None:
        room = self.screen().availableGeometry()
        self.resize(min(1440, room.width()), min(900, room.height() - _TITLE_BAR_PX))
        saved = self._geometry_file().value("geometry")
        if saved is not None:
            self.restoreGeometry(saved)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once if nothing runs; otherwise ask the work to stop, say so, and close when it has."""
        self._geometry_file().setValue("geometry", self.saveGeometry())
        if not self._is_anything_running():
            event.accept()
            return
        event.ignore()
        if self._is_closing:
            return
        self._is_closing = True
        self._training.send(Stop())
        self._generation.stop()
        self._session.imports.stop()
        self.offer.show_text(self.tr("Closing: the current step is ending and what was learned is being saved."))

    def _close_if_asked(self) -> None:
        if self._is_closing and not self._is_anything_running():
            self.close()

    def _is_anything_running(self) -> bool:
        return self._training.is_running or self._generation.is_running or self._session.imports.is_running

    def _set_hot(self, is_hot: bool) -> None:
        page, held, project = self._pages[self._current], self.incoming.held, self._session.project
        if isinstance(page, HomePage) and held.is_pictures:
            page.set_hot(is_hot)
        elif is_hot:
            self._veil.cover(self._stack.geometry(), held, project.name if project else "")
        else:
            self._veil.lift()
