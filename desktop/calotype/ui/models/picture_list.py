"""Pictures that were made, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from calotype.services.generation import PictureRecord

_NOWHERE = QModelIndex()


class PictureRole(IntEnum):
    """What a row answers besides its text."""

    RECORD = Qt.ItemDataRole.UserRole + 1


class PictureList(QAbstractListModel):
    """Rows of PictureRecord."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: list[PictureRecord] = []

    def show_records(self, records: Sequence[PictureRecord]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._records = list(records)
        self.endResetModel()

    def add_record(self, record: PictureRecord) -> None:
        """Put one picture in front; one that is there already is left where it is."""
        if any(known.path == record.path for known in self._records):
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._records.insert(0, record)
        self.endInsertRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """How many pictures there are."""
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The record, or its prompt as words."""
        if not index.isValid():
            return None
        record = self._records[index.row()]
        if role == PictureRole.RECORD:
            return record
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return record.prompt or record.path.name
        return None
