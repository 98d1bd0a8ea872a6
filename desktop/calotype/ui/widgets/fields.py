"""Fields that do not change when the page under them is scrolled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSpinBox,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from calotype.ui.widgets.labels import label as make_label

_TEXT_INDENT = 9  # the style sheet's padding does not reach the text of a spin box


class Choice(QComboBox):
    """A drop-down list that a passing mouse wheel leaves alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Fusion's own delegate measures rows without the style sheet, so that the list would end in half a row.
        self.setItemDelegate(QStyledItemDelegate(self))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll instead."""
        event.ignore()


class WholeNumber(QSpinBox):
    """A whole number from `low` to `high`; the wheel works only while it has the focus."""

    def __init__(self, low: int = 0, high: int = 100, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.lineEdit().setTextMargins(_TEXT_INDENT, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll unless the user is in the field."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class DecimalNumber(QDoubleSpinBox):
    """A number with `decimals` places; the wheel works only while it has the focus."""

    def __init__(self, low: float = 0.0, high: float = 1.0, decimals: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.lineEdit().setTextMargins(_TEXT_INDENT, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll unless the user is in the field."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


def labelled(label: str, widget: QWidget, hint: str = "") -> QWidget:
    """Put a label above a field, and a hint below; the label is the field's name for screen readers."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(5)
    caption: QLabel = make_label(label, "small")
    caption.setBuddy(widget)
    widget.setAccessibleName(label)
    layout.addWidget(caption)
    layout.addWidget(widget)
    if hint:
        widget.setAccessibleDescription(hint)
        layout.addWidget(make_label(hint, "small", wraps=True))
    return holder
