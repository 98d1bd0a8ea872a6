"""Everything that the index holds about one project, taken out and put back, for removal and undo."""

from __future__ import annotations

from calotype.domain.imageset import Project
from calotype.storage.database import Database

Row = dict[str, str | int | float | None]
Rows = dict[str, list[Row]]

_SELECTS = {
    "projects": "SELECT * FROM projects WHERE id = ?",
    "images": "SELECT * FROM images WHERE project_id = ?",
    "runs": "SELECT * FROM runs WHERE project_id = ?",
    "metrics": "SELECT * FROM metrics WHERE run_id IN (SELECT id FROM runs WHERE project_id = ?)",
    "previews": "SELECT * FROM previews WHERE run_id IN (SELECT id FROM runs WHERE project_id = ?)",
}


def take(database: Database, project: Project) -> Rows:
    """Remove a project from the index and hand back what was known of it."""
    with database.transaction() as connection:
        rows: Rows = {
            table: [dict(row) for row in connection.execute(select, (project.id,))]
            for table, select in _SELECTS.items()
        }
        connection.execute("DELETE FROM projects WHERE id = ?", (project.id,))
    return rows


def take_images(database: Database, project: Project, content_hashes: list[str]) -> Rows:
    """Remove images from the index and hand back what was known of them."""
    query = "FROM images WHERE project_id = ? AND content_hash = ?"
    rows: list[Row] = []
    with database.transaction() as connection:
        for content_hash in content_hashes:
            rows += [dict(row) for row in connection.execute(f"SELECT * {query}", (project.id, content_hash))]
            connection.execute(f"DELETE {query}", (project.id, content_hash))
    return {"images": rows}


def put_back(database: Database, rows: Rows) -> None:
    """Put back what `take` handed out."""
    with database.transaction() as connection:
        for table in _SELECTS:  # in the order that foreign keys ask for
            for row in rows.get(table, []):
                columns = ", ".join(row)
                marks = ", ".join("?" for _ in row)
                connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))
