"""Says whether the pictures are fit to train on, and what would make them better."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from calotype.domain.imageset import ImageSet
from calotype.domain.readiness import Finding, FindingKind, Readiness, ReadinessVerdict, Severity
from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.split_bar import SplitBar


class ReadinessCard(Card):
    """The verdict, the findings and the split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._readiness: Readiness | None = None
        self._image_set: ImageSet | None = None
        self._verdict = label("", "heading")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(9)
        self._rows.setVerticalSpacing(7)
        self._rows.setColumnStretch(1, 1)
        self._bar = SplitBar()
        self._split = label("", "small", wraps=True)
        self._mark = QLabel()
        heading = QHBoxLayout()
        heading.setSpacing(9)
        heading.addWidget(self._mark)
        heading.addWidget(self._verdict, 1)
        self.body.addLayout(heading)
        self.body.addLayout(self._rows)
        self.body.addSpacing(2)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._split)

    @property
    def verdict_text(self) -> str:
        """What the heading says."""
        return self._verdict.text()

    def show_readiness(self, readiness: Readiness | None, image_set: ImageSet | None) -> None:
        """Show what was found out about these pictures."""
        self._readiness, self._image_set = readiness, image_set
        self._clear_rows()
        if readiness is None or image_set is None:
            self._verdict.setText(self.tr("Looking at the pictures…"))
            self._mark.hide()
            return
        icon_name, colour = self._verdict_mark(readiness.verdict)
        self._mark.setPixmap(pixmap(icon_name, colour, 20, self.devicePixelRatioF()))
        self._mark.show()
        self._verdict.setText(self._verdict_words(readiness.verdict))
        self.setAccessibleName(self._verdict.text())
        self._add_row("check", current_palette().green, self._count_words(image_set))
        for finding in readiness.findings:
            self._add_row(*self._severity_mark(finding.severity), self._finding_words(finding))
        training, held_out = len(image_set.training), len(image_set.held_out)
        self._bar.show_counts(training, held_out)
        words = self.tr(
            "{training} to learn from · {held_out} held out to check the result. Look-alikes stay together."
        )
        self._split.setText(words.format(training=training, held_out=held_out))

    def redraw(self) -> None:
        """Draw again in the colours of the theme."""
        self.show_readiness(self._readiness, self._image_set)

    def _clear_rows(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _add_row(self, icon_name: str, colour: str, text: str) -> None:
        row = self._rows.rowCount()
        mark = QLabel()
        mark.setPixmap(pixmap(icon_name, colour, 16, self.devicePixelRatioF()))
        self._rows.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(label(text, wraps=True), row, 1)

    def _severity_mark(self, severity: Severity) -> tuple[str, str]:
        palette = current_palette()
        return {
            Severity.BLOCKS: ("circle-alert", palette.red),
            Severity.WARNS: ("triangle-alert", palette.accent),
            Severity.HINTS: ("info", palette.muted),
        }[severity]

    def _verdict_mark(self, verdict: ReadinessVerdict) -> tuple[str, str]:
        palette = current_palette()
        return {
            ReadinessVerdict.READY: ("circle-check", palette.green),
            ReadinessVerdict.WILL_WORK: ("triangle-alert", palette.accent),
            ReadinessVerdict.NOT_YET: ("circle-alert", palette.red),
        }[verdict]

    def _verdict_words(self, verdict: ReadinessVerdict) -> str:
        return {
            ReadinessVerdict.READY: self.tr("Ready to train"),
            ReadinessVerdict.WILL_WORK: self.tr("Will work, could be better"),
            ReadinessVerdict.NOT_YET: self.tr("Not ready yet"),
        }[verdict]

    def _count_words(self, image_set: ImageSet) -> str:
        images = image_set.images
        count = self.tr("%n usable picture(s)", "", len(images))
        if not images:
            return count
        side = min(min(image.width_px, image.height_px) for image in images)
        return self.tr("{count}, smallest side {side} px").format(count=count, side=side)

    def _finding_words(self, finding: Finding) -> str:
        n = finding.count
        return {
            FindingKind.TOO_FEW_IMAGES: self.tr("Add %n more: 3 to learn from and 1 to check with.", "", n),
            FindingKind.NOTHING_HELD_OUT: self.tr("Hold out at least one picture, or nothing can check the result."),
            FindingKind.FEW_IMAGES: self.tr("Only %n picture(s): 10 or more show enough sides.", "", n),
            FindingKind.SMALLER_THAN_TRAINING: self.tr("%n smaller than the training size: soft details.", "", n),
            FindingKind.NEAR_DUPLICATES: self.tr("%n look almost like another: more variety teaches more.", "", n),
            FindingKind.CAPTION_LACKS_TRIGGER_WORD: self.tr("%n caption(s) without the trigger word.", "", n),
            FindingKind.CAPTION_IS_TRIGGER_WORD_ONLY: self.tr(
                "%n caption(s) with the trigger word only: say what else is there.", "", n
            ),
        }[finding.kind]
