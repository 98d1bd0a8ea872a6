"""Says what went wrong, beside the thing that it went wrong with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from calotype.ui.look.wording import sentence
from calotype.ui.widgets.banner import Banner
from calotype.ui.widgets.buttons import Button


class FailureBanner(Banner):
    """Shows one failure as a sentence until it is dismissed or something else is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("harm", "triangle-alert", parent)

    def show_failure(self, error: BaseException, *buttons: Button) -> None:
        """Say what happened and what to do next, with buttons for that."""
        self.show_text(sentence(error), *buttons)

    def show_failures(self, errors: Sequence[BaseException]) -> None:
        """Say several that happened at once, each on a line of its own."""
        self.show_text("\n".join(sentence(error) for error in errors))
