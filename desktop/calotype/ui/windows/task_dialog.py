"""The frame of a dialog for one piece of work: what it is, a form, what went wrong, how far it is, and the buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from calotype.ui.models.job_model import JobModel
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.labels import label


class TaskDialog(QDialog):
    """Closing it ends the work first: the dialog goes when its thread has.

    A subclass sets its title, makes its fields and buttons, gives them to `lay_out`, and shows its model in
    `show_state`.
    """

    def __init__(self, model: JobModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = model
        model.setParent(self)
        self._is_closing = False
        self.banner = FailureBanner()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.words = label("", "muted", wraps=True)
        model.changed.connect(self.show_state)
        model.finished.connect(self._end)

    def lay_out(self, text: str, parts: Sequence[QWidget], buttons: Sequence[QWidget | None]) -> QVBoxLayout:
        """Put the explanation, the parts and a row of buttons below each other; None among the buttons is a gap."""
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        title = label(self.windowTitle(), "title", wraps=True)
        for widget in (title, label(text, "muted", wraps=True), self.banner, *parts, self.bar, self.words):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(10)
        for button in buttons:
            row.addStretch() if button is None else row.addWidget(button)
        column.addStretch()
        column.addLayout(row)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # see `_fit`
        return column

    def event(self, event: QEvent) -> bool:
        """Fit anew when something inside comes, goes or changes its size."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Be as high as what is in it: Qt would leave the room that the texts took if the dialog were narrow."""
        column = self.layout()
        if column is not None and column.hasHeightForWidth():
            column.activate()
            self.setMinimumWidth(max(self.minimumWidth(), column.totalMinimumSize().width()))
            self.resize(self.width(), max(self.minimumHeight(), column.totalHeightForWidth(self.width())))

    def show_progress(self, done: int, total: int, words: str) -> None:
        """Say how far the work is; the bar only moves to and fro while `total` is 0."""
        self.bar.setVisible(self.task.is_running)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.bar.setAccessibleDescription(words)

    def show_state(self) -> None:
        """Show the model as it is now."""
        raise NotImplementedError

    def ended(self) -> None:
        """The work is over, and the dialog stays."""

    def reject(self) -> None:
        """Close at once, or as soon as what is going on has ended."""
        if self.task.is_running:
            self._is_closing = True
            self.task.stop()
            return
        super().reject()

    def _end(self) -> None:
        if self.task.failure is not None and not self._is_closing:
            self.banner.show_failure(self.task.failure)
        self.ended()
        if self._is_closing and self.isVisible():
            super().reject()


def beside(*fields: QWidget, shares: Sequence[int] = ()) -> QWidget:
    """Fields in one row, as wide as each other or as their shares say."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    for field, share in zip(fields, shares or [1] * len(fields), strict=True):
        row.addWidget(field, share, Qt.AlignmentFlag.AlignTop)
    return holder
