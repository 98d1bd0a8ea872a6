"""Rows of what was found in the pixels of pictures, by content."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence

from calotype.domain.courtesy import courteous
from calotype.domain.image_facts import VERSION, ImageFacts, facts_from, facts_values
from calotype.storage.database import Database

_ROWS_AT_ONCE = 512  # between two lots other threads get their turn

logger = logging.getLogger(__name__)


def save_facts(database: Database, found: Mapping[str, ImageFacts]) -> None:
    """Write down the facts of pictures, by content hash, in place of older ones."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO image_facts (content_hash, version, facts) VALUES (?, ?, ?)",
            [(key, VERSION, json.dumps(facts_values(facts), separators=(",", ":"))) for key, facts in found.items()],
        )


def list_facts(database: Database, content_hashes: Sequence[str]) -> dict[str, ImageFacts]:
    """The facts of these pictures, as far as they are known; rows of another version and damaged ones are left out."""
    found: dict[str, ImageFacts] = {}
    for first in range(0, len(content_hashes), _ROWS_AT_ONCE):
        wanted = content_hashes[first : first + _ROWS_AT_ONCE]
        marks = ", ".join("?" for _ in wanted)
        with database.reading() as connection:
            rows = connection.execute(
                f"SELECT content_hash, facts FROM image_facts WHERE version = ? AND content_hash IN ({marks})",
                (VERSION, *wanted),
            ).fetchall()
        found.update(_read(courteous(rows)))
    return found


def _read(rows: Iterable[tuple[str, str]]) -> Iterable[tuple[str, ImageFacts]]:
    for content_hash, text in rows:
        try:
            yield content_hash, facts_from(json.loads(text))
        except (ValueError, KeyError, TypeError) as error:
            logger.info("damaged facts of %s are found again: %s", content_hash, error)
