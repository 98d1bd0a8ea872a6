"""The verdict while a run goes on: in two or three words, what it means, how sure it is, and what it rests on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from calotype.domain.verdict import Verdict
from calotype.ui.look.verdicts import advice, confidence, evidence, evidence_text, headline
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class VerdictCard(Card):
    """Draws a Verdict on a run that is not over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_emphasis(True)
        self._title = label("", "accent", wraps=True)
        self._text = label("", wraps=True)
        self._evidence = label("", "small", wraps=True)
        for part in (self._title, self._text, self._evidence):
            self.body.addWidget(part)

    def show_verdict(self, verdict: Verdict) -> None:
        """Show what the measurements say so far."""
        self._title.setText(headline(verdict, is_running=True))
        self._text.setText(advice(verdict, is_running=True))
        self._evidence.setText(evidence_text(verdict))
        self.setToolTip("\n".join([f"{confidence(verdict)}.", *evidence(verdict)]))

    def show_evidence(self, *, is_shown: bool) -> None:
        """Write under the verdict what it rests on, or leave that to the tooltip."""
        self._evidence.setVisible(is_shown)
