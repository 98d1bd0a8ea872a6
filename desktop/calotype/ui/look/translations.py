"""The language of the window. English needs a translator too: for its plurals."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QTranslator

_PROPERTY = "calotypeLanguage"


class EnglishPlurals(QTranslator):
    """Chooses between `1 picture` and `2 pictures` where a source text says `%n picture(s)`."""

    def translate(self, context: str, source_text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Answer plurals only; None leaves every other text as it is."""
        if n < 0 or "(s)" not in source_text:
            return None
        return source_text.replace("(s)", "" if n == 1 else "s")

    def isEmpty(self) -> bool:  # noqa: N802  # Qt's name
        """An empty translator would not be asked."""
        return False


def load_language(app: QCoreApplication) -> None:
    """Speak the language of the window; once is enough."""
    if app.property(_PROPERTY) is None:
        translator = EnglishPlurals(app)
        app.installTranslator(translator)
        app.setProperty(_PROPERTY, "en")


def say_report(text: str) -> str:
    """A text of a report or a comparison in the language of the window. Any thread may ask."""
    return QCoreApplication.translate("report", text)
