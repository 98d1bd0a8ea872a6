"""Where packs lie in a data folder, which of them is to be used, and what became of it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.domain.errors import packs as pack_errors
from calotype.domain.errors.packs import PackError
from calotype.domain.packs import is_pack_name

_CHOICE, _TROUBLE, _REMOVED = "use.json", "trouble.json", "removed.json"


@dataclass(frozen=True, slots=True)
class PackPlaces:
    """The folder `packs` of a data folder. Its small files are written by whoever knows; each is replaced whole."""

    folder: Path

    @classmethod
    def of(cls, root: Path) -> PackPlaces:
        """Those of a data folder."""
        return cls(root / "packs")

    def pack(self, name: str) -> Path:
        """The folder of a pack."""
        return self.folder / name

    @property
    def chosen(self) -> str:
        """The name of the pack to use from the next start on; empty for none."""
        name = self._read(_CHOICE).get("name")
        return str(name) if is_pack_name(name) and name not in self.removed else ""

    def choose(self, name: str) -> None:
        """Use this pack from the next start on, or none; what was wrong before is forgotten."""
        self._write(_CHOICE, {"name": name})
        self.forget_trouble()

    @property
    def trouble(self) -> PackError | None:
        """Why the pack that was chosen is not used; None if nothing is wrong."""
        told = self._read(_TROUBLE)
        kind = getattr(pack_errors, str(told.get("kind")), None)
        if not (isinstance(kind, type) and issubclass(kind, PackError) and dataclasses.is_dataclass(kind)):
            return None
        try:
            error = kind(**told["fields"])
        except (KeyError, TypeError):
            return None
        return error if isinstance(error, PackError) else None

    def note_trouble(self, error: PackError) -> None:
        """Use no pack until the user decides, and keep why."""
        self._write(_CHOICE, {"name": ""})
        self._write(_TROUBLE, {"kind": type(error).__name__, "fields": error.fields})

    def forget_trouble(self) -> None:
        """Nothing is wrong any more."""
        with contextlib.suppress(OSError):
            (self.folder / _TROUBLE).unlink(missing_ok=True)

    @property
    def removed(self) -> list[str]:
        """Packs that were removed while they were in use, and are deleted when they no longer are."""
        names = self._read(_REMOVED).get("names")
        return [name for name in names if is_pack_name(name)] if isinstance(names, list) else []

    def set_removed(self, names: list[str]) -> None:
        """Keep which packs are to be deleted."""
        self._write(_REMOVED, {"names": names})

    def marker(self, process_id: int) -> Path:
        """A file that is there while a process loads torch from a pack."""
        return self.folder / f"loading-{process_id}.json"

    def markers(self) -> dict[int, Path]:
        """The markers that are there, by process."""
        numbers = {path: path.stem.removeprefix("loading-") for path in self.folder.glob("loading-*.json")}
        return {int(number): path for path, number in numbers.items() if number.isdecimal()}

    def _read(self, name: str) -> dict[str, Any]:
        try:
            told = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _write(self, name: str, values: dict[str, object]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sibling = self.folder / f".{name}.new"
        sibling.write_text(json.dumps(values), encoding="utf-8")
        sibling.replace(self.folder / name)
