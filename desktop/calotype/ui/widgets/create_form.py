"""Everything that can be said about the pictures to make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from calotype.domain.generation import GenerationRequest, LoraUse
from calotype.domain.lora_blocks import LORA_BLOCKS, blocks_in_note
from calotype.domain.models import BaseModelCard, LoraCard, ModelFamily
from calotype.domain.plan import MOST_CLIP_SKIP
from calotype.services.generation import PictureRecord, default_request
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.cut_note import CutNote
from calotype.ui.widgets.fields import Choice, DecimalNumber, WholeNumber, labelled
from calotype.ui.widgets.lora_field import LoraField
from calotype.ui.widgets.seed_field import SeedField
from calotype.ui.widgets.wrapping_row import WrappingRow

Number = TypeVar("Number", int, float)

LORA_MARK = re.compile(r"\s*<lora:([^>:]*):?([^>]*)>")
COLUMN_SHARES = (5, 4, 3)
COLUMNS = len(COLUMN_SHARES)
_LARGEST = 10**6  # a field of Qt takes no number that needs more than 32 bits
SHAPES = ((1.0, 1.0), (0.75, 1.0), (1.0, 0.75), (1.5, 1.5))


class CreateForm(QWidget):
    """The fields of a GenerationRequest.

    model_chosen: another base model was chosen. submitted: Ctrl+Enter in a field.
    """

    model_chosen = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[BaseModelCard] = []
        self._build()
        self._model.currentIndexChanged.connect(self._take_model)
        self._clip_skip.valueChanged.connect(self._offer_clip_skip)
        self._lora.changed.connect(self._offer_trigger)
        self.prompt.textChanged.connect(self._offer_trigger)
        for changed in (self.prompt.textChanged, self._model.currentIndexChanged):
            changed.connect(lambda: self.cut_note.show_text(self.prompt.toPlainText().strip(), self.model))
        self._trigger.clicked.connect(self._insert_trigger)
        self._offer_trigger()

    @property
    def model(self) -> BaseModelCard | None:
        """The chosen base model."""
        return next((card for card in self._models if card.id == self._model.currentData()), None)

    @property
    def models(self) -> list[BaseModelCard]:
        """The base models that are offered."""
        return self._models

    def request(self) -> GenerationRequest:
        """What the fields say. Raises InvalidPlanError if that is not allowed."""
        model = self.model
        width, height = self._size.currentData() or (512, 512)
        return GenerationRequest(
            prompt=self.prompt.toPlainText().strip(),
            negative_prompt=self._negative.text().strip(),
            base_model=model.id if model else "starter",
            loras=self._lora.uses(),
            width_px=width,
            height_px=height,
            sampling_steps=self._steps.value(),
            guidance=self._guidance.value(),
            seed=self._seed.seed(),
            count=self._count.value(),
            clip_skip=self._clip_skip.value(),
        )

    def show_models(self, cards: Sequence[BaseModelCard]) -> None:
        """Offer these base models."""
        before = self._model.currentData()
        self._models = list(cards)
        self._model.blockSignals(True)
        self._model.clear()
        for card in cards:
            self._model.addItem(card.name, card.id)
        self._model.setCurrentIndex(max(0, self._model.findData(before)))
        self._model.blockSignals(False)
        if self._model.currentData() != before:
            self._take_model()

    def show_loras(self, cards: Sequence[LoraCard]) -> None:
        """Offer these LoRAs, and none."""
        self._lora.show_cards(cards)

    def use_lora(self, wanted: LoraCard) -> None:
        """Choose a LoRA, the base model that it was made for, and begin the prompt with its word."""
        self._lora.choose(wanted)
        for card in self._models:
            if wanted.base_model in (card.name, card.id):
                self._model.setCurrentIndex(self._model.findData(card.id))
        self._clip_skip.setValue(wanted.clip_skip)
        self._insert_trigger()

    def reuse(self, record: PictureRecord) -> list[str]:
        """Take the settings of a picture that was made before; return the LoRAs that it names and nobody has."""
        settings = record.settings
        self.prompt.setPlainText(words_of(record))
        self._negative.setText(record.negative_prompt)
        self._model.setCurrentIndex(max(0, self._model.findText(settings.get("Model", ""))))
        missing = self._lora.choose_uses(_loras_of(record))
        self._steps.setValue(_number(settings.get("Steps"), self._steps.value()))
        self._guidance.setValue(_number(settings.get("CFG scale"), self._guidance.value()))
        self._clip_skip.setValue(_number(settings.get("Clip skip"), 1))
        self._seed.keep(int(settings["Seed"]) if settings.get("Seed", "").isdigit() else None)
        width, _x, height = settings.get("Size", "").partition("x")
        if width.isdigit() and height.isdigit():
            self._choose_size(int(width), int(height))
        return missing

    def _take_model(self) -> None:
        model = self.model
        if model is None:
            return
        usual = default_request(model)
        self._size.clear()
        for wide, high in SHAPES:
            width, height = (round(model.resolution_px * part / 64) * 64 for part in (wide, high))
            self._choose_size(width, height)
        self._size.setCurrentIndex(0)
        self._steps.setValue(usual.sampling_steps)
        self._guidance.setValue(usual.guidance)
        self._offer_clip_skip()
        self.model_chosen.emit()

    def _offer_clip_skip(self) -> None:
        """Starter was not made for it, so that the field takes no room there unless a LoRA wants it."""
        is_starter = self.model is None or self.model.family is ModelFamily.STARTER
        self._clip_skip_field.setVisible(not is_starter or self._clip_skip.value() > 1)

    def _choose_size(self, width: int, height: int) -> None:
        text = f"{width} × {height}"
        if self._size.findText(text) < 0:
            self._size.addItem(text, (width, height))
        self._size.setCurrentIndex(self._size.findText(text))

    def _offer_trigger(self) -> None:
        word = self._missing_trigger()
        self._trigger.setText(self.tr("Add its word: {word}").format(word=word))
        self._trigger.setVisible(bool(word))

    def _missing_trigger(self) -> str:
        """The first word of a chosen LoRA that the prompt lacks; empty if it has all."""
        prompt = self.prompt.toPlainText().lower()
        return next((card.trigger_word for card in self._lora.cards if card.trigger_word.lower() not in prompt), "")

    def _insert_trigger(self) -> None:
        word, text = self._missing_trigger(), self.prompt.toPlainText()
        if word:
            self.prompt.setPlainText(f"{word}, {text}" if text.strip() else f"{word}, ")
            self.prompt.moveCursor(self.prompt.textCursor().MoveOperation.End)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        # A text field would take Ctrl+Enter as a line break.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.submitted.emit()
                return True
        return False

    def _build(self) -> None:
        self.prompt = QPlainTextEdit()
        self.prompt.setFixedHeight(80)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setPlaceholderText(self.tr("What should the picture show?"))
        self.prompt.installEventFilter(self)
        self._negative = QLineEdit()
        self._negative.setPlaceholderText(self.tr("what it should not show"))
        words = Card()
        words.body.setSpacing(8)
        words.body.addWidget(labelled(self.tr("Prompt"), self.prompt))
        self.cut_note = CutNote()
        words.body.addWidget(self.cut_note)
        words.body.addWidget(labelled(self.tr("Leave out"), self._negative))
        settings = Card()
        settings.body.setSpacing(12)
        self._lora = LoraField()
        self._trigger = link_button("")
        settings.body.addWidget(self._lora)
        settings.body.addWidget(WrappingRow([self._trigger, *self._lora.links]))
        settings.body.addLayout(self._build_grid())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(settings)
        layout.addStretch(1)

    def _build_grid(self) -> QGridLayout:
        self._model, self._size = Choice(), Choice()
        self._count, self._steps = WholeNumber(1, 64), WholeNumber(1, 200)
        self._count.setValue(4)
        self._guidance = DecimalNumber(1.0, 30.0, 1)
        self._seed = SeedField()
        self._clip_skip = WholeNumber(1, MOST_CLIP_SKIP)
        self._clip_skip.setToolTip(self.tr("Which layer of the text encoder is read: 1 the last, 2 the one before"))
        fields = [
            (self.tr("Base model"), self._model),
            (self.tr("Size"), self._size),
            (self.tr("Pictures"), self._count),
            (self.tr("Seed"), self._seed),
            (self.tr("Steps"), self._steps),
            (self.tr("Guidance"), self._guidance),
        ]
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(12)
        for place, (name, field) in enumerate(fields):
            grid.addWidget(labelled(name, field), place // COLUMNS, place % COLUMNS, Qt.AlignmentFlag.AlignTop)
        self._clip_skip_field = labelled(self.tr("Clip skip"), self._clip_skip)
        grid.addWidget(self._clip_skip_field, len(fields) // COLUMNS, 0, Qt.AlignmentFlag.AlignTop)
        for column, share in enumerate(COLUMN_SHARES):
            grid.setColumnStretch(column, share)
        self._model.setMinimumContentsLength(6)  # a long name is cut rather than the form widened
        self._model.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return grid


def words_of(record: PictureRecord) -> str:
    """The prompt without the marks that name LoRA files."""
    return LORA_MARK.sub("", record.prompt).strip()


def _loras_of(record: PictureRecord) -> list[LoraUse]:
    """The LoRAs that a picture was drawn with, by the names of their files; a strength that cannot be meant is 1."""
    note = record.settings.get(LORA_BLOCKS, "")
    found = ((stem, _number(text, 1.0)) for stem, text in LORA_MARK.findall(record.prompt))
    return [
        LoraUse(Path(f"{stem}.safetensors"), strength if -2 <= strength <= 2 else 1.0, blocks_in_note(note, stem))
        for stem, strength in found
    ]


def _number(text: str | None, otherwise: Number) -> Number:
    """Read a number that another program may have written; what is no number, or none for a field, changes nothing."""
    try:
        number = type(otherwise)(text) if text else otherwise
    except ValueError:
        return otherwise
    return number if abs(number) <= _LARGEST else otherwise
