"""The Images page: what is there, is it all right, and on to training."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from calotype.domain.image_order import ImageOrder
from calotype.domain.readiness import ReadinessVerdict
from calotype.services.image_view import read_order, save_order
from calotype.ui.models.folder_watch import FolderWatch
from calotype.ui.models.image_edits import ImageEdits
from calotype.ui.models.readiness_model import ReadinessModel
from calotype.ui.models.session import Session
from calotype.ui.models.set_fixes import SetFixes
from calotype.ui.models.set_saving import SetSaving
from calotype.ui.widgets.buttons import icon_button, quiet_button
from calotype.ui.widgets.folder_notice import FolderNotice
from calotype.ui.widgets.image_browser import ImageBrowser
from calotype.ui.widgets.images_invitation import ImagesInvitation
from calotype.ui.widgets.images_side import ImagesSide
from calotype.ui.widgets.import_notice import ImportNotice
from calotype.ui.windows.folder_menu import folder_button
from calotype.ui.windows.image_actions import ImageActions
from calotype.ui.windows.image_findings import ImageFindings
from calotype.ui.windows.new_project_dialog import NewProjectDialog, kind_names
from calotype.ui.windows.page import Page
from calotype.ui.windows.quick_look import QuickLook


class ImagesPage(Page):
    """A grid at the left; readiness, caption and the next step at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._edits = ImageEdits(session, self)
        self._readiness = ReadinessModel(session, self)
        self._build()
        self._connect()
        FolderWatch(session, self)
        self._start_over()
        self.refresh()

    @property
    def title(self) -> str:
        """The open project's name."""
        project = self._session.project
        return project.name if project else self.tr("Images")

    def header_facts(self) -> list[str]:
        """Its kind and its trigger word."""
        project = self._session.project
        if project is None:
            return []
        return [kind_names(self)[project.kind], self.tr("trigger: {word}").format(word=project.trigger_word)]

    def header_widgets(self) -> list[QWidget]:
        """Add pictures, change the project."""
        return [self._actions]

    def activate(self) -> None:
        """Look at the folder again, which may have been changed by hand, and be ready for the arrow keys."""
        self.refresh()
        self._session.open_images.look_again()
        if self.browser.images:
            self.grid.setFocus()

    def refresh(self) -> None:
        """Show the pictures as they are now."""
        image_set = self._session.image_set
        images = image_set.images if image_set else ()
        self.browser.show_images(images)
        self._show_stack()
        self.edit_button.setVisible(image_set is not None)
        self.add_button.setVisible(image_set is not None)
        self.notice.name_button.setVisible(self._session.is_named_by_itself)
        self._invitation.show_project(self._session.project)
        self._show_readiness()
        self._show_selection()

    def _build(self) -> None:
        self.add_button = quiet_button(self.tr("Add pictures…"), "image-plus")
        self.edit_button = icon_button("pencil", self.tr("Change name, kind and trigger word"))
        self._actions = QWidget(self)
        row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        self._saving = SetSaving(self._session, self)
        self.folder_button = folder_button(self._session.intake, self._saving)
        for button in (self.edit_button, self.folder_button, self.add_button):
            row.addWidget(button)
        self.browser = ImageBrowser(self._session.workspace)
        self.tools, self.grid = self.browser.tools, self.browser.grid
        self.actions_of_selection = ImageActions(self.browser, self._edits, self)
        self._side = ImagesSide()
        self.readiness_card, self.caption_card = self._side.readiness_card, self._side.caption_card
        self.conflict, self.continue_button = self._side.conflict, self._side.continue_button
        self.notice = ImportNotice(self._session.intake)
        self._invitation = ImagesInvitation()
        self.choose_button, self.sample_button = self._invitation.choose_button, self._invitation.sample_button
        self._stack = QStackedWidget()
        self._stack.addWidget(self._invitation)
        self._stack.addWidget(self._build_full())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _build_full(self) -> QWidget:
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(FolderNotice(self._session.intake.folders, self._saving))
        left.addWidget(self.notice)
        left.addWidget(self.browser, 1)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(24, 20, 24, 12)
        row.setSpacing(20)
        row.addLayout(left, 1)
        row.addWidget(self._side)
        return page

    def _connect(self) -> None:
        session = self._session
        session.images_changed.connect(self.refresh)
        session.project_changed.connect(self._start_over)
        session.imports.changed.connect(self._show_stack)
        ImageFindings(self._readiness, self.browser, self)
        self._readiness.changed.connect(self._show_readiness)
        self.readiness_card.images_wanted.connect(self.show_images)
        self.readiness_card.fix_wanted.connect(SetFixes(session, self._edits, self).fix)
        self._readiness.examination.progressed.connect(self.readiness_card.show_progress)
        self._readiness.compared.connect(self.readiness_card.show_comparing)
        for button in (self.add_button, self.choose_button):
            button.clicked.connect(self.files_wanted)
        self.sample_button.clicked.connect(session.open_sample)
        self.edit_button.clicked.connect(self._edit_project)
        self.notice.naming_wanted.connect(self._edit_project)
        self.continue_button.clicked.connect(lambda: session.page_requested.emit("train"))
        self.browser.selection_changed.connect(self._show_selection)
        self._connect_edits()
        QShortcut("F2", self, self._edit_caption)
        QShortcut("Ctrl+J", self, self.actions_of_selection.go_to_next_without_caption)
        QShortcut("Ctrl+Return", self, self.continue_button.click)
        QShortcut("Ctrl+F", self, self.tools.search.setFocus)

    def _connect_edits(self) -> None:
        actions = self.actions_of_selection
        actions.caption_wanted.connect(self._edit_caption)
        actions.look_wanted.connect(self._look)
        actions.serve(self.caption_card)
        self.readiness_card.split_bar.pictures_dropped.connect(actions.drop_on)
        self.caption_card.caption_written.connect(self._edits.caption)
        self._edits.conflicted.connect(self.conflict.ask)
        self.conflict.kept.connect(self._edits.caption)
        self.tools.order_chosen.connect(self._keep_order)

    def _start_over(self) -> None:
        self.browser.start_over()
        self.conflict.forget()
        project = self._session.project
        if project is not None:
            self.browser.show_order(read_order(project))

    def _keep_order(self, order: ImageOrder) -> None:
        project = self._session.project
        if project is not None:
            self._session.tell_failure(partial(save_order, project, order))

    def show_image(self, content_hash: str) -> None:
        """Select a picture, even if a search or a filter hid it."""
        self.show_images([content_hash])

    def show_images(self, content_hashes: Collection[str]) -> None:
        """Select pictures, even if a search or a filter hid them."""
        self.browser.reveal(content_hashes)

    def _show_stack(self) -> None:
        self._stack.setCurrentIndex(1 if self.browser.images or self._session.imports.is_running else 0)

    def _show_readiness(self) -> None:
        readiness = self._readiness.readiness
        self.readiness_card.show_readiness(readiness)
        self.continue_button.setEnabled(readiness is not None and readiness.verdict is not ReadinessVerdict.NOT_YET)

    def _show_selection(self) -> None:
        project = self._session.project
        had_any, images = self.caption_card.has_selection, self.grid.selected()
        self.caption_card.show_selection(images, project.trigger_word if project else "")
        if images and not had_any:
            self._side.bring_up_caption()

    def _look(self) -> None:
        size = self._readiness.readiness.size if self._readiness.readiness is not None else None
        QuickLook(self._session.workspace, self.browser, self, size).open()

    def _edit_caption(self) -> None:
        if len(self.grid.selected()) == 1:
            self.caption_card.editor.setFocus()

    def _edit_project(self) -> None:
        dialog = NewProjectDialog(self._session, self, project=self._session.project)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self.header_changed)
        dialog.open()
