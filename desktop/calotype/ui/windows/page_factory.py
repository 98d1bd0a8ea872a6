"""Makes a page when it is first shown; only then is its module imported, so that the window opens at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calotype.ui.models.session import Session
from calotype.ui.windows.page import Page

if TYPE_CHECKING:
    from calotype.ui.models.generation_model import GenerationModel
    from calotype.ui.models.training_run_model import TrainingRunModel


def make_page(name: str, session: Session, training: TrainingRunModel, generation: GenerationModel) -> Page:
    """The page of this name, one of `session.PAGES`."""
    match name:
        case "home":
            from calotype.ui.windows.home_page import HomePage

            return HomePage(session)
        case "images":
            from calotype.ui.windows.images_page import ImagesPage

            return ImagesPage(session)
        case "train":
            from calotype.ui.windows.train_page import TrainPage

            return TrainPage(session, training, generation)
        case "create":
            from calotype.ui.windows.create_page import CreatePage

            return CreatePage(session, training, generation)
        case "library":
            from calotype.ui.windows.library_page import LibraryPage

            return LibraryPage(session, generation)
        case _:
            from calotype.ui.windows.settings_page import SettingsPage

            return SettingsPage(session)
