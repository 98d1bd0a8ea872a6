"""Asks what a project is called, what it teaches and by which word; for new projects and for changes."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from calotype.domain.imageset import Project, SubjectKind, suggest_trigger_word
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.fields import Choice, labelled
from calotype.ui.widgets.labels import label


class NewProjectDialog(QDialog):
    """Three fields; the trigger word follows the name until the user writes one."""

    def __init__(self, session: Session, parent: QWidget | None = None, *, project: Project | None = None) -> None:
        """With a project given, changes that one."""
        super().__init__(parent)
        self._session = session
        self._project = project
        self._own_word = project is not None
        self.setWindowTitle(self.tr("New project") if project is None else self.tr("Change the project"))
        self.setMinimumWidth(460)
        self._make_fields()
        self._lay_out()
        self._update()

    def _make_fields(self) -> None:
        self.name = QLineEdit(self._project.name if self._project else "")
        self.name.setPlaceholderText(self.tr("Rusty the fox"))
        self.name.setMaxLength(80)
        self.name.textChanged.connect(self._update)
        self.kind = Choice()
        for kind, text in kind_names(self).items():
            self.kind.addItem(text, kind)
        self.kind.setCurrentIndex(self.kind.findData(self._project.kind if self._project else SubjectKind.CHARACTER))
        self.trigger_word = QLineEdit(self._project.trigger_word if self._project else "")
        self.trigger_word.setMaxLength(32)
        self.trigger_word.textEdited.connect(self._take_own_word)
        self.banner = FailureBanner()
        self.accept_button = primary_button(self.tr("Create") if self._project is None else self.tr("Save"))
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.accept)
        self._cancel = quiet_button(self.tr("Cancel"))
        self._cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self._cancel)
        buttons.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(14)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(self.banner)
        column.addWidget(labelled(self.tr("Name"), self.name))
        column.addWidget(labelled(self.tr("What it teaches"), self.kind))
        hint = self.tr("Write this word in a prompt to call your subject. A made-up word works best.")
        column.addWidget(labelled(self.tr("Trigger word"), self.trigger_word, hint))
        column.addSpacing(6)
        column.addLayout(buttons)

    def accept(self) -> None:
        """Make or change the project; a refusal is said here and the dialog stays."""
        self._session.failure.connect(self.banner.show_failure)
        done = self._save()
        self._session.failure.disconnect(self.banner.show_failure)
        if done:
            super().accept()

    def _save(self) -> bool:
        name, kind, word = self.name.text(), self.kind.currentData(), self.trigger_word.text().strip()
        if self._project is not None:
            return self._session.rename_project(name, SubjectKind(kind), word)
        return self._session.create_project(name, SubjectKind(kind), word) is not None

    def _take_own_word(self, text: str) -> None:
        self._own_word = bool(text)
        self._update()

    def _update(self) -> None:
        name = self.name.text().strip()
        if not self._own_word:
            self.trigger_word.setText(suggest_trigger_word(name) if name else "")
        self.accept_button.setEnabled(bool(name) and bool(self.trigger_word.text().strip()))


def kind_names(widget: QWidget) -> dict[SubjectKind, str]:
    """What each kind of subject is called in the window."""
    return {
        SubjectKind.PERSON: widget.tr("Person"),
        SubjectKind.CHARACTER: widget.tr("Character"),
        SubjectKind.PRODUCT: widget.tr("Product"),
        SubjectKind.STYLE: widget.tr("Style"),
    }
