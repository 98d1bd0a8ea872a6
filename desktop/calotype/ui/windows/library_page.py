"""The Library page: base models to train and draw with, and the LoRA files that were kept or added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from calotype.domain.errors import CalotypeError
from calotype.domain.lora_library import LoraNotes, ShelvedLora
from calotype.domain.models import AddedModel, BaseModelCard, LoraCard
from calotype.domain.recognised import Prediction
from calotype.domain.trash import TrashedItem
from calotype.services import lora_library, model_catalog
from calotype.services.lora_inspection import inspect_lora
from calotype.ui.look.wording import sentence
from calotype.ui.models.file_adding import FileAdding
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.card_grid import CardGrid
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.library_cards import BaseModelRow, BrokenModelRow
from calotype.ui.widgets.lora_filter_row import LoraFilterRow
from calotype.ui.widgets.lora_tile import LoraTile
from calotype.ui.windows.library_additions import LibraryAdditions
from calotype.ui.windows.library_tools import LibraryTools
from calotype.ui.windows.lora_dialog import LoraDialog
from calotype.ui.windows.page import Page

TILE_WIDTH = 420


class LibraryPage(Page):
    """Two lists, read again each time the page comes to the front."""

    def __init__(self, session: Session, generation: GenerationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._generation = generation
        self._tiles: list[tuple[ShelvedLora, LoraTile]] = []
        self._adding = FileAdding(session, self)
        self.additions = LibraryAdditions(session, self)
        self.additions.model_chosen.connect(self.add_model)
        self.additions.lora_chosen.connect(self.add_lora)
        self.tools = LibraryTools(session, self)
        self._build()
        self.reload()
        self._session.loras_changed.connect(self.reload)
        self._session.models_changed.connect(self.reload)

    @property
    def title(self) -> str:
        """The page's name."""
        return self.tr("Library")

    def header_widgets(self) -> list[QWidget]:
        """The ways to add something."""
        return self.additions.buttons

    def activate(self) -> None:
        """Files may have been put into the folders meanwhile."""
        self.reload()

    def reload(self) -> None:
        """Read both lists."""
        workspace = self._session.workspace
        models = [self._model_row(card) for card in model_catalog.list_base_models(workspace)]
        broken = [self._broken_row(*entry) for entry in model_catalog.missing_base_models(workspace)]
        self._models.set_cards([*models, *broken])
        loras = lora_library.shelf(workspace)
        self._tiles = [(lora, self._lora_tile(lora, has_others=len(loras) > 1)) for lora in loras]
        self._extract.setVisible(len(models) > 1)
        self._loras.set_cards([tile for _, tile in self._tiles])
        self._no_loras.setVisible(not loras)
        self._find.setVisible(len(loras) > 1)
        self._find.offer(loras)
        self._show_found()

    def add_model(self, folder: Path) -> None:
        """Remember a diffusers folder; of anything else, say what it is."""
        if self._session.tell_failure(lambda: model_catalog.add_base_model(self._session.workspace, folder)):
            self._session.models_changed.emit()

    def add_lora(self, path: Path) -> None:
        """Copy a LoRA file into the data folder; its tile comes when it is there."""
        self._adding.add_lora(path)

    def _model_row(self, card: BaseModelCard) -> QWidget:
        row = BaseModelRow(card)
        row.remove_requested.connect(lambda: self._remove(card.id, card.name))
        row.prediction_chosen.connect(lambda prediction: self._choose_prediction(card, prediction))
        row.folder_requested.connect(lambda: _open(card.folder))
        row.vae_requested.connect(lambda: self.tools.change_vae(card))
        return row

    def _broken_row(self, model_id: str, name: str, problem: BaseException) -> QWidget:
        row = BrokenModelRow(name, sentence(problem))
        row.remove_requested.connect(lambda: self._remove(model_id, name))
        return row

    def _show_found(self) -> None:
        wanted = self._find.filter
        found = [tile for lora, tile in self._tiles if wanted.accepts(lora)]
        self._loras.show_only(found)
        self._nothing_found.setVisible(bool(self._tiles) and not found)

    def _lora_tile(self, lora: ShelvedLora, *, has_others: bool) -> LoraTile:
        tile, card = LoraTile(lora, has_others=has_others), lora.card
        tile.rated.connect(lambda rating: self._note(card, LoraNotes(rating, self._notes(card).text)))
        tile.details_requested.connect(lambda: self._show_details(card))
        tile.use_requested.connect(lambda: self._use(card))
        tile.folder_requested.connect(lambda: _open(card.path.parent))
        tile.remove_requested.connect(lambda: self._remove_lora(card))
        tile.resize_requested.connect(lambda: self.tools.resize(card))
        tile.merge_requested.connect(lambda: self.tools.merge(card))
        tile.bake_requested.connect(lambda: self.tools.bake(card))
        return tile

    def _notes(self, card: LoraCard) -> LoraNotes:
        return next((lora.notes for lora, _ in self._tiles if lora.card.path == card.path), LoraNotes())

    def _note(self, card: LoraCard, notes: LoraNotes) -> None:
        """Keep a rating and notes, and show them on the card without building the page anew."""
        if notes == self._notes(card) or not self._session.tell_failure(lambda: lora_library.take_notes(card, notes)):
            return
        self._tiles = [
            (ShelvedLora(card, notes) if lora.card.path == card.path else lora, tile) for lora, tile in self._tiles
        ]
        for lora, tile in self._tiles:
            if lora.card.path == card.path:
                tile.stars.rate(notes.rating)

    def _show_details(self, card: LoraCard) -> None:
        workspace = self._session.workspace
        try:
            details, used = inspect_lora(card.path), lora_library.where_used(workspace, card)
        except CalotypeError as error:
            self._session.failure.emit(error)
            return
        dialog = LoraDialog(ShelvedLora(card, self._notes(card)), details, used, self)
        dialog.notes_changed.connect(lambda notes: self._note(card, notes))
        dialog.use_requested.connect(lambda: self._use(card))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _use(self, card: LoraCard) -> None:
        self._generation.use_lora(card)
        self._session.page_requested.emit("create")

    def _choose_prediction(self, card: BaseModelCard, prediction: Prediction) -> None:
        workspace, path = self._session.workspace, card.file or card.folder
        if self._session.tell_failure(lambda: model_catalog.add_base_model(workspace, path, prediction)):
            self._session.models_changed.emit()

    def _remove(self, model_id: str, name: str) -> None:
        session, removed = self._session, list[AddedModel]()

        def remove() -> bool:
            found: list[AddedModel | None] = []
            session.tell_failure(lambda: found.append(model_catalog.remove_base_model(session.workspace, model_id)))
            removed.extend(model for model in found if model is not None)
            session.models_changed.emit()
            return any(found)

        if remove():
            text = self.tr("“{name}” is off the list. Its files are untouched.").format(name=name)
            session.undo.add(text, lambda: self._put_model_back(removed.pop()), remove)

    def _put_model_back(self, removed: AddedModel) -> bool:
        workspace = self._session.workspace
        is_done = self._session.tell_failure(lambda: model_catalog.restore_base_model(workspace, removed))
        self._session.models_changed.emit()
        return is_done

    def _remove_lora(self, card: LoraCard) -> None:
        session, items, cards = self._session, list[TrashedItem](), [card]

        def remove() -> bool:
            return self._changed_loras(lambda: items.append(model_catalog.remove_lora(session.workspace, cards[-1])))

        def put_back() -> bool:  # where another LoRA has taken its name, it comes back under another one
            return self._changed_loras(lambda: cards.append(model_catalog.restore_lora(session.workspace, items[-1])))

        if remove():
            text = self.tr("Removed “{name}”").format(name=card.name)
            session.undo.add(text, put_back, remove)

    def _changed_loras(self, change: Callable[[], None]) -> bool:
        is_done = self._session.tell_failure(change)
        self._session.loras_changed.emit()
        return is_done

    def _build(self) -> None:
        self._models, self._loras = CardGrid(TILE_WIDTH), CardGrid(TILE_WIDTH)
        text = self.tr(
            "Nothing here yet. What a run learned comes here when it ends. "
            "Drop LoRA files from elsewhere on the window, or add them above."
        )
        self._no_loras = label(text, "muted", wraps=True)
        self._find = LoraFilterRow()
        self._find.changed.connect(self._show_found)
        self._nothing_found = link_button(self.tr("No LoRA fits that. Show all"))
        self._nothing_found.clicked.connect(self._find.clear)
        self._extract = link_button(self.tr("Extract a LoRA from two models…"))
        self._extract.clicked.connect(self.tools.extract)
        holder = QWidget()
        holder.setProperty("role", "scrolled")
        column = QVBoxLayout(holder)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("LoRAs"), "heading"))
        column.addWidget(self._no_loras)
        column.addWidget(self._find)
        column.addWidget(self._nothing_found, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._loras)
        column.addSpacing(14)
        column.addWidget(label(self.tr("Base models"), "heading"))
        column.addWidget(self._models)
        column.addWidget(self._extract, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(self.tr("Library"))
        area.setWidgetResizable(True)
        area.setWidget(holder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
