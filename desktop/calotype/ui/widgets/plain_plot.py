"""A plot as every page shows it: no frame, no menu, axes in quiet colours, and nothing that the mouse could drag."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QSizePolicy

from calotype.ui.look.theme import current_palette

LABEL_PX = 12


def plain_plot() -> pg.PlotWidget:
    """An empty plot."""
    plot = pg.PlotWidget(background=None)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setStyleSheet("background: transparent")
    # Its own hint is 640 x 480, which would make the page scroll.
    plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    plot.setMinimumSize(120, 120)
    item = plot.getPlotItem()
    item.setMenuEnabled(False)
    item.hideButtons()
    item.setMouseEnabled(False, False)
    item.setContentsMargins(0, 6, 8, 0)
    return plot


def colour_axes(plot: pg.PlotWidget, font: QFont) -> QFont:
    """Give the axes the colours of the theme; answers with the font of their numbers, for labels in the plot."""
    palette = current_palette()
    small = QFont(font)
    small.setPixelSize(LABEL_PX)
    item = plot.getPlotItem()
    item.showGrid(x=False, y=True, alpha=0.6)
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setPen(pg.mkPen(QColor(palette.line)))
        axis.setTickPen(pg.mkPen(QColor(palette.line)))
        axis.setTextPen(QColor(palette.muted))
        axis.setStyle(tickFont=small, tickLength=0, tickTextOffset=6, maxTickLevel=0)
    item.getAxis("left").setWidth(40)
    item.getAxis("bottom").setHeight(24)
    return small
