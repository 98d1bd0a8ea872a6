"""What the dialogs of the LoRA tools share: a name for what is made, how far it is, and what came of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from PySide6.QtWidgets import QLineEdit, QWidget

from calotype.domain.control import Control
from calotype.domain.errors import CalotypeError
from calotype.domain.lora_tools import LoraToolEvent, LoraWritten, ModelBaked
from calotype.ui.look.roles import set_role
from calotype.ui.look.wording import file_size
from calotype.ui.models.lora_tool_model import LoraToolModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.fields import labelled
from calotype.ui.windows.task_dialog import TaskDialog

Work = Callable[[Control], Iterator[LoraToolEvent]]
WIDTH_PX = 540


class LoraToolDialog(TaskDialog):
    """Makes one new LoRA or model; the window can be used meanwhile, and the originals stay as they are.

    A subclass makes its fields, calls `build` with them, and says in `work` what is to be done.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self.model = LoraToolModel(session)
        super().__init__(self.model, parent)
        self.session = session
        self.setMinimumWidth(WIDTH_PX)
        self._is_named_by_user = False
        self.name = QLineEdit()
        self.name.textEdited.connect(self._take_name)
        self.cancel_button = quiet_button(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.reject)
        self.go_button = primary_button("")
        self.go_button.setDefault(True)
        self.go_button.clicked.connect(self._go)
        self._fields: list[QWidget] = []
        self._verb = ""

    @abstractmethod
    def work(self) -> Work:
        """What to do, from the fields as they are now. Raises what the tool raises before it begins."""

    @abstractmethod
    def suggested_name(self) -> str:
        """What the result is called unless the user calls it something else."""

    def build(self, text: str, verb: str, fields: Sequence[QWidget], name_title: str) -> None:
        """Lay out the fields, with the name below them; the verb is on the button."""
        self._verb = verb
        self._fields = [*fields, labelled(name_title, self.name)]
        self.bar.setAccessibleName(self.tr("Progress"))
        self.lay_out(text, self._fields, [None, self.cancel_button, self.go_button])
        self.suggest_name()
        self.show_state()

    def suggest_name(self) -> None:
        """Follow the fields with the name, as long as the user gave none."""
        if not self._is_named_by_user:
            self.name.setText(self.suggested_name())
            self.name.setCursorPosition(0)  # of a long one the beginning says more
            self.show_state()

    def show_state(self) -> None:
        """Show the model as it is now."""
        model = self.model
        is_done = model.result is not None and not model.is_running
        done, total = (model.progress.done, model.progress.total) if model.progress else (0, 0)
        self.show_progress(done, total, self._words())
        for field in self._fields:
            field.setEnabled(not model.is_running and not is_done)
        self.go_button.setText(self._verb)
        self.go_button.setVisible(not is_done)
        self.go_button.setEnabled(not model.is_running and bool(self.name.text().strip()) and self.is_ready())
        self.cancel_button.setText(self._cancel_text(is_done=is_done))
        self.cancel_button.set_kind("primary" if is_done else "quiet")
        self.cancel_button.setEnabled(not model.is_stopping)
        set_role(self.words, "" if is_done else "muted")

    def is_ready(self) -> bool:
        """Whether the fields hold something that could be done."""
        return True

    def ended(self) -> None:
        """Lead on to what can be pressed now."""
        (self.go_button if self.model.result is None else self.cancel_button).setFocus()

    def _cancel_text(self, *, is_done: bool) -> str:
        if is_done:
            return self.tr("Close")
        return self.tr("Stop") if self.model.is_running else self.tr("Cancel")

    def _words(self) -> str:
        model = self.model
        if model.is_stopping:
            return self.tr("Stopping. Nothing is written.")
        if model.is_running:
            progress = model.progress
            if progress is None:
                return self.tr("Reading the files")
            if progress.done >= progress.total:
                return self.tr("Writing, and reading it back")
            return self.tr("{done} of {total}").format(done=progress.done, total=progress.total)
        if model.was_stopped:
            return self.tr("Stopped; nothing was written.")
        return self._result_text(model.result) if model.result else ""

    def _result_text(self, result: LoraWritten | ModelBaked) -> str:
        match result:
            case LoraWritten():
                return self._lora_text(result)
            case ModelBaked():
                return self._model_text(result)
            case _:
                assert_never(result)

    def _lora_text(self, written: LoraWritten) -> str:
        place = self.tr("It is in the Library as {name}: rank {rank}, {size}, read back and verified.").format(
            name=written.title or written.path.stem, rank=written.rank, size=file_size(written.size_bytes)
        )
        kept = self.tr("Nothing was cut off.")
        if written.kept < 1:
            kept = self.tr("It keeps {share} of what was there to keep.").format(share=f"{100 * written.kept:.1f} %")
        lost = self.tr("%n change(s) that a LoRA cannot hold were left out.", "", written.left_out)
        return " ".join([place, kept, *([lost] if written.left_out else [])])

    def _model_text(self, baked: ModelBaked) -> str:
        place = self.tr(
            "It is on the list of base models as {name}: {size}, {changed} of {total} tensors changed, read back and "
            "verified."
        ).format(
            name=baked.path.stem,
            size=file_size(baked.size_bytes),
            changed=baked.changed_tensors,
            total=baked.total_tensors,
        )
        lost = self.tr("%n layer(s) of the LoRAs have no place in it.", "", len(baked.unused))
        return f"{place} {lost}" if baked.unused else place

    def _take_name(self) -> None:
        self._is_named_by_user = bool(self.name.text().strip())
        self.show_state()

    def _go(self) -> None:
        self.banner.clear()
        self.cancel_button.setFocus()  # the fields are about to be disabled
        try:
            self.model.run(self.work())
        except CalotypeError as error:
            self.banner.show_failure(error)
