"""The left of the Images page: the grid, and everything that decides what is in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from calotype.domain.image_order import ImageOrder
from calotype.domain.image_parts import count_parts, part_filter
from calotype.domain.imageset import CaptionedImage
from calotype.services.workspace import Workspace
from calotype.ui.models.image_list import ImageList
from calotype.ui.models.image_selection import ImageSelection
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.image_grid import ImageGrid
from calotype.ui.widgets.image_tools import ImageTools
from calotype.ui.widgets.labels import label


class ImageBrowser(QWidget):
    """Filter, order, grid and selection. selection_changed: other pictures are selected, or others of them shown."""

    selection_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = ImageList(self)
        self.selection = ImageSelection(self.list, self)
        self.grid = ImageGrid(workspace, self.list, self.selection)
        self.tools = ImageTools()
        self._held: Sequence[CaptionedImage] | None = None
        self._nothing = self._build_nothing()
        self._lay_out()
        self.tools.filter.filtered.connect(self.list.show_filter)
        self.tools.part_chosen.connect(self._show_part)
        self.tools.order_chosen.connect(self.list.show_order)
        self.tools.size_changed.connect(self.grid.set_tile_px)
        self.list.modelReset.connect(self._show_count)
        self.list.dataChanged.connect(self.grid.viewport().update)
        self.selection.changed.connect(self._show_count)
        self.selection.changed.connect(self.selection_changed)
        self._show_count()

    @property
    def images(self) -> Sequence[CaptionedImage]:
        """Every picture, shown or not."""
        return self.list.images

    def show_images(self, images: Sequence[CaptionedImage]) -> None:
        """Hold these pictures; the filter stays."""
        if images is self._held:  # nobody edited anything: a set of a hundred thousand is not walked through for that
            return
        self._held = images
        self.list.show(images)
        self.tools.show_counts(count_parts(self.list.columns))
        self._show_count()

    def take_findings(
        self,
        duplicates: frozenset[str],
        issues: Mapping[str, frozenset[str]],
        sharpness: Mapping[str, float],
        missing: frozenset[str] = frozenset(),
    ) -> None:
        """Know which pictures look alike, what may be wrong with each, how sharp they are, and whose files are gone."""
        self.list.take_findings(duplicates, issues, sharpness, missing)
        self.tools.show_counts(count_parts(self.list.columns))

    def show_order(self, order: ImageOrder) -> None:
        """Show the pictures in this order."""
        self.tools.show_order(order)
        self.list.show_order(order)

    def start_over(self) -> None:
        """Show everything, and select nothing."""
        self.tools.start_over()
        self.selection.clear()

    def reveal(self, content_hashes: Collection[str]) -> None:
        """Select pictures, even if a filter hid them, and go to the first."""
        wanted = set(content_hashes)
        if any(self.list.row_of(content_hash) is None for content_hash in wanted):
            self.tools.start_over()
        self.selection.choose_images([image for image in self.images if image.content_hash in wanted])

    def _show_part(self) -> None:
        self.list.show_part(part_filter(self.tools.part, self.tools.stars.rating))

    def _show_count(self) -> None:
        shown, total = self.list.rowCount(), len(self.images)
        self._stack.setCurrentIndex(1 if total and not shown else 0)
        parts = [self.tr("{shown} of {total}").format(shown=f"{shown:,}", total=f"{total:,}")] if shown != total else []
        selected, hidden = len(self.selection.rows()), self.selection.hidden_count
        if selected > 1 or hidden:
            parts.append(self.tr("%n selected", "", selected))
        if hidden:
            parts.append(self.tr("%n more selected but hidden", "", hidden))
        self.tools.count.setText(" · ".join(parts))
        self.tools.count.setToolTip(self.tr("Nothing is done to pictures that the filter hides.") if hidden else "")

    def _build_nothing(self) -> QWidget:
        nothing = QWidget()
        text: QLabel = label(self.tr("No picture fits the filter."), "muted")
        self.show_all_button = link_button(self.tr("Show all"))
        self.show_all_button.clicked.connect(lambda: self.tools.start_over())
        column = QVBoxLayout(nothing)
        column.addStretch()
        for widget in (text, self.show_all_button):
            column.addWidget(widget)
            column.setAlignment(widget, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return nothing

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.tools)
        column.addWidget(self._stack, 1)
