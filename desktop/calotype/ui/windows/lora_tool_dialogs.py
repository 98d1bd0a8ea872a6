"""The tools for LoRAs, one calm dialog each: resize, merge, bake into a model, extract from two models."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from calotype.domain.lora import LoraKind
from calotype.domain.models import BaseModelCard, LoraCard
from calotype.services import library_tools, lora_tools
from calotype.services.lora_tools import HIGHEST_RANK
from calotype.ui.look.wording import file_size
from calotype.ui.models.session import Session
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.fields import Choice, WholeNumber, labelled
from calotype.ui.widgets.lora_list import LoraList
from calotype.ui.windows.lora_tool_dialog import LoraToolDialog, Work
from calotype.ui.windows.task_dialog import beside

USUAL_RANK = 32
_NUMBER_PX = 150


class ResizeDialog(LoraToolDialog):
    """One LoRA at another rank."""

    def __init__(self, session: Session, card: LoraCard, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setWindowTitle(self.tr("Resize a LoRA"))
        self._card = card
        self.rank = WholeNumber(1, HIGHEST_RANK)
        self.rank.setValue(max(1, card.rank // 2 or USUAL_RANK))
        self.rank.setFixedWidth(_NUMBER_PX)
        self.rank.valueChanged.connect(self.suggest_name)
        facts = Facts()
        now = self.tr("rank {rank}, {size}").format(rank=card.rank, size=file_size(card.size_bytes))
        facts.show_facts({self.tr("LoRA"): card.name, self.tr("Now"): now if card.rank else file_size(card.size_bytes)})
        text = self.tr(
            "Makes a smaller file that draws as nearly the same as its rank allows. How much of it is kept is said at "
            "the end; the LoRA itself stays as it is."
        )
        fields = [facts, labelled(self.tr("New rank"), self.rank)]
        self.build(text, self.tr("Resize"), fields, self.tr("Name of the new LoRA"))

    def suggested_name(self) -> str:
        """The name of the LoRA with the rank."""
        return f"{self._card.name}-rank{self.rank.value()}"

    def work(self) -> Work:
        """Resize it."""
        path = self._card.path
        choice = library_tools.new_lora(self.session.workspace, self.name.text(), self.rank.value())
        return lambda control: lora_tools.resize_lora(path, choice, control)


class MergeDialog(LoraToolDialog):
    """Several LoRAs as one."""

    def __init__(
        self, session: Session, cards: Sequence[LoraCard], first: LoraCard, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, parent)
        self.setWindowTitle(self.tr("Merge LoRAs"))
        self.loras = LoraList(_mergeable(cards, first), first, least=2)
        self.loras.changed.connect(self.suggest_name)
        self.rank = WholeNumber(0, HIGHEST_RANK)
        self.rank.setSpecialValueText(self.tr("as large as it gets"))
        self.rank.setFixedWidth(_NUMBER_PX + 30)
        text = self.tr(
            "Makes one file that draws as all of them do together, each at its strength. Its rank is the sum of "
            "theirs, and then nothing is lost; a smaller one makes a smaller file."
        )
        fields = [self.loras, labelled(self.tr("Rank"), self.rank)]
        self.build(text, self.tr("Merge"), fields, self.tr("Name of the new LoRA"))
        self.loras.rows[0].field.setFocus()

    def suggested_name(self) -> str:
        """The names of all."""
        return " and ".join(dict.fromkeys(self.loras.names()))

    def work(self) -> Work:
        """Merge them."""
        uses = self.loras.uses()
        choice = library_tools.new_lora(self.session.workspace, self.name.text(), self.rank.value() or None)
        return lambda control: lora_tools.merge_loras(uses, choice, control)


class BakeDialog(LoraToolDialog):
    """A copy of a base model with LoRAs in its weights."""

    def __init__(
        self,
        session: Session,
        loras: Sequence[LoraCard],
        first: LoraCard,
        models: Sequence[BaseModelCard],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.setWindowTitle(self.tr("Bake LoRAs into a model"))
        self.loras = LoraList(loras, first)
        self.base = _models(models, next((card for card in models if first.base_model in (card.name, card.id)), None))
        self.loras.changed.connect(self.suggest_name)
        self.base.currentIndexChanged.connect(self.suggest_name)
        text = self.tr(
            "Writes a copy of a base model that draws with the LoRAs by itself, for programs that know no LoRAs. It is "
            "as large as the model; the model and the LoRAs stay as they are."
        )
        fields = [labelled(self.tr("Base model"), self.base), self.loras]
        self.build(text, self.tr("Bake"), fields, self.tr("Name of the new model"))

    def suggested_name(self) -> str:
        """The model and what is in it."""
        return f"{_chosen(self.base).name} with {' and '.join(self.loras.names())}"

    def work(self) -> Work:
        """Bake them."""
        workspace, model, uses, name = self.session.workspace, _chosen(self.base), self.loras.uses(), self.name.text()
        return lambda control: library_tools.bake_into_library(workspace, model, uses, name, control)


class ExtractDialog(LoraToolDialog):
    """What two base models differ by, as a LoRA."""

    def __init__(self, session: Session, models: Sequence[BaseModelCard], parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setWindowTitle(self.tr("Extract a LoRA from two models"))
        self.before, self.after = _models(models, models[0]), _models(models, models[-1])
        self.rank = WholeNumber(1, HIGHEST_RANK)
        self.rank.setValue(USUAL_RANK)
        self.rank.setFixedWidth(_NUMBER_PX)
        for field in (self.before, self.after):
            field.currentIndexChanged.connect(self.suggest_name)
        text = self.tr(
            "Compares a model with the one that it was made from, and keeps the difference as a LoRA, which takes a "
            "fraction of the room. Both must be of the same kind, such as Stable Diffusion 1."
        )
        models_row = beside(
            labelled(self.tr("Model before"), self.before), labelled(self.tr("Model after"), self.after)
        )
        fields = [models_row, labelled(self.tr("Rank"), self.rank)]
        self.build(text, self.tr("Extract"), fields, self.tr("Name of the new LoRA"))

    def suggested_name(self) -> str:
        """The model after."""
        return f"{_chosen(self.after).name} as LoRA"

    def is_ready(self) -> bool:
        """Two different models are chosen."""
        return self.before.currentIndex() != self.after.currentIndex()

    def work(self) -> Work:
        """Compare them."""
        before, after = (library_tools.source_of(_chosen(field)) for field in (self.before, self.after))
        choice = library_tools.new_lora(self.session.workspace, self.name.text(), self.rank.value())
        return lambda control: lora_tools.extract_lora(before, after, choice, control)


def _mergeable(cards: Sequence[LoraCard], first: LoraCard) -> list[LoraCard]:
    """Those that go together with the first one before the others, which are refused with the reason."""
    return sorted(cards, key=lambda card: (card.kind is LoraKind.DORA, card.made_for is not first.made_for))


def _models(cards: Sequence[BaseModelCard], chosen: BaseModelCard | None) -> Choice:
    field = Choice()
    field.setMinimumContentsLength(12)  # a long name is cut rather than the dialog widened
    field.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for card in cards:
        field.addItem(card.name, card)
    field.setCurrentIndex(max(0, field.findText(chosen.name)) if chosen else 0)
    return field


def _chosen(field: Choice) -> BaseModelCard:
    card: BaseModelCard = field.currentData()
    return card
