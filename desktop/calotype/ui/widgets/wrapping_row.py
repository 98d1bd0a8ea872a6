"""Widgets beside each other that go on in a further row where one row is too narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP_PX = 8


class WrappingRow(QWidget):
    """Holds widgets at the sizes that they want, in order; hidden ones take no room."""

    def __init__(self, widgets: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = list(widgets)
        for widget in widgets:
            widget.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for _widget, place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        shown = self._shown()
        width = sum(_size(widget).width() for widget in shown) + _GAP_PX * max(0, len(shown) - 1)
        return QSize(width, max((_size(widget).height() for widget in shown), default=0))

    def minimumSizeHint(self) -> QSize:
        shown = [_size(widget) for widget in self._shown()]
        return QSize(
            max((hint.width() for hint in shown), default=0), max((hint.height() for hint in shown), default=0)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything for the new width."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Qt asks for a new layout when a widget is shown, hidden, or says something longer."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    def _shown(self) -> list[QWidget]:
        return [widget for widget in self._widgets if not widget.isHidden()]

    def _arrange(self) -> None:
        for widget, place in self._places(self.width()):
            widget.setGeometry(place)

    def _places(self, width: int) -> list[tuple[QWidget, QRect]]:
        places: list[tuple[QWidget, QRect]] = []
        left = top = row_height = 0
        for widget in self._shown():
            hint = _size(widget)
            if left and left + hint.width() > width:
                left, top, row_height = 0, top + row_height + _GAP_PX, 0
            places.append((widget, QRect(left, top, min(hint.width(), width), hint.height())))
            left += hint.width() + _GAP_PX
            row_height = max(row_height, hint.height())
        return places


def _size(widget: QWidget) -> QSize:
    """What a widget wants, and no less than it was told to have."""
    return widget.sizeHint().expandedTo(widget.minimumSize())
