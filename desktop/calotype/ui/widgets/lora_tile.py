"""The card of one LoRA in the Library."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from calotype.domain.lora import LORA_KIND_NAMES, LoraKind
from calotype.domain.lora_library import ShelvedLora
from calotype.domain.models import LoraCard
from calotype.domain.recognised import KIND_NAMES
from calotype.ui.look.lora_titles import step_text
from calotype.ui.look.wording import file_size, file_when
from calotype.ui.widgets.buttons import icon_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.library_cards import Cover
from calotype.ui.widgets.stars import Stars

_COVER_PX = 96


class LoraTile(Card):
    """One LoRA. use_requested, details_requested, remove_requested: its buttons.

    resize_requested, merge_requested, bake_requested, folder_requested: what its menu offers.
    rated: the stars that the user gave.
    """

    use_requested = Signal()
    details_requested = Signal()
    folder_requested = Signal()
    remove_requested = Signal()
    resize_requested = Signal()
    merge_requested = Signal()
    bake_requested = Signal()
    rated = Signal(int)

    def __init__(self, lora: ShelvedLora, parent: QWidget | None = None, *, has_others: bool = False) -> None:
        super().__init__(parent=parent)
        card, self._has_others = lora.card, has_others
        self.setAccessibleName(card.name)
        self.stars = Stars(card.name, lora.notes.rating)
        self.stars.rated.connect(self.rated)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(card.name, "heading", wraps=True))
        if card.trigger_word:
            words.addWidget(label(self.tr("its word: {word}").format(word=card.trigger_word), "accent", wraps=True))
        words.addWidget(label("  ·  ".join(self._facts(card)), "small", wraps=True))
        words.addWidget(self.stars, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        words.addLayout(self._buttons(card))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(Cover(card.preview_path, "layers", _COVER_PX), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.body.addLayout(row)

    def _facts(self, card: LoraCard) -> list[str]:
        base = card.base_model or (KIND_NAMES[card.made_for] if card.made_for else "")
        facts = [self.tr("for {base}").format(base=base)] if base else []
        if card.kind is not LoraKind.LORA:
            facts.append(LORA_KIND_NAMES[card.kind])
        if card.rank:
            facts.append(self.tr("rank {rank}").format(rank=card.rank))
        if step := step_text(card):
            facts.append(step)
        return [*facts, file_size(card.size_bytes), file_when(card.path)]

    def open_tools(self) -> None:
        """Offer what else can be done with the LoRA, most of all what can be made of it."""
        menu = QMenu(self)
        menu.addAction(self.tr("Resize…"), self.resize_requested.emit)
        menu.addAction(self.tr("Merge with others…"), self.merge_requested.emit).setEnabled(self._has_others)
        menu.addAction(self.tr("Bake into a model…"), self.bake_requested.emit)
        menu.addSeparator()
        menu.addAction(self.tr("Show in its folder"), self.folder_requested.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._tools.mapToGlobal(self._tools.rect().bottomLeft()))

    def _buttons(self, card: LoraCard) -> QHBoxLayout:
        use = quiet_button(self.tr("Use in Create"), "sparkles")
        use.setAccessibleName(self.tr("Use {name} in Create").format(name=card.name))
        details = icon_button("info", self.tr("Details and notes of {name}").format(name=card.name))
        use.clicked.connect(self.use_requested)
        details.clicked.connect(self.details_requested)
        self._tools = icon_button("sliders-horizontal", self.tr("More to do with {name}").format(name=card.name))
        self._tools.clicked.connect(self.open_tools)
        remove = icon_button("trash-2", self.tr("Remove {name}").format(name=card.name))
        remove.clicked.connect(self.remove_requested)
        row = QHBoxLayout()
        row.addWidget(use)
        row.addWidget(details)
        row.addWidget(self._tools)
        row.addWidget(remove)
        row.addStretch(1)
        return row
