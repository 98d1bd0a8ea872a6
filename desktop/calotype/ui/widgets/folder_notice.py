"""What has changed in the folders that pictures came from, each with what can be done about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.models.folder_news import FolderNews
from calotype.ui.models.set_saving import SetSaving
from calotype.ui.widgets.buttons import Button, icon_button, link_button
from calotype.ui.widgets.labels import label


class FolderNotice(QFrame):
    """One line for each kind of news; hidden while there is none."""

    def __init__(self, news: FolderNews, saving: SetSaving, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._news = news
        self._saving = saving
        set_role(self, "notice")
        self.add_button = link_button(self.tr("Add them"))
        self.add_button.clicked.connect(news.take_in_new)
        self.replace_button = link_button(self.tr("Replace"))
        self.replace_button.setToolTip(self.tr("Captions, ratings and the split stay as they are"))
        self.replace_button.clicked.connect(news.replace_changed)
        self.keep_button = link_button(self.tr("Keep"))
        self.keep_button.clicked.connect(news.keep)
        self.remove_button = link_button(self.tr("Remove"))
        self.remove_button.clicked.connect(lambda: news.remove(news.changes.vanished))
        self.find_button = link_button(self.tr("Find again…"))
        self.find_button.clicked.connect(self._find)
        self.remove_missing_button = link_button(self.tr("Remove"))
        self.remove_missing_button.clicked.connect(lambda: news.remove(news.changes.missing))
        self.find_folder_button = link_button(self.tr("Find it…"))
        self.find_folder_button.clicked.connect(self._find)
        self.forget_button = link_button(self.tr("Forget it"))
        self.forget_button.clicked.connect(news.forget_folders)
        self.show_button = link_button(self.tr("Open the folder"))
        self.show_button.clicked.connect(self._show_saved)
        self._close = icon_button("x", self.tr("Dismiss"))
        self._close.clicked.connect(self._dismiss)
        self._lines = [
            _Line(self.add_button),
            _Line(self.replace_button),
            _Line(self.keep_button, self.remove_button),
            _Line(self.find_button, self.remove_missing_button),
            _Line(self.find_folder_button, self.forget_button),
            _Line(self.show_button),
        ]
        self._lay_out()
        news.changed.connect(self.refresh)
        saving.changed.connect(self.refresh)
        self.refresh()

    @property
    def text(self) -> str:
        """Everything that is said now."""
        return "\n".join(line.text for line in self._lines if not line.isHidden())

    def refresh(self) -> None:
        """Say what there is."""
        changes = self._news.changes
        counts = (len(changes.new), len(changes.changed), len(changes.vanished), len(changes.missing))
        texts = (
            self.tr("%n new picture(s) in the folder", "", counts[0]),
            self.tr("%n picture(s) edited by another program", "", counts[1]),
            self.tr("%n picture(s) no longer in the folder, and kept here", "", counts[2]),
            self.tr("%n picture(s) missing from the folder, with no copy here", "", counts[3]),
        )
        for line, text, count in zip(self._lines[:4], texts, counts, strict=True):
            line.show_text(text if count else "")
        is_away = bool(changes.unreachable)
        self.find_folder_button.setVisible(is_away)
        self.forget_button.setVisible(is_away and self._news.can_forget_folders)
        self._lines[4].show_text(self._last_words())
        self.show_button.setVisible(self._saving.saved is not None)
        self._lines[5].show_text(self._save_words())
        self.setVisible(any(not line.isHidden() for line in self._lines))

    def _last_words(self) -> str:
        unreachable = self._news.changes.unreachable
        if unreachable:
            words = self.tr("“{folder}” is not there. Is its drive connected?")
            return words.format(folder=unreachable[0].name)
        is_nothing = self._news.is_asked and self._news.changes.is_nothing
        return self.tr("Nothing has changed in the folders of this project.") if is_nothing else ""

    def _save_words(self) -> str:
        saving = self._saving
        if saving.is_running and saving.written is not None:
            words = self.tr("Saving pictures: {done} of {total}")
            return words.format(done=saving.written.number, total=saving.written.total)
        if saving.saved is None:
            return ""
        return self.tr("%n picture(s) saved in {folder}", "", saving.saved.total).format(folder=saving.saved.folder)

    def _show_saved(self) -> None:
        if self._saving.saved is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._saving.saved.folder)))

    def _dismiss(self) -> None:
        self._saving.start_over()
        self._news.dismiss()

    def _find(self) -> None:
        title = self.tr("Where are the pictures now?")
        folder = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if folder:
            self._news.find_again(Path(folder))

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(2)
        for line in self._lines:
            column.addWidget(line)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)


class _Line(QWidget):
    def __init__(self, *buttons: Button) -> None:
        super().__init__()
        self._label = label("", wraps=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._label, 1)
        for button in buttons:
            row.addWidget(button)

    @property
    def text(self) -> str:
        return self._label.text()

    def show_text(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))
