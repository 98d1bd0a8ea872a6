"""A row of choices of which exactly one holds; each may say in a second line what it means."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

RADIUS = 9.0


class Segment(QAbstractButton):
    """One choice, painted: a title and, if it has one, a muted second line."""

    def __init__(self, title: str, note: str = "", *, is_compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = note
        self._size_px, self._height, self._padding = (12, 28, 22) if is_compact else (14, 36, 28)
        self._has_pointer = False
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_note(note)

    def set_note(self, note: str) -> None:
        """Change the second line."""
        self._note = note
        self.setAccessibleName(f"{self.text()}, {note}" if note else self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self._font(self._size_px, True)).horizontalAdvance(self.text())
        if self._note:
            width = max(width, QFontMetrics(self._font(12, False)).horizontalAdvance(self._note))
        return QSize(width + self._padding, 58 if self._note else self._height)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._has_pointer = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._has_pointer = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        is_lit = self.isChecked() or self._has_pointer
        painter.setBrush(QColor(palette.raised if is_lit else palette.surface))
        painter.setPen(QPen(QColor(palette.accent if self.isChecked() or self.hasFocus() else palette.line), 1))
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 2))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(
            QColor(palette.accent if self.isChecked() else palette.text if self.isEnabled() else palette.muted)
        )
        painter.setFont(self._font(self._size_px, self.isChecked()))
        if not self._note:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
            return
        painter.drawText(
            box.adjusted(12, 8, -12, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.text()
        )
        painter.setPen(QColor(palette.muted))
        painter.setFont(self._font(12, False))
        painter.drawText(
            box.adjusted(12, 0, -12, -8),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
            self._note,
        )

    def _font(self, size_px: int, is_bold: bool) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size_px)
        font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        return font


class Segments(QWidget):
    """Exactly one of several values.

    chosen: the value that the user chose; not emitted for `choose`.
    """

    chosen = Signal(object)

    def __init__(
        self,
        choices: Sequence[tuple[object, str, str]],
        name: str,
        *,
        is_compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`choices` are (value, title, note)."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values = [value for value, _title, _note in choices]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4 if is_compact else 8)
        for place, (_value, title, note) in enumerate(choices):
            segment = Segment(title, note, is_compact=is_compact, parent=self)
            segment.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            self._group.addButton(segment, place)
            layout.addWidget(segment)
        self._group.idToggled.connect(self._move_tab_stop)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self._announce)

    @property
    def value(self) -> object:
        """The value that holds."""
        return self._values[self._group.checkedId()]

    def choose(self, value: object) -> None:
        """Set the value from outside."""
        self._group.button(self._values.index(value)).setChecked(True)

    def set_note(self, value: object, note: str) -> None:
        """Change what one choice says about itself."""
        segment = self._group.button(self._values.index(value))
        if isinstance(segment, Segment):
            segment.set_note(note)

    def _move_tab_stop(self, place: int, is_checked: bool) -> None:
        """Tab stops at what holds, so that the arrow keys start there; Qt alone would stop at the first one."""
        policy = Qt.FocusPolicy.StrongFocus if is_checked else Qt.FocusPolicy.ClickFocus
        self._group.button(place).setFocusPolicy(policy)

    def _announce(self, place: int) -> None:
        self.chosen.emit(self._values[place])
