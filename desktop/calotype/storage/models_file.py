"""The base models that the user added, in a file of their own: models stay where they are, only folders are noted."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from calotype.domain.errors import ModelListDamagedError
from calotype.storage.files import move, write_text_atomically


@dataclass(frozen=True, slots=True)
class AddedModel:
    """One line of the list; `folder` is absolute, and names the file if the model is one."""

    id: str
    name: str
    folder: str


def read_models(path: Path) -> list[AddedModel]:
    """Every added model, oldest first; entries that cannot be read are passed over."""
    try:
        entries = list(json.loads(path.read_text(encoding="utf-8"))["models"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    names = ("id", "name", "folder")
    whole = [
        entry for entry in entries if isinstance(entry, dict) and all(isinstance(entry.get(n), str) for n in names)
    ]
    return [AddedModel(*(entry[name] for name in names)) for entry in whole]


def put_damaged_models_aside(path: Path) -> ModelListDamagedError | None:
    """Rename a list that cannot be read, so that it is kept and out of the way; the notice says so."""
    if not path.is_file() or _is_readable(path):
        return None
    backup = path.with_suffix(".damaged.json")
    backup.unlink(missing_ok=True)
    move(path, backup)
    return ModelListDamagedError(path.name, backup.name)


def add_model(path: Path, model: AddedModel) -> None:
    """Note a model, or its new name; a damaged list is put aside. Raises DiskFullError or FolderNotWritableError."""
    put_damaged_models_aside(path)
    _write(path, [*(known for known in read_models(path) if known.id != model.id), model])


def remove_model(path: Path, model_id: str) -> None:
    """Forget a model; its files are not touched."""
    _write(path, [known for known in read_models(path) if known.id != model_id])


def _is_readable(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8"))["models"], list)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write(path: Path, models: list[AddedModel]) -> None:
    text = json.dumps({"schema": 1, "models": [asdict(model) for model in models]}, indent=2, ensure_ascii=False)
    write_text_atomically(path, text + "\n")
