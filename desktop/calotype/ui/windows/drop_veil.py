"""Covers the page while something is held over the window, and says what it is and where it would go."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from calotype.domain.errors import BaseModelError, LoraGivenError
from calotype.services.model_inspection import reason_against
from calotype.ui.look.wording import sentence
from calotype.ui.models.held_files import HeldFiles
from calotype.ui.models.quick_look import QuickLook
from calotype.ui.widgets.drop_zone import DropZone


class DropVeil(DropZone):
    """Says at once what names tell, and a moment later whether a file is a model or a LoRA, which its header tells."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", is_veil=True)
        self.setParent(parent)
        self.hide()
        self._look = QuickLook(self)
        self._look.answered.connect(self._tell_kind)
        self._looked_at: Path | None = None

    def cover(self, area: QRect, held: HeldFiles, project_name: str) -> None:
        """Lie over this part of the window; `project_name` is empty if pictures begin a new project."""
        self.set_words(*self._words(held, project_name))
        self.setGeometry(area)
        self.set_hot(True)
        self.show()
        self.raise_()
        is_one_model = len(held.models) == 1 and not held.pictures and not held.packs
        self._looked_at = held.models[0] if is_one_model else None
        if is_one_model:
            path = held.models[0]
            self._look.ask(lambda: (path, reason_against(path)))

    def lift(self) -> None:
        """Nothing is held any more."""
        self._looked_at = None
        self.set_hot(False)
        self.hide()

    def _words(self, held: HeldFiles, project_name: str) -> tuple[str, str]:
        if held.is_pictures:
            copied = self.tr("They are copied into “{name}”; yours stay as they are.").format(name=project_name)
            return self.tr("Drop to add the pictures"), copied if project_name else ""
        if held.packs and not held.models and not held.pictures:
            text = self.tr("“{name}” is checked and tried, and used from the next start on.")
            return self.tr("Drop to add the GPU pack"), text.format(name=held.packs[0].name)
        if held.models and not held.packs and not held.pictures:
            names = self.tr("“{name}”").format(name=held.models[0].name) if len(held.models) == 1 else ""
            return self.tr("Drop to add to the Library"), names
        text = self.tr("Pictures go into the project, models and LoRAs into the Library, a GPU pack into Settings.")
        return self.tr("Drop to add everything"), text

    def _tell_kind(self, answer: object) -> None:
        assert isinstance(answer, tuple)
        path, reason = answer
        if path != self._looked_at:
            return  # it is not held any more
        if reason is None:
            text = self.tr("“{name}” stays where it is, and is listed in the Library.")
            self.set_words(self.tr("Drop to add the model"), text.format(name=path.name))
        elif isinstance(reason, LoraGivenError):
            text = self.tr("“{name}” is copied into the Library.")
            self.set_words(self.tr("Drop to add the LoRA"), text.format(name=path.name))
        elif isinstance(reason, BaseModelError):
            self.set_words(self.tr("This cannot be used"), sentence(reason))
