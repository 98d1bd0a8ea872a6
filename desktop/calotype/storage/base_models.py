"""The base models that the user added; they stay where they are, and only their folder is remembered."""

from __future__ import annotations

import time
from pathlib import Path

from calotype.storage.database import Database


def add_base_model(database: Database, model_id: str, name: str, folder: Path) -> None:
    """Remember a model, or its new name and folder."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO base_models (id, name, folder, added_at) VALUES (?, ?, ?, ?)",
            (model_id, name, str(folder), time.time()),
        )


def remove_base_model(database: Database, model_id: str) -> None:
    """Forget a model; its files are not touched."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM base_models WHERE id = ?", (model_id,))


def added_base_models(database: Database) -> list[tuple[str, str, Path]]:
    """Id, name and folder of every remembered model, oldest first."""
    with database.reading() as connection:
        rows = connection.execute("SELECT id, name, folder FROM base_models ORDER BY added_at").fetchall()
    return [(str(model_id), str(name), Path(str(folder))) for model_id, name, folder in rows]
