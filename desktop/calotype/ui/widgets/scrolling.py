"""Bringing a part of a page into view."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea, QWidget

_AIR_PX = 10  # above what was scrolled to


def bring_to_top(widget: QWidget) -> None:
    """Scroll the page so that a widget that was just shown is at its top; nothing if the page does not scroll.

    The layouts are asked first: before they have made room for it, the widget has no place.
    """
    area = _area_around(widget)
    holder = area.widget() if area is not None else None
    around = widget.parentWidget()
    if area is None or holder is None or around is None:
        return
    for layout in (around.layout(), holder.layout()):
        if layout is not None:
            layout.activate()
    holder.resize(holder.width(), holder.sizeHint().height())
    area.verticalScrollBar().setValue(widget.mapTo(holder, QPoint(0, 0)).y() - _AIR_PX)


def _area_around(widget: QWidget) -> QScrollArea | None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above
