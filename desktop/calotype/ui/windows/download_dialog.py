"""Downloads a base model from Hugging Face: names it, shows what would be fetched, and fetches it if one agrees."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QWidget

from calotype.ui.look.wording import duration, file_size
from calotype.ui.models.download_model import DownloadModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import link_button, primary_button, quiet_button
from calotype.ui.widgets.facts import Facts
from calotype.ui.widgets.fields import labelled
from calotype.ui.windows.task_dialog import TaskDialog, beside


class DownloadDialog(TaskDialog):
    """One model at a time; the window can be used meanwhile. What was fetched is kept when it closes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self.model = DownloadModel(session)
        super().__init__(self.model, parent)
        self.setWindowTitle(self.tr("Download from Hugging Face"))
        self.setMinimumWidth(560)
        self._make_parts()
        self._lay_out()
        self.show_state()

    def _make_parts(self) -> None:
        self.name, self.file, self.revision = QLineEdit(), QLineEdit(), QLineEdit()
        self.name.setPlaceholderText(self.tr("OWNER/NAME, or the address of its page"))
        self.file.setPlaceholderText(self.tr("all that is needed"))
        self.revision.setPlaceholderText(self.tr("the newest"))
        for field in (self.name, self.file, self.revision):
            field.textEdited.connect(self.model.forget_offer)
            field.textEdited.connect(self.show_state)
        self.facts = Facts()
        self.page_button = link_button(self.tr("Read its page and licence"))
        self.page_button.clicked.connect(self._open_page)
        self.bar.setAccessibleName(self.tr("Progress of the download"))
        self.cancel_button = quiet_button(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.reject)
        self.go_button = primary_button("")
        self.go_button.setDefault(True)
        self.go_button.clicked.connect(self._go)

    def _lay_out(self) -> None:
        text = self.tr(
            "Asks the hub for this one model, and sends nothing else. You see what would be fetched, and its licence, "
            "before anything is."
        )
        details = beside(
            labelled(self.tr("One file of it"), self.file), labelled(self.tr("Revision"), self.revision), shares=(2, 1)
        )
        parts = [labelled(self.tr("Model"), self.name), details, self.facts]
        self.lay_out(text, parts, [self.page_button, None, self.cancel_button, self.go_button])

    def show_state(self) -> None:
        """Show the model as it is now."""
        model, offer = self.model, self.model.offer
        for field in (self.name, self.file, self.revision):
            field.setEnabled(not model.is_running)
        self.facts.setVisible(offer is not None)
        self.page_button.setVisible(offer is not None)
        if offer is not None:
            self.facts.show_facts(self._facts())
        progress = model.progress
        done = round(1000 * progress.done_bytes / max(1, progress.total_bytes)) if progress else 0
        self.show_progress(done, 1000 if progress else 0, self._words())
        self.go_button.setText(self._go_text())
        self.go_button.setEnabled(not model.is_running and bool(self.name.text().strip()))
        self.cancel_button.setText(self.tr("Stop") if model.is_running and offer is not None else self.tr("Cancel"))
        self.cancel_button.setEnabled(not model.is_stopping)

    def _facts(self) -> dict[str, str]:
        offer = self.model.offer
        if offer is None:
            return {}
        licence = offer.repository.licence or self.tr("not named by its model card: read its page before you use it")
        count = self.tr("%n file(s)", "", len(offer.files))
        size = self.tr("{files}, {size}").format(files=count, size=file_size(offer.size_bytes))
        return {
            self.tr("Licence"): licence,
            self.tr("To fetch"): self.tr("nothing: it is here already") if offer.is_here else size,
            self.tr("File"): offer.file_name,
            self.tr("Version"): offer.repository.commit[:12],
            self.tr("Into"): str(offer.folder),
        }

    def _go_text(self) -> str:
        offer = self.model.offer
        if offer is None:
            return self.tr("Look it up")
        return self.tr("Add it again") if offer.is_here else self.tr("Download")

    def _words(self) -> str:
        model = self.model
        if model.is_stopping and model.is_looking:
            return self.tr("Stopping. It waits for the hub's answer.")
        if model.is_stopping:
            return self.tr("Stopping. What was fetched is kept, and the next download goes on from there.")
        if model.is_looking:
            return self.tr("Asking what there is")
        progress = model.progress
        if not model.is_running or progress is None:
            return self.tr("Beginning") if model.is_running else ""
        place = self.tr("{done} of {total}").format(
            done=file_size(progress.done_bytes), total=file_size(progress.total_bytes)
        )
        left, rate = model.seconds_left, model.rate.bytes_per_s
        if left is None or rate is None:
            return place
        return self.tr("{left} left · {place} · {rate}/s").format(
            left=duration(left), place=place, rate=file_size(rate)
        )

    def _go(self) -> None:
        self.banner.clear()
        self.cancel_button.setFocus()  # the fields are about to be disabled
        if self.model.offer is not None:
            self.model.start()
        else:
            self.model.look_up(self.name.text(), self.revision.text().strip(), self.file.text().strip())

    def _open_page(self) -> None:
        if self.model.offer is not None:
            QDesktopServices.openUrl(QUrl(self.model.offer.repository.page))

    def ended(self) -> None:
        """Go once the model is in the Library, or lead on to what can be pressed now."""
        if self.model.model_id:
            self.accept()
        else:
            (self.go_button if self.model.offer is not None else self.name).setFocus()
