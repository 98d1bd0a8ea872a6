"""Says why a GPU pack is not used: at the start, and when the first work found out."""

from __future__ import annotations

from PySide6.QtCore import QObject

from calotype.domain.errors.packs import PackError
from calotype.services.gpu_packs import pack_trouble
from calotype.ui.models.session import Session


class PackWatch(QObject):
    """Reports each trouble once. `at_start` is what was wrong before the window came."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.at_start: PackError | None = pack_trouble(session.workspace)
        self._said = str(self.at_start)

    def look(self) -> None:
        """Look whether work that has just ended could not use the pack."""
        trouble = pack_trouble(self._session.workspace)
        if trouble is not None and str(trouble) != self._said:
            self._said = str(trouble)
            self._session.failure.emit(trouble)
