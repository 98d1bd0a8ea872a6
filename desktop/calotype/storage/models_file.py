"""The base models that the user added, in a file of their own: models stay where they are, only folders are noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from calotype.domain.errors import DatabaseBusyError, ModelListDamagedError
from calotype.domain.models import AddedModel
from calotype.storage.files import failures_named, move, write_text_atomically

SCHEMA = 1
LONGEST_WAIT_S = 10.0  # a list is written in milliseconds


def read_models(path: Path) -> list[AddedModel]:
    """Every added model, oldest first; entries that cannot be read are passed over."""
    found = [_added_model(entry) for entry in _entries(_values(path))]
    return [model for model in found if model is not None]


def _added_model(entry: dict[str, Any]) -> AddedModel | None:
    """The model of an entry; None if it lacks what a model must have. A choice that cannot be read was not made."""
    words = {field.name: entry.get(field.name) for field in fields(AddedModel)}
    texts = {name: word for name, word in words.items() if isinstance(word, str)}
    return AddedModel(**texts) if {"id", "name", "folder"} <= texts.keys() else None


def put_damaged_models_aside(path: Path) -> ModelListDamagedError | None:
    """Rename a list that cannot be read, so that it is kept and out of the way; the notice says so."""
    if not path.is_file() or _is_readable(path):
        return None
    backup = path.with_suffix(".damaged.json")
    backup.unlink(missing_ok=True)
    move(path, backup)
    return ModelListDamagedError(path.name, backup.name)


def add_model(path: Path, model: AddedModel) -> None:
    """Note a model, or its new name; a damaged list is put aside. Raises a StorageError."""
    change_model(path, lambda _known: model)


def change_model(path: Path, change: Callable[[Sequence[AddedModel]], AddedModel]) -> AddedModel:
    """Note the model that `change` makes of those that are known; no other program changes the list meanwhile.

    Read before and written after, a choice that was made in between would be lost. Whatever `change` raises leaves the
    list as it is. Raises a StorageError.
    """
    with _alone(path):
        put_damaged_models_aside(path)
        known = read_models(path)
        model = change(known)
        _write(path, [*(other for other in known if other.id != model.id), model])
    return model


def remove_model(path: Path, model_id: str) -> AddedModel | None:
    """Forget a model, and return what was noted of it; its files are not touched. Raises a StorageError."""
    with _alone(path):
        known = read_models(path)
        _write(path, [other for other in known if other.id != model_id])
    return next((model for model in known if model.id == model_id), None)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other programs from changing the list meanwhile: what one of them adds would be lost."""
    lock_path = path.with_suffix(".lock")
    lock = FileLock(lock_path, timeout=LONGEST_WAIT_S, thread_local=False)
    with failures_named(lock_path):
        lock_path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise DatabaseBusyError(path.name) from None
    try:
        yield
    finally:
        lock.release()


def _is_readable(path: Path) -> bool:
    return isinstance(_values(path).get("models"), list)


def _write(path: Path, models: list[AddedModel]) -> None:
    """Write the list, and keep what a newer version noted beside it: two versions may use one folder by turns."""
    before = _values(path)
    noted = {str(entry.get("id")): entry for entry in _entries(before)}
    unknown = [entry for entry in _entries(before) if _added_model(entry) is None]
    entries = [*unknown, *({**noted.get(model.id, {}), **asdict(model)} for model in models)]
    # In ASCII: paths may hold bytes that are no letters.
    text = json.dumps({"schema": SCHEMA, **before, "models": entries}, indent=2)
    write_text_atomically(path, text + "\n")


def _values(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _entries(values: dict[str, Any]) -> list[dict[str, Any]]:
    listed = values.get("models")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
