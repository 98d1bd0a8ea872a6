"""Everything about one LoRA: what it is, how it was trained, what it has to do with, and the user's notes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from calotype.domain.lora import LORA_KIND_NAMES
from calotype.domain.lora_library import LoraNotes, ShelvedLora
from calotype.domain.recognised import KIND_NAMES
from calotype.services.lora_inspection import LoraDetails
from calotype.services.lora_library import WhereUsed
from calotype.ui.look.wording import file_size
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.library_cards import Cover
from calotype.ui.widgets.stars import Stars

_SAVE_MS = 600
_WIDTH_PX, _HEIGHT_PX = 620, 600
_NOTES_PX = 84
_SHOWN_TENSORS = 6


class LoraDialog(QDialog):
    """notes_changed: LoraNotes, soon after typing stopped and when the dialog closes. use_requested: its button."""

    notes_changed = Signal(object)
    use_requested = Signal()

    def __init__(self, lora: ShelvedLora, details: LoraDetails, used: WhereUsed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = lora.notes
        self.setWindowTitle(lora.card.name)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self.save)
        self._make_fields(lora)
        self._lay_out(lora, details, used)

    def save(self) -> None:
        """Tell the notes now, if they were changed."""
        self._timer.stop()
        notes = LoraNotes(self.stars.rating, self.editor.toPlainText().strip())
        if notes != self._known:
            self._known = notes
            self.notes_changed.emit(notes)

    def done(self, result: int) -> None:
        """Close; nothing that was typed is lost."""
        self.save()
        super().done(result)

    def _make_fields(self, lora: ShelvedLora) -> None:
        self.stars = Stars(lora.card.name, lora.notes.rating)
        self.stars.rated.connect(self.save)
        self.editor = QPlainTextEdit(lora.notes.text)
        self.editor.setAccessibleName(self.tr("Notes on this LoRA"))
        self.editor.setPlaceholderText(self.tr("Which strength works, what it is good for. Saved as you type."))
        self.editor.setTabChangesFocus(True)
        self.editor.setFixedHeight(_NOTES_PX)
        self.editor.textChanged.connect(self._timer.start)
        self._use = primary_button(self.tr("Use in Create"), "sparkles")
        self._use.clicked.connect(self.use_requested)
        self._use.clicked.connect(self.accept)
        self._close = quiet_button(self.tr("Close"))
        self._close.clicked.connect(self.reject)

    def _lay_out(self, lora: ShelvedLora, details: LoraDetails, used: WhereUsed) -> None:
        body = QWidget()
        body.setProperty("role", "scrolled")
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 22, 24, 12)
        column.setSpacing(10)
        column.addLayout(self._top(lora))
        column.addWidget(self.editor)
        column.addSpacing(6)
        for title, facts in ((self.tr("What it is"), self._is(details)), (self.tr("Where used"), self._used(used))):
            column.addWidget(label(title, "heading"))
            column.addWidget(_facts(facts))
            column.addSpacing(6)
        learned = {QCoreApplication.translate("lora_facts", name): text for name, text in details.facts.items()}
        if learned:
            column.addWidget(label(self.tr("What its file tells"), "heading"))
            column.addWidget(_facts(learned))
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(lora.card.name)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 10, 24, 18)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._use)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area, 1)
        whole.addLayout(buttons)

    def _top(self, lora: ShelvedLora) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(lora.card.name, "title", wraps=True))
        if lora.card.trigger_word:
            words.addWidget(
                label(self.tr("its word: {word}").format(word=lora.card.trigger_word), "accent", wraps=True)
            )
        words.addWidget(self.stars, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(Cover(lora.card.preview_path, "layers", 116), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _is(self, details: LoraDetails) -> dict[str, str]:
        card = details.card
        family = KIND_NAMES[card.made_for] if card.made_for else self.tr("unknown: its file does not tell")
        changes = self.tr("%n layer(s) of the U-Net", "", details.unet_layers)
        if card.text_encoder_layers:
            changes += self.tr(" and %n of the text encoder", "", card.text_encoder_layers)
        rank = self.tr("{rank}, alpha {alpha}").format(rank=card.rank, alpha=f"{card.alpha:g}") if card.rank else ""
        unknown = ""
        if details.left_over:
            names = ", ".join(details.left_over[:_SHOWN_TENSORS])
            names += " …" if len(details.left_over) > _SHOWN_TENSORS else ""
            unknown = self.tr("%n tensor(s) of unknown meaning: ", "", len(details.left_over)) + names
        return {
            self.tr("Kind"): LORA_KIND_NAMES[card.kind],
            self.tr("Made for"): family,
            self.tr("Rank"): rank,
            self.tr("Changes"): changes,
            self.tr("File"): f"{card.path.name}, {file_size(card.size_bytes)}",
            self.tr("Without effect"): unknown,
        }

    def _used(self, used: WhereUsed) -> dict[str, str]:
        learned = ""
        if used.run is not None:
            learned = self.tr("project “{project}”, run {run}, up to step {step}").format(
                project=used.project, run=used.run.id, step=used.run.best_step or used.run.last_step
            )
        pictures = self.tr("%n of the newest pictures", "", used.pictures)
        return {
            self.tr("Learned in"): learned or self.tr("not here"),
            self.tr("Fits"): ", ".join(used.base_models) or self.tr("no base model of this Library"),
            self.tr("Drawn with in"): pictures if used.pictures else self.tr("no picture yet"),
        }


def _facts(facts: dict[str, str]) -> Facts:
    shown = Facts()
    shown.show_facts(facts)
    return shown
