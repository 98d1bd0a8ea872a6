"""The pictures of the open project as a list: those that the filter lets through, in the chosen order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from calotype.domain.courtesy import window_first
from calotype.domain.image_columns import ImageColumns
from calotype.domain.image_filter import EVERYTHING, Expression
from calotype.domain.image_order import ORDERS_BY_FINDINGS, ImageOrder, ordered
from calotype.domain.imageset import CaptionedImage

Index = QModelIndex | QPersistentModelIndex


class ImageRole(IntEnum):
    """What can be asked about a row."""

    IMAGE = Qt.ItemDataRole.UserRole + 1


class ImageList(QAbstractListModel):
    """One row for each picture that is shown.

    A change that leaves the rows as they are is told as changed data, every other one as a reset: whoever remembers a
    picture remembers its content hash. Not a QSortFilterProxyModel, which asks Python about every row by itself: with
    100,000 pictures each letter that is typed would take seconds.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = ImageColumns()
        self._part: Expression = EVERYTHING  # the chip
        self._filter: Expression = EVERYTHING  # what was typed
        self._order = ImageOrder.ADDED
        self._rows: list[int] = []
        self._place_of: dict[str, int] | None = None  # by content hash; made when first asked for

    @property
    def images(self) -> Sequence[CaptionedImage]:
        """Every picture of the project, also those that the filter hides."""
        return self.columns.images

    @property
    def order(self) -> ImageOrder:
        """In which order they are shown."""
        return self._order

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """How many pictures are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The picture, its caption, or what a screen reader says."""
        if not index.isValid():
            return None
        image = self.image_at(index.row())
        if role == ImageRole.IMAGE:
            return image
        if role == Qt.ItemDataRole.DisplayRole:
            return image.caption
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([f"{image.original_name}: {image.caption}", *self._remarks(image)])
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{image.original_name} · {image.width_px} × {image.height_px}\n{image.caption}"
        return None

    def image_at(self, row: int) -> CaptionedImage:
        """The picture of a row that is shown."""
        return self.columns.images[self._rows[row]]

    def images_at(self, rows: Sequence[int]) -> list[CaptionedImage]:
        """The pictures of several rows."""
        return [self.columns.images[self._rows[row]] for row in rows]

    def row_of(self, content_hash: str) -> int | None:
        """Where a picture is shown; None if it is not."""
        if self._place_of is None:
            images = self.columns.images
            self._place_of = {images[row].content_hash: place for place, row in enumerate(self._rows)}
        return self._place_of.get(content_hash)

    @window_first()
    def show(self, images: Sequence[CaptionedImage]) -> None:
        """Hold these pictures."""
        changed = self.columns.take(images)
        rows = self._wanted_rows()
        if changed is None or rows != self._rows:
            self._reset(rows)
            return
        places = [self.row_of(images[row].content_hash) for row in changed]
        shown = [place for place in places if place is not None]
        if shown:
            self.dataChanged.emit(self.index(min(shown)), self.index(max(shown)))

    def show_part(self, part: Expression) -> None:
        """Show only this part of the set, whatever is typed."""
        self._part = part
        self._refresh()

    def show_filter(self, expression: Expression) -> None:
        """Show only what this lets through."""
        self._filter = expression
        self._refresh()

    def show_order(self, order: ImageOrder) -> None:
        """Show them in this order."""
        self._order = order
        self._refresh()

    def take_findings(
        self,
        duplicates: frozenset[str],
        issues: Mapping[str, frozenset[str]],
        sharpness: Mapping[str, float],
        missing: frozenset[str] = frozenset(),
    ) -> None:
        """Know what was found out about the pictures, for filters and orders that ask for it."""
        self.columns.duplicates, self.columns.issues, self.columns.sharpness = duplicates, issues, sharpness
        self.columns.missing = missing
        if self._part.asks_findings or self._filter.asks_findings or self._order in ORDERS_BY_FINDINGS:
            self._refresh()

    def is_missing(self, image: CaptionedImage) -> bool:
        """Whether its file was left where it was, and is gone."""
        return image.content_hash in self.columns.missing

    def count(self, part: Expression) -> int:
        """How many pictures of the project this lets through."""
        return len(part.rows(self.columns, range(len(self.columns.images))))

    @window_first()
    def _refresh(self) -> None:
        rows = self._wanted_rows()
        if rows != self._rows:
            self._reset(rows)

    def _wanted_rows(self) -> list[int]:
        rows = self._part.rows(self.columns, range(len(self.columns.images)))
        return ordered(self._filter.rows(self.columns, rows), self.columns, self._order)

    def _reset(self, rows: list[int]) -> None:
        self.beginResetModel()
        self._rows, self._place_of = rows, None
        self.endResetModel()

    def _remarks(self, image: CaptionedImage) -> list[str]:
        held_out = [self.tr("held out for validation")] if image.is_held_out else []
        excluded = [self.tr("left out")] if image.is_excluded else []
        rated = [self.tr("%n star(s)", "", image.rating)] if image.rating else []
        gone = [self.tr("file is gone")] if self.is_missing(image) else []
        return [*gone, *held_out, *excluded, *rated]
