"""Shows and changes what a picture shows in words; saves by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from calotype.domain.imageset import CaptionedImage
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.picture_choices import PictureChoices
from calotype.ui.widgets.words_for_several import WordsForSeveral

_SAVE_MS = 600


class CaptionCard(Card):
    """The caption of the selected picture, or words for all of several; below it what else was decided about them.

    caption_written: a picture and its new caption, soon after typing stopped.
    """

    caption_written = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._image: CaptionedImage | None = None
        self._title = label("", "heading")
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName(self.tr("Caption"))
        self.editor.setTabChangesFocus(True)
        self.editor.setFixedHeight(92)
        self.editor.textChanged.connect(self._save_later)
        self.editor.installEventFilter(self)
        self.words = WordsForSeveral()
        self._hint = label("", "small", wraps=True)
        self.choices = PictureChoices()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self.save)
        for widget in (self._title, self.editor, self.words, self._hint, self.choices):
            self.body.addWidget(widget)
        self.show_selection([], "")

    @property
    def has_selection(self) -> bool:
        """True while it shows a picture, or several."""
        return not self.choices.isHidden()

    def show_selection(self, images: Sequence[CaptionedImage], trigger_word: str) -> None:
        """Show the caption of one picture, or what can be done with several."""
        before = self._image
        self.save()
        only = images[0] if len(images) == 1 else None
        is_same = before is not None and only is not None and only.content_hash == before.content_hash
        # The same picture with the caption that was known: what is being typed stays as it is.
        if not (is_same and before is not None and only is not None and only.caption == before.caption):
            self._image = only
            self._show_text(only.caption if only is not None else "")
        self.editor.setVisible(only is not None)
        self.words.setVisible(len(images) > 1)
        self.choices.show_selection(images)
        self._title.setText(self._title_words(images))
        self._hint.setText(self._hint_words(images, trigger_word))

    def save(self) -> None:
        """Tell the caption now, if it was changed."""
        self._timer.stop()
        text = self.editor.toPlainText().strip()
        image = self._image
        if image is not None and text != image.caption:
            # The listener shows the selection again, which comes back here: by then this caption is the known one.
            self._image = replace(image, caption=text)
            self.caption_written.emit(image, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save when the editor is left."""
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self.save()
        return super().eventFilter(watched, event)

    def _save_later(self) -> None:
        self._timer.start()

    def _show_text(self, text: str) -> None:
        if self.editor.toPlainText().strip() == text:
            return
        self.editor.blockSignals(True)
        self.editor.setPlainText(text)
        self.editor.blockSignals(False)

    def _title_words(self, images: Sequence[CaptionedImage]) -> str:
        return self.tr("Captions of %n pictures", "", len(images)) if len(images) > 1 else self.tr("Caption")

    def _hint_words(self, images: Sequence[CaptionedImage], trigger_word: str) -> str:
        if not images:
            return self.tr("Select a picture to see and change what it shows in words.")
        if len(images) > 1:
            return self.tr("Words go behind a comma; those already there are not added twice.")
        if trigger_word.casefold() not in images[0].caption.casefold():
            return self.tr("Begin with “{word}”, then say what changes: pose, background, light.").format(
                word=trigger_word
            )
        return self.tr("Say what changes from picture to picture: pose, background, light. Saved as you type.")
