"""The same prompt and seed drawn along the steps of a run; scrub through it with the mouse or the arrow keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

GAP = 12
LABEL_HEIGHT = 20
LARGEST = 92  # px, side of a thumbnail
RADIUS = 10.0


class PreviewStrip(QWidget):
    """A row of pictures by step.

    step_chosen: the step that the user scrubbed to, also while dragging.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: dict[int, Path] = {}
        self._pixmaps: dict[Path, QPixmap] = {}
        self._waiting_text = ""
        self._chosen: int | None = None
        self._best: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Previews along the steps"))
        self.setToolTip(self.tr("Drag, or use the arrow keys, to go through the steps"))

    @property
    def steps(self) -> list[int]:
        """Every step that has a picture, in order."""
        return sorted(self._paths)

    @property
    def chosen_step(self) -> int | None:
        """The step that is shown large."""
        return self._chosen

    def show_steps(self, paths: dict[int, Path], best_step: int | None) -> None:
        """Show these pictures. If the newest was chosen, it follows the run to the new newest."""
        if paths == self._paths and best_step == self._best:
            return
        followed = self._chosen is None or self._chosen not in paths or self._chosen == max(self._paths, default=None)
        self._paths, self._best = dict(paths), best_step
        self._pixmaps = {path: pixmap for path, pixmap in self._pixmaps.items() if path in paths.values()}
        if not paths:
            self._chosen = None
        elif followed and self._chosen != max(paths):
            self.choose(max(paths))
        self.update()

    def set_waiting_text(self, text: str) -> None:
        """Say why there is no picture."""
        self._waiting_text = text
        self.update()

    def choose(self, step: int) -> None:
        """Select a step and say so."""
        if step in self._paths and step != self._chosen:
            self._chosen = step
            self.setAccessibleDescription(self.tr("Step {step}").format(step=step))
            self.step_chosen.emit(step)
            self.update()

    def pixmap(self, step: int | None) -> QPixmap:
        """The picture of a step; null if there is none."""
        path = self._paths.get(step) if step is not None else None
        if path is None:
            return QPixmap()
        if path not in self._pixmaps:
            self._pixmaps[path] = QPixmap(str(path))
        return self._pixmaps[path]

    def sizeHint(self) -> QSize:
        return QSize(600, LARGEST + LABEL_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, LARGEST + LABEL_HEIGHT)

    def shown_steps(self) -> list[int]:
        """The steps that fit: all, or an even choice with the first, the newest, the best and the chosen one."""
        steps = self.steps
        room = max(2, int((self.width() + GAP) // (LARGEST + GAP)))
        if len(steps) <= room:
            return steps
        places = {round(place * (len(steps) - 1) / (room - 1)) for place in range(room)}
        shown = sorted(steps[place] for place in places)
        for wanted in (self._best, self._chosen):
            if wanted in self._paths and wanted is not None and wanted not in shown:
                inner = shown[1:-1] or shown
                nearest = min(inner, key=lambda step: abs(step - wanted))
                shown = sorted([step for step in shown if step != nearest] + [wanted])
        return shown

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = self.steps
        if not steps or self._chosen is None:
            super().keyPressEvent(event)
            return
        place = steps.index(self._chosen)
        moves = {
            Qt.Key.Key_Left: place - 1,
            Qt.Key.Key_Right: place + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(steps) - 1,
        }
        target = moves.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
            return
        self.choose(steps[min(max(target, 0), len(steps) - 1)])

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls; a strip that eats the wheel traps the pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose_at(event.position().x())

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        steps = self.shown_steps()
        if not steps:
            painter.setPen(QColor(palette.muted))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter,
                self._waiting_text,
            )
            return
        for place, step in enumerate(steps):
            self._paint_step(painter, self._slot(place), step)

    def _paint_step(self, painter: QPainter, box: QRectF, step: int) -> None:
        palette = current_palette()
        is_chosen, is_best = step == self._chosen, step == self._best
        clip = QPainterPath()
        clip.addRoundedRect(box, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(palette.raised))
        pixmap = self.pixmap(step)
        if not pixmap.isNull():
            painter.drawPixmap(box, pixmap, QRectF(_middle_square(pixmap)))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.line), 1))  # a white picture on a light card has an edge too
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        if is_chosen:
            painter.setPen(QPen(QColor(palette.accent), 3 if self.hasFocus() else 2))
            painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), RADIUS + 2, RADIUS + 2)
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold if is_best or is_chosen else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(palette.accent if is_best else palette.text if is_chosen else palette.muted))
        label = self.tr("base") if step == 0 else self.tr("{step} · best").format(step=step) if is_best else str(step)
        painter.drawText(
            QRectF(box.left(), box.bottom() + 5, box.width(), LABEL_HEIGHT - 4),
            Qt.AlignmentFlag.AlignCenter,
            label,
        )

    def _slot(self, place: int) -> QRectF:
        return QRectF(3 + place * (LARGEST + GAP), 3, LARGEST - 6, LARGEST - 6)

    def _choose_at(self, x: float) -> None:
        shown = self.shown_steps()
        if shown:
            self.choose(shown[min(max(int(x // (LARGEST + GAP)), 0), len(shown) - 1)])


def _middle_square(pixmap: QPixmap) -> QRectF:
    side = min(pixmap.width(), pixmap.height())
    return QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
