"""Tells the grid of pictures what was found out about each: for its filters, its orders and the badges of its tiles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from calotype.domain.image_issues import ImageIssue
from calotype.domain.imageset import CaptionedImage
from calotype.domain.readiness_words import issue_text
from calotype.ui.models.readiness_model import ReadinessModel
from calotype.ui.widgets.finding_row import say_readiness
from calotype.ui.widgets.image_browser import ImageBrowser


class ImageFindings(QObject):
    """Keeps a browser up to date with the readiness of the open project."""

    def __init__(self, readiness: ReadinessModel, browser: ImageBrowser, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readiness, self._browser = readiness, browser
        self._words = {issue: issue_text(issue, say_readiness) for issue in ImageIssue}
        browser.grid.faults_of = self._faults_of
        readiness.changed.connect(self._tell)

    def _tell(self) -> None:
        readiness = self._readiness.readiness
        if readiness is None:
            self._browser.take_findings(frozenset(), {}, {})
        else:
            self._browser.take_findings(readiness.look_alikes, readiness.issues, readiness.sharpness, readiness.missing)
        self._browser.grid.viewport().update()

    def _faults_of(self, image: CaptionedImage) -> Sequence[str]:
        readiness = self._readiness.readiness
        found = readiness.issues.get(image.content_hash) if readiness is not None else None
        if self._browser.list.is_missing(image):
            return [self._words[ImageIssue.MISSING]]  # also on a picture that is left out, whose faults do not count
        return [words for issue, words in self._words.items() if issue in found] if found else ()
