"""Rows of what pictures look like from afar, and of which were seen to be alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from calotype.domain.courtesy import courteous
from calotype.domain.imageset import Project
from calotype.domain.look_alikes import AlikePair
from calotype.storage.database import Database


class ComparedImage(NamedTuple):
    """One image of a project: its signature if it has one, and whether it was compared with the others."""

    content_hash: str
    width_px: int
    height_px: int
    signature: bytes | None
    is_compared: int  # 0 or 1, as the index says it


def save_signatures(database: Database, version: int, signatures: Iterable[tuple[str, bytes]]) -> None:
    """Keep signatures by content hash."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO image_signatures (content_hash, version, signature) VALUES (?, ?, ?)",
            [(content_hash, version, signature) for content_hash, signature in signatures],
        )


def compared_images(
    database: Database, project: Project, signature_version: int, compare_version: int
) -> list[ComparedImage]:
    """The images of a project in the order in which they were added, with what these versions know of each."""
    with database.reading() as connection:
        cursor = connection.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            "SELECT i.content_hash, i.width_px, i.height_px, s.signature, c.version IS NOT NULL AS is_compared "
            "FROM images i "
            "LEFT JOIN image_signatures s ON s.content_hash = i.content_hash AND s.version = ? "
            "LEFT JOIN compared_images c ON c.project_id = i.project_id AND c.content_hash = i.content_hash "
            "AND c.version = ? WHERE i.project_id = ? ORDER BY i.position",
            (signature_version, compare_version, project.id),
        )
        return [ComparedImage(*row) for row in courteous(rows)]


def signatures_of(database: Database, project: Project, version: int) -> dict[str, bytes]:
    """The signatures of a project's images by content hash, of those that have one of this version."""
    with database.reading() as connection:
        cursor = connection.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            "SELECT s.content_hash, s.signature FROM images i "
            "JOIN image_signatures s ON s.content_hash = i.content_hash AND s.version = ? WHERE i.project_id = ?",
            (version, project.id),
        )
        return dict(courteous(rows))


def has_uncompared(database: Database, project: Project, version: int) -> bool:
    """True if some image of a project was not compared with the others."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT 1 FROM images i WHERE i.project_id = ? AND NOT EXISTS (SELECT 1 FROM compared_images c "
            "WHERE c.project_id = i.project_id AND c.content_hash = i.content_hash AND c.version = ?) LIMIT 1",
            (project.id, version),
        ).fetchone()
    return row is not None


def add_compared(
    database: Database, project: Project, version: int, content_hashes: Sequence[str], pairs: Iterable[AlikePair]
) -> None:
    """Note that images were compared with all others, and the pairs that were found; images that went are left out."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO compared_images (project_id, content_hash, version) "
            "SELECT project_id, content_hash, ? FROM images WHERE project_id = ? AND content_hash = ?",
            [(version, project.id, content_hash) for content_hash in content_hashes],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO alike_pairs (project_id, first_hash, second_hash, difference) "
            "SELECT a.project_id, a.content_hash, b.content_hash, ? FROM images a "
            "JOIN images b ON b.project_id = a.project_id AND b.content_hash = ? "
            "WHERE a.project_id = ? AND a.content_hash = ?",
            [(pair.difference, pair.second, project.id, pair.first) for pair in pairs],
        )


def pairs_with(database: Database, project: Project, content_hash: str) -> list[AlikePair]:
    """The pairs of which one image is this one."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT first_hash, second_hash, difference FROM alike_pairs "
            "WHERE project_id = ? AND (first_hash = ? OR second_hash = ?) ORDER BY first_hash, second_hash",
            (project.id, content_hash, content_hash),
        ).fetchall()
    return [AlikePair(row["first_hash"], row["second_hash"], row["difference"]) for row in rows]


def alike_pairs(database: Database, project: Project) -> list[AlikePair]:
    """The pairs of a project's images that were seen to be alike."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT first_hash, second_hash, difference FROM alike_pairs WHERE project_id = ? "
            "ORDER BY first_hash, second_hash",
            (project.id,),
        ).fetchall()
    return [AlikePair(row["first_hash"], row["second_hash"], row["difference"]) for row in rows]
