"""What every page of the window is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """One page: its title and header, and a chance to look at the world when it is shown.

    header_changed: the title, the facts or the header widgets are others now. files_wanted, project_wanted: the user
    pressed a button that asks for pictures, or for a new project.
    """

    header_changed = Signal()
    files_wanted = Signal()
    project_wanted = Signal()

    @property
    def title(self) -> str:
        """What this page is about; the largest words of the header."""
        return ""

    @property
    def subtitle(self) -> str:
        """A quiet sentence beside the title."""
        return ""

    def header_facts(self) -> list[str]:
        """Short facts beside the title, shown as chips."""
        return []

    def header_widgets(self) -> list[QWidget]:
        """Widgets for the right end of the header, asked for once; without a parent they may not be shown before."""
        return []

    def activate(self) -> None:
        """Called each time the page comes to the front: refresh what may have changed."""
