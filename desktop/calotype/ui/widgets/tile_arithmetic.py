"""Where each tile of a grid is, and which tiles an area touches: by arithmetic, however many there are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Square tiles of `side_px` with their gap, row by row; places are in the content, in px."""

    side_px: int = 1
    column_count: int = 1

    def row_at(self, place: QPoint, count: int, *, is_nearest: bool = False) -> int:
        """The number of the tile at a place; where there is none, -1 or the nearest one."""
        across, down = place.x() // self.side_px, place.y() // self.side_px
        row = down * self.column_count + across
        if is_nearest:
            return max(0, min(count - 1, row)) if count else -1
        return row if 0 <= across < self.column_count and 0 <= row < count else -1

    def rows_in(self, area: QRect, count: int) -> list[int]:
        """The numbers of the tiles that an area touches."""
        side, columns = self.side_px, self.column_count
        left, right = max(0, area.left() // side), min(columns - 1, area.right() // side)
        lines = range(max(0, area.top() // side), area.bottom() // side + 1)
        rows = (row for line in lines for row in range(line * columns + left, line * columns + right + 1))
        return [row for row in rows if row < count]

    def rect(self, row: int) -> QRect:
        """Where a tile is, with the gap at its right and below."""
        line, across = divmod(row, self.column_count)
        return QRect(across * self.side_px, line * self.side_px, self.side_px, self.side_px)

    def height(self, count: int) -> int:
        """How high so many tiles are."""
        return -(-count // self.column_count) * self.side_px


def fitting(width_px: int, wanted_px: int, gap_px: int, largest_px: int) -> TileGrid:
    """Tiles of about the wanted size that fill a width without a ragged right edge."""
    columns = max(1, width_px // (wanted_px + gap_px))
    return TileGrid(min(width_px // columns, largest_px + gap_px), columns)
