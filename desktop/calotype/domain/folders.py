"""Where things lie in the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that holds everything Calotype writes; a person may open, copy and back it up."""

    root: Path

    @property
    def database(self) -> Path:
        """The index; it can be rebuilt from the project folders."""
        return self.root / "calotype.sqlite"

    @property
    def settings(self) -> Path:
        """The user's choices."""
        return self.root / "settings.json"

    @property
    def models(self) -> Path:
        """The list of base models that the user added; the models themselves lie elsewhere."""
        return self.root / "models.json"

    @property
    def downloads(self) -> Path:
        """Base models that were downloaded, one folder each; those that are not whole yet lie in `.part`."""
        return self.root / "models"

    @property
    def projects(self) -> Path:
        """One folder for each project."""
        return self.root / "projects"

    @property
    def outputs(self) -> Path:
        """Pictures made on the Create page, one folder a day."""
        return self.root / "outputs"

    @property
    def loras(self) -> Path:
        """LoRA files that were kept or added."""
        return self.root / "loras"

    @property
    def thumbnails(self) -> Path:
        """Small copies of pictures by content hash; safe to delete."""
        return self.root / "cache" / "thumbnails"

    @property
    def torch_cache(self) -> Path:
        """What torch would keep of what it compiles, which is nothing; it makes this folder all the same."""
        return self.root / "cache" / "torch"

    @property
    def logs(self) -> Path:
        """Log files, rotated."""
        return self.root / "logs"

    @property
    def letters(self) -> Path:
        """What later starts of the program tell the window that is open, for the moment until it was read."""
        return self.root / ".letters"

    @property
    def trash(self) -> Path:
        """What was removed in the app and can be put back."""
        return self.root / "trash"
