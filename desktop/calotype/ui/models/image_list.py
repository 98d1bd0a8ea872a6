"""The pictures of the open project as a list, and the part of it that a filter lets through."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from calotype.domain.imageset import CaptionedImage, Split

Index = QModelIndex | QPersistentModelIndex


class ImageRole(IntEnum):
    """What can be asked about a row."""

    IMAGE = Qt.ItemDataRole.UserRole + 1


class ImageList(QAbstractListModel):
    """One row for each picture; changes are told as small as they are, so that the selection survives them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: list[CaptionedImage] = []

    @property
    def images(self) -> Sequence[CaptionedImage]:
        """The rows."""
        return self._images

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """How many pictures there are."""
        return 0 if parent.isValid() else len(self._images)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The picture, its caption, or what a screen reader says."""
        if not index.isValid():
            return None
        image = self._images[index.row()]
        if role == ImageRole.IMAGE:
            return image
        if role == Qt.ItemDataRole.DisplayRole:
            return image.caption
        if role == Qt.ItemDataRole.AccessibleTextRole:
            held_out = self.tr(", held out for validation") if image.is_held_out else ""
            return f"{image.original_name}: {image.caption}{held_out}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{image.original_name} · {image.width_px} × {image.height_px}\n{image.caption}"
        return None

    def show(self, images: Sequence[CaptionedImage]) -> None:
        """Become this list."""
        now = list(images)
        before, after = [image.path for image in self._images], [image.path for image in now]
        if after[: len(before)] == before:
            self._append(now)
        elif _is_part(after, before):
            self._remove_missing(set(after))
        else:
            self.beginResetModel()
            self._images = now
            self.endResetModel()
        self._change(now)

    def _append(self, now: list[CaptionedImage]) -> None:
        if len(now) == len(self._images):
            return
        self.beginInsertRows(QModelIndex(), len(self._images), len(now) - 1)
        self._images += now[len(self._images) :]
        self.endInsertRows()

    def _remove_missing(self, kept: set[object]) -> None:
        for row in reversed(range(len(self._images))):
            if self._images[row].path not in kept:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._images[row]
                self.endRemoveRows()

    def _change(self, now: list[CaptionedImage]) -> None:
        for row, image in enumerate(now):
            if image != self._images[row]:
                self._images[row] = image
                self.dataChanged.emit(self.index(row), self.index(row))


class ImageFilter(QSortFilterProxyModel):
    """Lets through the pictures of one split, or all, whose caption or name holds a text."""

    def __init__(self, source: ImageList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._split: Split | None = None
        self._text = ""
        self.setSourceModel(source)
        self.setDynamicSortFilter(True)

    def show_split(self, split: Split | None) -> None:
        """Let through one split; None is all."""
        self.beginFilterChange()
        self._split = split
        self.endFilterChange()

    def show_text(self, text: str) -> None:
        """Let through what holds this text."""
        self.beginFilterChange()
        self._text = text.strip().casefold()
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802  # Qt's name
        """True if a row is shown."""
        source = self.sourceModel()
        assert isinstance(source, ImageList)
        image = source.images[row]
        if self._split is not None and image.split is not self._split:
            return False
        return self._text in image.caption.casefold() or self._text in image.original_name.casefold()


def _is_part(part: Sequence[object], whole: Sequence[object]) -> bool:
    """True if `part` is `whole` with some left out."""
    rest = iter(whole)
    return all(thing in rest for thing in part)
