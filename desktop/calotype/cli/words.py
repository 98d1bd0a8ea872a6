"""Numbers as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def duration(seconds: float) -> str:
    """Two units at most: 12 s, 3 min 40 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def counted(count: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 picture, 2 pictures."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def file_size(byte_count: int) -> str:
    """A size in the unit that leaves one to three digits before the point."""
    size = float(byte_count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as lines, each column as wide as its widest cell; empty for no rows."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
