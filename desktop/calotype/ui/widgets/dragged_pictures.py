"""Pictures of the grid on their way to another part of the window, and widgets that they can be dropped on."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDropEvent

_MIME = "application/x-calotype-pictures"


def dragged_pictures() -> QMimeData:
    """What a drag of the selected pictures carries: nothing but its kind, since the selection says which they are."""
    data = QMimeData()
    data.setData(_MIME, b"")
    return data


def accept_pictures(event: QDropEvent) -> bool:
    """Take the event if it carries pictures of the grid; False if it does not."""
    is_ours = event.mimeData().hasFormat(_MIME)
    if is_ours:
        event.acceptProposedAction()
    return is_ours
