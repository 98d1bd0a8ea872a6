"""What somebody holds over the window, by where it would go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from calotype.services import model_catalog
from calotype.services.gpu_packs import is_pack


@dataclass(frozen=True, slots=True)
class HeldFiles:
    """The paths that are held, sorted as a drop will sort them. Without any, pictures without a file are held."""

    pictures: tuple[Path, ...] = ()  # and folders and zips of them
    models: tuple[Path, ...] = ()  # and LoRAs: their names do not tell them apart
    packs: tuple[Path, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path]) -> HeldFiles:
        """Sort paths by their names."""
        known = list(paths)
        packs = tuple(path for path in known if is_pack(path))
        models = tuple(path for path in known if path not in packs and model_catalog.is_model(path))
        return cls(tuple(path for path in known if path not in (*packs, *models)), models, packs)

    @property
    def is_pictures(self) -> bool:
        """Whether nothing but pictures is held."""
        return not self.models and not self.packs
