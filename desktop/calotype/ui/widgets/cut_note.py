"""Says where a model stops reading, below a text that is longer than it reads."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.diffusion.prompt_length import cut_text, token_limit
from calotype.domain.captions import CutText
from calotype.domain.models import BaseModelCard
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.widgets.labels import label

_SHOWN = 24  # letters before the cut: enough to find the place


class CutNote(QWidget):
    """Hidden while all of the text is read, which is found out in a thread: the words of a model are loaded for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: BaseModelCard | None = None
        self._words = label("", "small", wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._words)
        self.look = QuickLook(self)
        self.look.answered.connect(self._show)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._words.text() if not self.isHidden() else ""

    def show_text(self, text: str, model: BaseModelCard | None) -> None:
        """Tell of this text, if it is too long for this model."""
        self._model = model
        if model is None or len(text.encode("utf-8")) <= token_limit(model.family):
            self.look.ask(lambda: None, waits=True) if self.look.is_looking else self._show(None)
            return
        self.look.ask(partial(cut_text, text, model.family), waits=True)

    def _show(self, cut: object) -> None:
        if isinstance(cut, CutText) and self._model is not None:
            words = self.tr("{model} reads {limit} of these {count} tokens, up to “…{end}”. The rest changes nothing.")
            end = " ".join(cut.read[-_SHOWN:].split())
            name = self._model.name
            self._words.setText(words.format(model=name, limit=cut.limit, count=f"{cut.token_count:,}", end=end))
        self.setVisible(isinstance(cut, CutText))
