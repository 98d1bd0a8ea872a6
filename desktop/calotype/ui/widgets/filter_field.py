"""The field above the pictures in which one types what to show, with completion, examples and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QListView, QMenu, QWidget

from calotype.domain.errors import FilterError
from calotype.domain.image_filter import EVERYTHING, KEYS, Expression, parse_filter
from calotype.ui.look.wording import sentence
from calotype.ui.widgets.buttons import icon_button

_BEGINNINGS = (
    *("is:duplicate", "is:excluded", "is:missing", "is:training", "is:validation"),
    *("no:caption", "no:rating", "issue:any"),
)


class FilterField(QWidget):
    """filtered: a filter that was understood (an Expression). refused: what is wrong, or empty if nothing is.

    While something is wrong, what is shown stays as it is.
    """

    filtered = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = _Edit()
        self.edit.setPlaceholderText(self.tr("Filter: words, rating>=3, size<512…"))
        self.edit.setAccessibleName(self.tr("Filter the pictures"))
        self.edit.setClearButtonEnabled(True)
        self.edit.textChanged.connect(self._read)
        self.help_button = icon_button("info", self.tr("What can be typed into the filter"))
        self.help_button.clicked.connect(self._show_examples)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.edit, 1)
        row.addWidget(self.help_button)

    def examples(self) -> list[tuple[str, str]]:
        """Filters to learn from, each with what it shows."""
        return [
            ("red hat", self.tr("both words are in the caption or the name")),
            ('"red hat"', self.tr("exactly this text")),
            ("red or blue", self.tr("one of the words")),
            ("-background", self.tr("without this word")),
            ("rating>=3", self.tr("three stars or more")),
            ("size<512", self.tr("the shorter side has fewer than 512 pixels")),
            ("aspect:portrait", self.tr("higher than wide; also landscape, square, 16:9")),
            ("no:caption", self.tr("nothing is said about them")),
            ("tags<3", self.tr("fewer than three phrases between commas")),
            ("is:duplicate", self.tr("look almost like another")),
            ("is:missing", self.tr("their files were left where they were, and are gone")),
            ("issue:soft", self.tr("something may be wrong with them")),
        ]

    def _read(self, text: str) -> None:
        try:
            expression: Expression = parse_filter(text) if text.strip() else EVERYTHING
        except FilterError as error:
            self._mark(is_wrong=True)
            self.refused.emit(sentence(error))
            return
        self._mark(is_wrong=False)
        self.refused.emit("")
        self.filtered.emit(expression)

    def _mark(self, *, is_wrong: bool) -> None:
        if bool(self.edit.property("invalid")) != is_wrong:
            self.edit.setProperty("invalid", is_wrong)
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)

    def _show_examples(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for example, meaning in self.examples():
            action = menu.addAction(f"{example.replace('&', '&&')}\t{meaning}")
            action.triggered.connect(lambda _=False, example=example: self._take(example))
        menu.popup(self.help_button.mapToGlobal(self.help_button.rect().bottomLeft()))

    def _take(self, example: str) -> None:
        self.edit.setText(example)
        self.edit.setFocus()


class _Edit(QLineEdit):
    """Completes the word at the caret; Down and Enter choose, Escape clears."""

    def __init__(self) -> None:
        super().__init__()
        words = sorted({*_BEGINNINGS, *(f"{key}:" for key in KEYS), "rating>=", "size<", "tags<"})
        self._completer = QCompleter(QStringListModel(words, self), self)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.activated.connect(self._complete)
        self._popup = QListView()
        self._popup.setAccessibleName(QCoreApplication.translate("FilterField", "Ways to go on"))
        self._completer.setPopup(self._popup)
        self.textEdited.connect(self._offer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes the filter away."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _offer(self) -> None:
        word = self._word()
        self._completer.setCompletionPrefix(word)
        can_go_on = len(word) > 1 and self._completer.completionCount() and self._completer.currentCompletion() != word
        if can_go_on:
            self._completer.complete()
        else:
            self._popup.hide()

    def _word(self) -> str:
        before = self.text()[: self.cursorPosition()]
        return before[max(before.rfind(mark) for mark in ' (|-"') + 1 :]

    def _complete(self, completion: str) -> None:
        caret, word = self.cursorPosition(), self._word()
        start = caret - len(word)
        self.setText(self.text()[:start] + completion + self.text()[caret:])
        self.setCursorPosition(start + len(completion))
