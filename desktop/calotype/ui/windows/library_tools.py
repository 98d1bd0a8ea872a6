"""Opens the dialogs of the tools that make LoRAs and models out of those in the Library."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from calotype.domain.models import BaseModelCard, LoraCard
from calotype.services import model_catalog
from calotype.ui.models.session import Session
from calotype.ui.windows.lora_tool_dialogs import BakeDialog, ExtractDialog, MergeDialog, ResizeDialog
from calotype.ui.windows.task_dialog import TaskDialog
from calotype.ui.windows.vae_dialog import VaeDialog

Dialog = TypeVar("Dialog", bound=TaskDialog)


class LibraryTools(QObject):
    """Each returns the dialog that it shows; the window can be used meanwhile."""

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._page = page

    def resize(self, card: LoraCard) -> ResizeDialog:
        """Make a LoRA smaller."""
        return _shown(ResizeDialog(self._session, card, self._page))

    def merge(self, card: LoraCard) -> MergeDialog:
        """Make one LoRA of this one and others."""
        return _shown(MergeDialog(self._session, self._loras(), card, self._page))

    def bake(self, card: LoraCard) -> BakeDialog:
        """Make a model that draws with this LoRA by itself."""
        models = model_catalog.list_base_models(self._session.workspace)
        return _shown(BakeDialog(self._session, self._loras(), card, models, self._page))

    def extract(self) -> ExtractDialog:
        """Make a LoRA of what two models differ by."""
        return _shown(ExtractDialog(self._session, model_catalog.list_base_models(self._session.workspace), self._page))

    def change_vae(self, card: BaseModelCard) -> VaeDialog:
        """Use another VAE with a model."""
        return _shown(VaeDialog(self._session, card, self._page))

    def _loras(self) -> list[LoraCard]:
        return model_catalog.list_loras(self._session.workspace)


def _shown(dialog: Dialog) -> Dialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
