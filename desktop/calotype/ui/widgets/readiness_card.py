"""Says whether the pictures are fit to train on, what would make them better, and what they show."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from calotype.domain.readiness import Finding, FindingKind, Readiness, ReadinessVerdict
from calotype.domain.readiness_words import coverage_texts, good_texts, verdict_text
from calotype.domain.split_words import split_text
from calotype.ui.look.icons import pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.look.wording import duration
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.finding_row import FindingRow, NoteRow, say_readiness
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.split_bar import SplitBar

_MOST_ROWS = 5  # the gravest ones; the others are a press away, so that the panel stays in sight


class ReadinessCard(Card):
    """The verdict, the findings, what the pictures show, and the split.

    images_wanted: the user wants to see the pictures with these content hashes (a frozenset).
    fix_wanted: the user wants this Finding put right by this Fix.
    """

    images_wanted = Signal(object)
    fix_wanted = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._readiness: Readiness | None = None
        self._shows_all = False
        self._mark, self._verdict = QLabel(), label("", "heading")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(7)
        self.more_button = link_button("")
        self.more_button.clicked.connect(self._toggle_all)
        self._progress = label("", "small", wraps=True)
        self._comparing = label("", "small", wraps=True)
        self._coverage = label("", "small", wraps=True)
        self.split_bar, self._split = SplitBar(), label("", "small", wraps=True)
        self._lay_out()
        self.show_progress(0, 0)
        self.show_comparing(None, None)

    @property
    def verdict_text(self) -> str:
        """What the heading says."""
        return self._verdict.text()

    @property
    def findings(self) -> list[FindingRow]:
        """The rows with what was found that are shown now, the gravest first."""
        items = [self._rows.itemAt(place) for place in range(self._rows.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, FindingRow)]

    @property
    def progress_text(self) -> str:
        """How far looking at the pictures is; empty if nothing is looked at."""
        return self._progress.text()

    @property
    def comparing_text(self) -> str:
        """How far comparing the pictures is; empty if that is done or takes a moment only."""
        return self._comparing.text()

    @property
    def coverage_text(self) -> str:
        """What the pictures show, a line each."""
        return self._coverage.text()

    def show_readiness(self, readiness: Readiness | None) -> None:
        """Show what was found out; None: not known yet."""
        is_same = readiness is not None and readiness is self._readiness
        self._readiness = readiness
        if not is_same:  # rows that are made again would lose the keyboard's focus
            self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw again in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_split"):
            self._redraw()

    def show_progress(self, done: int, total: int) -> None:
        """Say how many pictures were looked at; nothing once all were."""
        words = self.tr("Looking at the pictures: {done} of {total}")
        self._progress.setText(words.format(done=f"{done:,}", total=f"{total:,}") if total else "")
        self._progress.setVisible(bool(total))

    def show_comparing(self, share: float | None, seconds_left: float | None) -> None:
        """Say what share of comparing the pictures is done, if that takes long enough to say when it will be."""
        words, text = self.tr("Comparing the pictures: {share} · {time} left"), ""
        if share is not None and seconds_left is not None:
            text = words.format(share=f"{100 * share:.0f} %", time=duration(seconds_left))
        self._comparing.setText(text)
        self._comparing.setVisible(bool(text))

    def _redraw(self) -> None:
        focused = next(((row.finding.kind, row.focused_link) for row in self.findings if row.focused_link), None)
        self._clear_rows()
        self._fill()
        if focused is not None:
            self._focus_again(*focused)

    def _focus_again(self, kind: FindingKind, link: str) -> None:
        """Keep the keyboard where it was; what was put right is gone, and then it goes to the first link."""
        rows = self.findings
        same = [row for row in rows if row.finding.kind is kind]
        for row in same or rows[:1]:
            row.focus_link(link)

    def _fill(self) -> None:
        readiness = self._readiness
        for widget in (self._mark, self._coverage, self.split_bar, self._split):
            widget.setVisible(readiness is not None)
        if readiness is None:
            self._verdict.setText(self.tr("Looking at the pictures…"))
            self.more_button.hide()
            return
        icon_name, colour = _verdict_mark(readiness.verdict)
        self._mark.setPixmap(pixmap(icon_name, colour, 20, self.devicePixelRatioF()))
        self._verdict.setText(verdict_text(readiness.verdict, say_readiness))
        self.setAccessibleName(self._verdict.text())
        for text in good_texts(readiness, say_readiness):
            self._rows.addWidget(NoteRow("check", current_palette().green, text))
        self._add_findings(readiness)
        self._coverage.setText("\n".join(coverage_texts(readiness.coverage, say_readiness)))
        self._coverage.setVisible(bool(self._coverage.text()))
        self._show_split(readiness)

    def _add_findings(self, readiness: Readiness) -> None:
        hidden = max(0, len(readiness.findings) - _MOST_ROWS)
        hidden = hidden if hidden > 1 else 0  # one more row takes no more room than the link to it
        shown = readiness.findings if self._shows_all or not hidden else readiness.findings[:_MOST_ROWS]
        for finding in shown:
            row = FindingRow(finding)
            row.show_pressed.connect(lambda wanted=finding: self.images_wanted.emit(_shown_for(wanted, readiness)))
            row.fix_pressed.connect(lambda fix, wanted=finding: self.fix_wanted.emit(wanted, fix))
            self._rows.addWidget(row)
        self.more_button.setText(self.tr("Show fewer") if self._shows_all else self.tr("%n more", "", hidden))
        self.more_button.setVisible(bool(hidden))

    def _show_split(self, readiness: Readiness) -> None:
        split = readiness.split
        self.split_bar.show_counts(len(split.training) if split else 0, len(split.held_out) if split else 0)
        self._split.setText("" if split is None else split_text(split, say_readiness))

    def _toggle_all(self) -> None:
        self._shows_all = not self._shows_all
        self._redraw()

    def _clear_rows(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(9)
        heading.addWidget(self._mark)
        heading.addWidget(self._verdict, 1)
        self.more_button.hide()
        more = QHBoxLayout()
        more.setContentsMargins(22, 0, 0, 0)
        more.addWidget(self.more_button)
        more.addStretch()
        self.body.addLayout(heading)
        self.body.addLayout(self._rows)
        self.body.addLayout(more)
        self.body.addWidget(self._progress)
        self.body.addWidget(self._comparing)
        self.body.addWidget(self._coverage)
        self.body.addSpacing(2)
        self.body.addWidget(self.split_bar)
        self.body.addWidget(self._split)


def _shown_for(finding: Finding, readiness: Readiness) -> frozenset[str]:
    """The pictures to look at; a near-duplicate is judged beside what it looks like."""
    return readiness.look_alikes if finding.kind is FindingKind.NEAR_DUPLICATES else finding.images


def _verdict_mark(verdict: ReadinessVerdict) -> tuple[str, str]:
    palette = current_palette()
    return {
        ReadinessVerdict.READY: ("circle-check", palette.green),
        ReadinessVerdict.WILL_WORK: ("triangle-alert", palette.accent),
        ReadinessVerdict.NOT_YET: ("circle-alert", palette.red),
    }[verdict]
