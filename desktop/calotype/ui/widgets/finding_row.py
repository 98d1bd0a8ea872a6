"""One line of the readiness panel: what was found, with the ways to see it and to put it right."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.domain.readiness import FIXES, Finding, Fix, Severity
from calotype.domain.readiness_words import finding_reason, finding_text, fix_text
from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.buttons import Button, link_button
from calotype.ui.widgets.labels import label

_MARK_PX = 16
_LINK_ROOM_PX = 6  # above and below the letters of a link, for its ring when it has the focus


def say_readiness(text: str) -> str:
    """A text about the readiness of a set in the language of the window."""
    return QCoreApplication.translate("readiness", text)


class NoteRow(QWidget):
    """A mark and a sentence."""

    def __init__(self, icon_name: str, colour: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = label(text, wraps=True)
        mark = QLabel()
        mark.setPixmap(pixmap(icon_name, colour, _MARK_PX, self.devicePixelRatioF()))
        mark.setContentsMargins(0, 2, 0, 0)
        self.beside = QHBoxLayout()
        self.beside.setContentsMargins(0, 0, 0, 0)
        self.beside.setSpacing(6)
        self.beside.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self.beside.addSpacing(3)
        self.beside.addWidget(self.text, 1)
        self.below = QVBoxLayout(self)
        self.below.setContentsMargins(0, 0, 0, 0)
        self.below.setSpacing(2)
        self.below.addLayout(self.beside)


class FindingRow(NoteRow):
    """A finding. show_pressed, fix_pressed: the user pressed that link; which Fix it is."""

    show_pressed = Signal()
    fix_pressed = Signal(object)

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        icon_name, colour = _severity_mark(finding.severity)
        super().__init__(icon_name, colour, finding_text(finding, say_readiness), parent)
        self.finding = finding
        reason = finding_reason(finding.kind, say_readiness)
        self.setToolTip(f"<p>{escape(reason)}</p>")  # Qt breaks marked-up tips into lines, and no others
        self.text.setAccessibleDescription(reason)
        self.show_link: Button | None = None
        self.fix_links: dict[Fix, Button] = {}
        if finding.images:
            self.show_link = self._link(self.tr("Show"))
            self.show_link.clicked.connect(self.show_pressed)
        for fix in FIXES.get(finding.kind, ()):
            link = self.fix_links[fix] = self._link(fix_text(fix, say_readiness))
            link.clicked.connect(lambda _=False, fix=fix: self.fix_pressed.emit(fix))
        self._place_links()

    @property
    def focused_link(self) -> str:
        """The text of the link that has the keyboard; empty if none has."""
        return next((link.text() for link in self._links if link.hasFocus()), "")

    def focus_link(self, text: str) -> None:
        """Give the keyboard to the link with this text, or to the first."""
        for link in [link for link in self._links if link.text() == text] or self._links[:1]:
            link.setFocus()

    @property
    def _links(self) -> list[Button]:
        return [link for link in (self.show_link, *self.fix_links.values()) if link is not None]

    def _link(self, text: str) -> Button:
        link = link_button(text)
        link.setAccessibleName(f"{text}: {self.text.text()}")
        link.setFixedHeight(self.text.fontMetrics().height() + _LINK_ROOM_PX)
        return link

    def _place_links(self) -> None:
        """One link stands beside the sentence; two would leave it no room, and stand below."""
        links = self._links
        if len(links) == 1:
            self.beside.addWidget(links[0], 0, Qt.AlignmentFlag.AlignTop)
            return
        row = QHBoxLayout()
        row.setContentsMargins(_MARK_PX + 4, 0, 0, 0)
        row.setSpacing(2)
        for link in links:
            row.addWidget(link)
        row.addStretch()
        self.below.addLayout(row)


def _severity_mark(severity: Severity) -> tuple[str, str]:
    palette = current_palette()
    return {
        Severity.BLOCKS: ("circle-alert", palette.red),
        Severity.WARNS: ("triangle-alert", palette.accent),
        Severity.HINTS: ("info", palette.muted),
    }[severity]
