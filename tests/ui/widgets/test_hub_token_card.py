"""A token is kept when it is confirmed, never shown again, and forgotten on request."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from calotype.services.workspace import load_settings
from calotype.ui.models.session import Session
from calotype.ui.widgets.hub_token_card import HubTokenCard


def test_that_a_token_is_kept_hidden_and_forgotten(session: Session, qtbot: QtBot) -> None:
    card = HubTokenCard(session)
    qtbot.addWidget(card)

    qtbot.keyClicks(card.field, " hf_secret ")
    hidden = card.field.displayText()
    qtbot.keyClick(card.field, Qt.Key.Key_Return)

    assert card.field.echoMode() is QLineEdit.EchoMode.Password and "hf" not in hidden
    assert load_settings(session.workspace).hub_token == "hf_secret"
    assert (card.field.text(), card.forget_button.isHidden(), card.keep_button.isEnabled()) == ("", False, False)
    assert "hf_secret" not in HubTokenCard(session, card).field.text()

    qtbot.mouseClick(card.forget_button, Qt.MouseButton.LeftButton)

    assert load_settings(session.workspace).hub_token == ""
    assert card.forget_button.isHidden()
