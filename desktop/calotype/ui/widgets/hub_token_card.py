"""The access token for models that Hugging Face gives only to people who agreed to their terms."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class HubTokenCard(Card):
    """Takes the token when it is confirmed; what is kept is never shown again."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session = session
        self._build()
        self.field.textChanged.connect(self._show)
        self.field.returnPressed.connect(self.keep)
        self.keep_button.clicked.connect(self.keep)
        self.forget_button.clicked.connect(self.forget)
        self._show()

    def keep(self) -> None:
        """Use what was typed from the next download on."""
        token = self.field.text().strip()
        if token:
            self._change(token)

    def forget(self) -> None:
        """Have no token any more."""
        self._change("")

    def _change(self, token: str) -> None:
        self._session.change_settings(replace(self._session.settings, hub_token=token))
        self.field.clear()
        self._show()

    def _show(self) -> None:
        has_token = bool(self._session.settings.hub_token)
        self.field.setPlaceholderText(self.tr("One is kept. Paste another to replace it") if has_token else "hf_…")
        self.keep_button.setEnabled(bool(self.field.text().strip()))
        self.forget_button.setVisible(has_token)

    def _build(self) -> None:
        title = self.tr("Access token for Hugging Face")
        self.setAccessibleName(title)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(title)
        self.keep_button = quiet_button(self.tr("Keep"), "check")
        self.forget_button = quiet_button(self.tr("Forget it"), "x")
        note = self.tr(
            "Only for models whose terms you have to agree to on their page. It is sent to Hugging Face when you ask "
            "for a download, and never otherwise; it lies in the settings file of the data folder."
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.forget_button)
        row.addWidget(self.keep_button)
        self.body.addWidget(label(title, "heading"))
        self.body.addLayout(row)
        self.body.addWidget(label(note, "small", wraps=True))
