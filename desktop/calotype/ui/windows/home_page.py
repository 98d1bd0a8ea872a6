"""The Home page: drop pictures, try the sample, or open a project."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from calotype.services.projects import ProjectSummary, list_projects
from calotype.ui.look.roles import set_role
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.card_grid import CardGrid
from calotype.ui.widgets.drop_zone import DropZone
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.project_card import ProjectCard
from calotype.ui.widgets.steps_card import StepsCard
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader
from calotype.ui.windows.page import Page

_COVER_PX = 420


class HomePage(Page):
    """The start of every path."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._cards: dict[str, ProjectCard] = {}
        self._summaries: list[ProjectSummary] | None = None
        self._covers = ThumbnailLoader(_COVER_PX, self)
        self._covers.ready.connect(self._show_cover)
        self._build()
        session.projects_changed.connect(self.refresh)
        session.runs_changed.connect(self.refresh)
        self.refresh()

    @property
    def title(self) -> str:
        """The name of the app."""
        return "Calotype"

    @property
    def subtitle(self) -> str:
        """What the app is for, in one line."""
        return self.tr("Teach a model your character, product or style. Everything stays on this computer.")

    @property
    def cards(self) -> list[ProjectCard]:
        """The cards that are shown, newest project first."""
        return list(self._cards.values())

    def activate(self) -> None:
        """Look at the projects again."""
        self.refresh()

    def set_hot(self, is_hot: bool) -> None:
        """Show that letting go of the dragged files would drop them here."""
        self.drop_zone.set_hot(is_hot)

    def refresh(self) -> None:
        """Show the projects as they are now."""
        summaries = list_projects(self._session.workspace)
        if summaries == self._summaries:
            return  # making the same cards again would take the focus from them
        self._summaries = summaries
        cards = [self._card(summary) for summary in summaries]
        self._cards = {summary.project.id: card for summary, card in zip(summaries, cards, strict=True)}
        self._grid.set_cards(cards)
        for project_id, card in self._cards.items():
            self._load_cover(project_id, card)
        self._projects.setVisible(bool(cards))
        self._steps.setVisible(not cards)
        self._rest.setVisible(bool(cards))
        self.drop_zone.setMaximumHeight(340 if cards else 16_777_215)
        self.drop_zone.setMinimumHeight(236 if cards else 340)

    def _build(self) -> None:
        self.choose_button = primary_button(self.tr("Choose pictures…"), "image-plus")
        self.choose_button.clicked.connect(self.files_wanted)
        self.sample_button = quiet_button(self.tr("Try the sample: teach it a mascot (1 min)"), "sparkles")
        self.sample_button.clicked.connect(self._session.open_sample)
        self.drop_zone = DropZone(
            self.tr("Drop photos of one character or product here"),
            self.tr("Files, folders or a zip · JPEG, PNG, HEIC, WebP, AVIF, TIFF · 8 to 40 pictures work best"),
            self.choose_button,
            self.sample_button,
        )
        self._steps = StepsCard()
        self._projects = self._build_projects()
        content = QWidget()
        set_role(content, "scrolled")
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(20)
        column.addWidget(self.drop_zone, 1)
        column.addWidget(self._steps)
        column.addWidget(self._projects)
        self._rest = QWidget()  # takes the lower end of the page while there are projects
        column.addWidget(self._rest, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes from card to card, and the page follows
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def _build_projects(self) -> QWidget:
        self.new_button = quiet_button(self.tr("New project…"), "plus")
        self.new_button.clicked.connect(self.project_wanted)
        heading = QHBoxLayout()
        heading.addWidget(label(self.tr("Projects"), "heading"))
        heading.addStretch()
        heading.addWidget(self.new_button)
        self._grid = CardGrid()
        section = QWidget()
        column = QVBoxLayout(section)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(heading)
        column.addWidget(self._grid)
        return section

    def _card(self, summary: ProjectSummary) -> ProjectCard:
        project = summary.project
        card = ProjectCard(project.name, self._facts(summary), summary.cover)
        card.clicked.connect(partial(self._open, summary))
        card.removal_wanted.connect(partial(self._session.remove_project, project))
        card.folder_wanted.connect(partial(_show_folder, project.folder))
        return card

    def _facts(self, summary: ProjectSummary) -> str:
        images = self.tr("%n picture(s)", "", summary.image_count)
        if summary.best_ratio is None:
            return self.tr("{images} · not trained yet").format(images=images)
        better = round(100 * (1 - summary.best_ratio))
        return self.tr("{images} · best run: {better} % less error").format(images=images, better=better)

    def _open(self, summary: ProjectSummary) -> None:
        self._session.open_project(summary.project, "images")

    def _load_cover(self, project_id: str, card: ProjectCard) -> None:
        cover = card.cover
        if cover is None:
            return
        picture = self._covers.pixmap(f"{project_id} {cover}", lambda: cover)
        if picture is not None:
            card.show_cover(picture)

    def _show_cover(self, key: str) -> None:
        project_id = key.split(" ")[0]
        if project_id in self._cards:
            self._load_cover(project_id, self._cards[project_id])


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
