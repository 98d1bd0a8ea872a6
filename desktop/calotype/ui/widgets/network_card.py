"""When Calotype uses the network: a list of all occasions, and the only one that could come by itself, with its "
"switch."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from calotype import __version__
from calotype.services.updates import UpdateNews, can_look, update_server
from calotype.ui.look.wording import sentence
from calotype.ui.models.session import Session
from calotype.ui.models.update_watch import UpdateWatch
from calotype.ui.widgets.buttons import link_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.labels import label


class NetworkCard(Card):
    """Looks for updates only when the button is pressed, or once a day after the box was ticked."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session = session
        self._page = ""
        self.watch = UpdateWatch(session, self)
        self._build()
        self.watch.found.connect(self._show_news)
        self.watch.failed.connect(self._show_failure)
        self.look_button.clicked.connect(self._look)
        self.page_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page)))
        self.daily.toggled.connect(self._change_daily)

    def _look(self) -> None:
        self._say(self.tr("Looking…"))
        self.page_button.hide()
        self.watch.look()

    def _show_news(self, news: UpdateNews) -> None:
        if news.is_newer:
            self._say(self.tr("Calotype {version} is there.").format(version=news.version))
        else:
            self._say(self.tr("This is the newest version, {version}.").format(version=__version__))
        self._page = news.page
        self.page_button.setVisible(news.is_newer and bool(news.page))

    def _show_failure(self, error: BaseException) -> None:
        self._say(sentence(error))

    def _say(self, text: str) -> None:
        self.news.setText(text)
        self.news.setVisible(bool(text))

    def _change_daily(self, is_on: bool) -> None:
        self._session.change_settings(replace(self._session.settings, looks_for_updates=is_on))

    def _build(self) -> None:
        title = self.tr("Network")
        self.setAccessibleName(title)
        self.daily = QCheckBox(self.tr("Look once a day, when Calotype starts"))
        self.daily.setChecked(self._session.settings.looks_for_updates)
        self.look_button = quiet_button(self.tr("Look for updates now"), "rotate-ccw")
        self.page_button = link_button(self.tr("Read about it"))
        self.page_button.hide()
        self.news = label("", "muted", wraps=True)
        nowhere = self.tr("This copy knows no place where updates are published: look where you got it.")
        self._say("" if can_look() else nowhere)
        for widget in (self.daily, self.look_button):
            widget.setVisible(can_look())
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.look_button)
        row.addWidget(self.daily)
        row.addStretch()
        news = QHBoxLayout()
        news.addWidget(self.news, 1)
        news.addWidget(self.page_button)
        text = self.tr("Calotype works without a network. It connects in these cases only:")
        facts = Facts()
        facts.show_facts(self._occasions())
        self.body.addWidget(label(title, "heading"))
        self.body.addWidget(label(text, "muted", wraps=True))
        self.body.addWidget(facts)
        self.body.addLayout(row)
        self.body.addLayout(news)

    def _occasions(self) -> dict[str, str]:
        server = update_server()
        packs = self.tr("{server}, when you press Download").format(server=server) if server else self.tr("never")
        updates = self.tr("{server}, when you press the button, or once a day if you tick the box")
        return {
            self.tr("Base models"): self.tr(
                "Hugging Face, when you press Download in the Library; it then gets your access token, if you gave one"
            ),
            self.tr("GPU packs"): packs,
            self.tr("Updates"): updates.format(server=server) if server else self.tr("never"),
            self.tr("Anything else"): self.tr(
                "never: nothing of yours is sent, there is no account and no measuring of use"
            ),
        }
