"""What who looks for help finds: all keys, and from there the diagnostics; each is imported when it is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from calotype.ui.models.session import Session


def show_help(session: Session, parent: QWidget) -> None:
    """Show the keys, and the way to the diagnostics."""
    from calotype.ui.windows.shortcut_sheet import ShortcutSheet

    sheet = ShortcutSheet(parent)
    sheet.diagnostics_wanted.connect(partial(show_diagnostics, session, parent))
    sheet.open()


def show_diagnostics(session: Session, parent: QWidget) -> None:
    """Check this installation."""
    from calotype.ui.windows.diagnostics_dialog import DiagnosticsDialog

    dialog = DiagnosticsDialog(session, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
