"""What a run will learn, how thoroughly, and on which base model; every other setting lies in a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.imageset import SubjectKind
from calotype.domain.models import BaseModelCard
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.fields import Choice, labelled
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.plan_drawer import PlanDrawer
from calotype.ui.widgets.segments import Segments


class PlanForm(QWidget):
    """The choices before a run.

    kind_chosen: a SubjectKind. preset_chosen: quality or base model changed, so that another preset is needed.
    plan_changed: the TrainingPlan as it stands, or None while a value is not allowed.
    rate_wanted: find a good learning rate for it.
    """

    kind_chosen = Signal(object)
    preset_chosen = Signal()
    plan_changed = Signal(object)
    rate_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan: TrainingPlan | None = None
        self._build()
        self._connect()

    @property
    def quality(self) -> Quality:
        """The chosen quality."""
        return Quality(str(self._quality.value))

    @property
    def base_model_id(self) -> str:
        """The id of the chosen base model; empty while there is none."""
        return str(self._model.currentData() or "")

    def show_models(self, cards: Sequence[BaseModelCard]) -> None:
        """Offer these base models and keep the choice if it is still there."""
        before = self.base_model_id
        self._model.blockSignals(True)
        self._model.clear()
        for card in cards:
            self._model.addItem(self.tr("{name} · {side} px").format(name=card.name, side=card.resolution_px), card.id)
        self._model.setCurrentIndex(max(0, self._model.findData(before)))
        self._model.blockSignals(False)

    def show_kind(self, kind: SubjectKind) -> None:
        """Show what the project teaches."""
        self._kind.choose(kind)

    def show_preset(self, plan: TrainingPlan, step_counts: Mapping[Quality, int]) -> None:
        """Start again from a preset, and say on each quality how many steps it takes."""
        self.plan = plan
        for quality, count in step_counts.items():
            self._quality.set_note(quality, self.tr("{count} steps").format(count=f"{count:,}"))
        self._drawer.show_preset(plan)
        self.plan_changed.emit(plan)

    def open_drawer(self) -> None:
        """Show every setting and put the cursor into the search."""
        self._toggle.setChecked(True)
        self._drawer.search.setFocus()

    def set_can_find_rate(self, is_possible: bool) -> None:
        """A rate can be looked for whenever a run could start."""
        self._drawer.find_rate_button.setEnabled(is_possible)

    def use_rate(self, rate: float) -> None:
        """Change the learning rate of the plan."""
        self._drawer.use_rate(rate)

    def _build(self) -> None:
        kinds = [
            (SubjectKind.PERSON, self.tr("Person"), ""),
            (SubjectKind.CHARACTER, self.tr("Character"), ""),
            (SubjectKind.PRODUCT, self.tr("Product"), ""),
            (SubjectKind.STYLE, self.tr("Style"), ""),
        ]
        qualities = [
            (Quality.QUICK, self.tr("Quick"), self.tr("a first look")),
            (Quality.BALANCED, self.tr("Balanced"), self.tr("good for most")),
            (Quality.BEST, self.tr("Best"), self.tr("takes its time")),
        ]
        self._kind = Segments(kinds, self.tr("What the pictures show"))
        self._quality = Segments(qualities, self.tr("How thoroughly to learn"))
        self._quality.choose(Quality.BALANCED)
        self._model = Choice()
        self._model.setAccessibleName(self.tr("Base model"))
        card = Card()
        card.body.setSpacing(14)
        card.body.addWidget(self._titled(self.tr("The pictures show a"), self._kind))
        card.body.addWidget(self._titled(self.tr("Learn it"), self._quality))
        card.body.addWidget(labelled(self.tr("Base model"), self._model))
        self._drawer = PlanDrawer()
        self._drawer.hide()
        self._toggle = quiet_button(self.tr("Advanced settings"), "sliders-horizontal")
        self._toggle.setCheckable(True)
        self._toggle.setToolTip(self.tr("Every setting of the run (Ctrl+K)"))
        drawer = Card()
        row = QHBoxLayout()
        row.addWidget(self._toggle)
        row.addWidget(label(self.tr("The preset is a good start: nothing here has to be touched."), "small"), 1)
        drawer.body.addLayout(row)
        drawer.body.addWidget(self._drawer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(card)
        layout.addWidget(drawer)

    def _titled(self, title: str, widget: QWidget) -> QWidget:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label(title, "small"))
        layout.addWidget(widget)
        return box

    def _connect(self) -> None:
        self._kind.chosen.connect(self.kind_chosen)
        self._quality.chosen.connect(self._ask_for_preset)
        self._model.currentIndexChanged.connect(self._ask_for_preset)
        self._drawer.plan_changed.connect(self._take)
        self._drawer.rate_wanted.connect(self.rate_wanted)
        self._toggle.toggled.connect(self._show_drawer)

    def _ask_for_preset(self) -> None:
        self.preset_chosen.emit()

    def _take(self, plan: TrainingPlan | None) -> None:
        self.plan = plan
        self.plan_changed.emit(plan)

    def _show_drawer(self, is_open: bool) -> None:
        self._drawer.setVisible(is_open)
        self._toggle.set_icon("chevron-down" if is_open else "sliders-horizontal")
