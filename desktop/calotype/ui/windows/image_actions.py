"""Everything that can be done to the selected pictures, by key, menu, button or drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from calotype.domain.captions import with_words, without_word
from calotype.domain.image_parts import ImagePart
from calotype.domain.imageset import Split
from calotype.domain.lora_library import HIGHEST_RATING
from calotype.ui.models.image_edits import ImageEdits
from calotype.ui.widgets.caption_card import CaptionCard
from calotype.ui.widgets.image_browser import ImageBrowser


@dataclass(frozen=True, slots=True)
class ImageAction:
    """One action: its key, what it is called now, and what it does."""

    key: str
    text: str
    run: Callable[[], None]


class ImageActions(QObject):
    """Acts on what is selected and shown. look_wanted, caption_wanted: the large view or the caption is asked for."""

    look_wanted = Signal()
    caption_wanted = Signal()

    def __init__(self, browser: ImageBrowser, edits: ImageEdits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._browser, self._edits = browser, edits
        browser.grid.key_pressed.connect(self._press_key)
        browser.grid.opened.connect(self.look_wanted)
        browser.grid.menu_wanted.connect(self._show_menu)
        browser.tools.pictures_dropped.connect(self.drop_on)

    def serve(self, card: CaptionCard) -> None:
        """Do what is asked for on the card of the selection."""
        choices, words = card.choices, card.words
        choices.rated.connect(self.rate)
        choices.move_wanted.connect(self.move)
        choices.exclusion_wanted.connect(self.exclude)
        choices.removal_wanted.connect(self.remove)
        words.added.connect(lambda text: self._recaption(partial(with_words, words=text)))
        words.removed.connect(lambda text: self._recaption(partial(without_word, word=text)))

    def actions(self) -> list[ImageAction]:
        """What can be done to the selection as it is now."""
        images = self._browser.selection.images()
        is_one = len(images) == 1
        are_held_out = all(image.is_held_out for image in images)
        are_excluded = all(image.is_excluded for image in images)
        move = self.tr("Learn from it") if is_one else self.tr("Learn from them")
        hold_out = self.tr("Hold out to check with")
        take_in = self.tr("Take in again")
        leave_out = self.tr("Leave out of training")
        alone = [
            ImageAction("Space", self.tr("Look at it large"), self.look_wanted.emit),
            ImageAction("F2", self.tr("Change the caption"), self.caption_wanted.emit),
        ]
        return [
            *(alone if is_one else []),
            ImageAction("V", move if are_held_out else hold_out, self.move),
            ImageAction("X", take_in if are_excluded else leave_out, self.exclude),
            ImageAction("Del", self.tr("Remove"), self.remove),
        ]

    def move(self) -> None:
        """Hold the selection out; learn from it if all of it is held out."""
        images = self._browser.selection.images()
        are_held_out = all(image.is_held_out for image in images)
        self._edits.move(images, Split.TRAINING if are_held_out else Split.VALIDATION)

    def exclude(self) -> None:
        """Leave the selection out; take it in again if all of it is left out."""
        images = self._browser.selection.images()
        self._edits.exclude(images, not all(image.is_excluded for image in images))

    def rate(self, rating: int) -> None:
        """Give the selection so many stars."""
        self._edits.rate(self._browser.selection.images(), rating)

    def remove(self) -> None:
        """Move the selection to the trash."""
        self._edits.remove(self._browser.selection.images())

    def drop_on(self, part: ImagePart) -> None:
        """Put the selection into a part of the set."""
        images = self._browser.selection.images()
        if part is ImagePart.LEFT_OUT:
            self._edits.exclude(images, is_excluded=True)
            return
        self._edits.place(images, Split.VALIDATION if part is ImagePart.VALIDATION else Split.TRAINING)

    def go_to_next_without_caption(self) -> None:
        """Select the next picture about which nothing is said, from the top again after the last."""
        images, selection = self._browser.list, self._browser.selection
        count, row = images.rowCount(), selection.current_row
        following = (place % count for place in range(row + 1, row + 1 + count))
        found = next((place for place in following if not images.image_at(place).caption.strip()), None)
        if found is not None:
            selection.choose(found)

    def _recaption(self, change: Callable[[str], str]) -> None:
        self._edits.recaption(self._browser.selection.images(), change)

    def _press_key(self, event: QKeyEvent) -> None:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if not plain or not self._browser.selection.rows():
            return
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Delete: self.remove,
            Qt.Key.Key_Backspace: self.remove,
            Qt.Key.Key_X: self.exclude,
            Qt.Key.Key_V: self.move,
            Qt.Key.Key_Space: self.look_wanted.emit,
            Qt.Key.Key_Return: self.caption_wanted.emit,
            Qt.Key.Key_Enter: self.caption_wanted.emit,
        }
        digit = event.key() - Qt.Key.Key_0
        if 0 <= digit <= HIGHEST_RATING:
            self.rate(digit)
        elif event.key() in keys:
            keys[event.key()]()
        else:
            return
        event.accept()

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self._browser)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self.actions():
            entry = menu.addAction(action.text, action.run)
            entry.setShortcut(QKeySequence(action.key))
        stars = menu.addMenu(self.tr("Rate"))
        for rating in range(HIGHEST_RATING, -1, -1):
            text = "★" * rating if rating else self.tr("No stars")
            entry = stars.addAction(text, partial(self.rate, rating))
            entry.setShortcut(QKeySequence(str(rating)))
        menu.addSeparator()
        menu.addAction(self.tr("Select all"), self._browser.selection.choose_all).setShortcut(QKeySequence("Ctrl+A"))
        invert = menu.addAction(self.tr("Select the others instead"), self._browser.selection.invert)
        invert.setShortcut(QKeySequence("Ctrl+I"))
        menu.popup(place)
