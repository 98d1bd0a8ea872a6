"""Which pictures are selected: by content hash, so that a filter, an order or a removal never loses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from calotype.domain.imageset import CaptionedImage
from calotype.ui.models.image_list import ImageList


class ImageSelection(QObject):
    """The selected pictures, the current one, and the one that a range begins at.

    changed: other pictures are selected, or selected ones are shown or hidden now. current_changed: another picture is
    the current one; its row, or -1.
    """

    changed = Signal()
    current_changed = Signal(int)

    def __init__(self, images: ImageList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._list = images
        self._chosen: set[str] = set()
        self._current = self._anchor = ""
        self._last_row = 0
        self._shown_rows: list[int] | None = None  # found out when first asked for
        images.modelReset.connect(self._look_again)

    @property
    def current_row(self) -> int:
        """The row of the current picture; -1 if there is none or it is hidden."""
        return self._row(self._current)

    @property
    def hidden_count(self) -> int:
        """How many selected pictures the filter hides; nothing is done to them."""
        return len(self._chosen) - len(self.rows())

    def holds(self, content_hash: str) -> bool:
        """Whether a picture is selected."""
        return content_hash in self._chosen

    def holds_row(self, row: int) -> bool:
        """Whether the picture of a row is selected."""
        return self._list.image_at(row).content_hash in self._chosen

    def rows(self) -> list[int]:
        """The rows of the selected pictures that are shown, in order."""
        if self._shown_rows is None:
            self._shown_rows = self._find_rows()
        return self._shown_rows

    def images(self) -> list[CaptionedImage]:
        """The selected pictures that are shown, in the order in which they are."""
        return self._list.images_at(self.rows())

    def choose(self, row: int) -> None:
        """Select this one alone; ranges begin here."""
        self._make_current(row, is_anchor=True)
        self._select({self._current})

    def switch(self, row: int) -> None:
        """Select this one as well, or no longer; ranges begin here."""
        self._make_current(row, is_anchor=True)
        self._select(self._chosen ^ {self._current})

    def reach(self, row: int, *, is_added: bool = False) -> None:
        """Select from where the range begins up to here, beside what was selected or alone."""
        first = max(0, self._row(self._anchor))
        self._make_current(row, is_anchor=False)
        span = range(min(first, row), max(first, row) + 1)
        self._select(self._hashes(span) | (self._chosen if is_added else set()))

    def walk(self, row: int) -> None:
        """Make this the current picture and leave the selection as it is."""
        self._make_current(row, is_anchor=False)

    def choose_rows(self, rows: Iterable[int], beside: Iterable[str] = ()) -> None:
        """Select these rows, and what else `beside` names."""
        self._select(self._hashes(rows) | set(beside))

    def choose_images(self, images: Sequence[CaptionedImage]) -> None:
        """Select these, shown or not; the first is the current one."""
        if images:
            self._current = self._anchor = images[0].content_hash
        self._select({image.content_hash for image in images})
        self.current_changed.emit(self.current_row)

    def choose_all(self) -> None:
        """Select everything that is shown."""
        self._select(self._hashes(range(self._list.rowCount())))

    def invert(self) -> None:
        """Select what is shown and was not selected; hidden pictures stay as they are."""
        self._select(self._chosen ^ self._hashes(range(self._list.rowCount())))

    def clear(self) -> None:
        """Select nothing."""
        self._select(set())

    def hashes(self) -> frozenset[str]:
        """The content hashes of what is selected, shown or not."""
        return frozenset(self._chosen)

    def _find_rows(self) -> list[int]:
        if len(self._chosen) * 4 > self._list.rowCount():
            places = range(self._list.rowCount())
            return [row for row in places if self._list.image_at(row).content_hash in self._chosen]
        found = (self._list.row_of(content_hash) for content_hash in self._chosen)
        return sorted(row for row in found if row is not None)

    def _make_current(self, row: int, *, is_anchor: bool) -> None:
        self._current, self._last_row = self._list.image_at(row).content_hash, row
        if is_anchor or not self._anchor:
            self._anchor = self._current
        self.current_changed.emit(row)

    def _select(self, chosen: set[str]) -> None:
        if chosen != self._chosen:
            self._chosen, self._shown_rows = chosen, None
            self.changed.emit()

    def _hashes(self, rows: Iterable[int]) -> set[str]:
        return {self._list.image_at(row).content_hash for row in rows}

    def _row(self, content_hash: str) -> int:
        row = self._list.row_of(content_hash) if content_hash else None
        return -1 if row is None else row

    def _look_again(self) -> None:
        """Forget pictures that are not in the project any more; the others stay selected even while they are hidden."""
        self._shown_rows = None
        if self._chosen:
            self._chosen &= {image.content_hash for image in self._list.images}
        if self._current and self.current_row < 0 and self._list.rowCount():
            # The keyboard goes on beside a picture that was removed.
            neighbour = self._list.image_at(min(self._last_row, self._list.rowCount() - 1))
            self._current = self._anchor = neighbour.content_hash
        self.changed.emit()
        self.current_changed.emit(self.current_row)
