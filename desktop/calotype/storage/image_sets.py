"""Rows of projects and of their images."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from calotype.domain.courtesy import courteous
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.domain.kept_together import BURST_S
from calotype.storage.database import Database

_COLUMNS = (
    *("file_name", "width_px", "height_px", "caption", "content_hash", "perceptual_hash", "split", "original_name"),
    *("rating", "is_excluded", "repeats", "linked_to", "taken_at", "camera"),
)
CHOICES = ("split", "rating", "is_excluded", "repeats")  # what a person decides about an image
_SPLITS = {split.value: split for split in Split}


class ImageOutline(NamedTuple):
    """What decides on which side of the split an image is."""

    content_hash: str
    file_name: str
    original_name: str
    split: Split
    is_linked: bool
    is_excluded: bool
    taken_at: float | None
    camera: str


@dataclass(frozen=True, slots=True)
class ProjectCounts:
    """What the index knows about a project at a glance."""

    image_count: int
    held_out_count: int
    first_file_name: str  # or the whole path, if it is used where it is; empty if there are no images
    run_count: int
    best_ratio: float | None


def save_project(database: Database, project: Project) -> None:
    """Add a project, or replace what is known about it."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO projects (id, name, kind, trigger_word, folder, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "trigger_word = excluded.trigger_word, folder = excluded.folder",
            (
                project.id,
                project.name,
                project.kind.value,
                project.trigger_word,
                project.folder.name,
                project.created_at,
            ),
        )


def list_projects(database: Database, projects_folder: Path) -> list[Project]:
    """Every project, newest first."""
    with database.reading() as connection:
        rows = connection.execute("SELECT * FROM projects ORDER BY created_at DESC, id").fetchall()
    return [
        Project(
            id=row["id"],
            name=row["name"],
            kind=SubjectKind(row["kind"]),
            trigger_word=row["trigger_word"],
            folder=projects_folder / row["folder"],
            created_at=row["created_at"],
        )
        for row in rows
    ]


def counts(database: Database) -> dict[str, ProjectCounts]:
    """The counts of every project by its id."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT p.id, "
            "(SELECT count(*) FROM images i WHERE i.project_id = p.id) AS image_count, "
            "(SELECT count(*) FROM images i WHERE i.project_id = p.id AND i.split = 'validation') "
            "AS held_out_count, "
            "(SELECT coalesce(nullif(linked_to, ''), file_name) FROM images i WHERE i.project_id = p.id "
            "ORDER BY position LIMIT 1) AS first_file_name, "
            "(SELECT count(*) FROM runs r WHERE r.project_id = p.id) AS run_count, "
            "(SELECT min(best_ratio) FROM runs r WHERE r.project_id = p.id) AS best_ratio FROM projects p"
        ).fetchall()
    return {
        row["id"]: ProjectCounts(
            image_count=row["image_count"],
            held_out_count=row["held_out_count"],
            first_file_name=row["first_file_name"] or "",
            run_count=row["run_count"],
            best_ratio=row["best_ratio"],
        )
        for row in rows
    }


def add_images(database: Database, project: Project, images: Sequence[CaptionedImage]) -> None:
    """Append images to a project, in the given order; an image that is there already keeps its place."""
    with database.transaction() as connection:
        first = connection.execute(
            "SELECT coalesce(max(position), -1) + 1 FROM images WHERE project_id = ?", (project.id,)
        ).fetchone()[0]
        connection.executemany(
            "INSERT OR IGNORE INTO images (project_id, position, file_name, original_name, width_px, height_px, "
            "content_hash, perceptual_hash, split, caption, rating, is_excluded, repeats, linked_to, taken_at, camera) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    project.id,
                    first + index,
                    image.path.name,
                    image.original_name,
                    image.width_px,
                    image.height_px,
                    image.content_hash,
                    f"{image.perceptual_hash:016x}",
                    image.split.value,
                    image.caption,
                    image.rating,
                    image.is_excluded,
                    image.repeats,
                    str(image.linked_to or ""),
                    image.taken_at,
                    image.camera,
                )
                for index, image in enumerate(images)
            ],
        )


def list_images(database: Database, project: Project) -> list[CaptionedImage]:
    """The images of a project in the order in which they were added, captioned as the index knows.

    At full speed: somebody waits for them. Where nobody does, `each_image` leaves the interpreter to the window.
    """
    with _without_collection():
        return list(_images(database, project))


def each_image(database: Database, project: Project) -> Iterator[CaptionedImage]:
    """The images of `list_images` one by one, for those who need not hold all of them, or have time."""
    return courteous(_images(database, project))


def _images(database: Database, project: Project) -> Iterator[CaptionedImage]:
    with database.reading() as connection:
        cursor = connection.cursor()
        cursor.row_factory = None  # tuples: half the time of rows that know their names
        query = f"SELECT {', '.join(_COLUMNS)} FROM images WHERE project_id = ? ORDER BY position"
        for row in cursor.execute(query, (project.id,)):
            yield _image(row, project.images_folder)


def each_name(database: Database, project: Project) -> Iterator[tuple[str, str, str, Split, bool]]:
    """Content hash, file name, original name, split and whether it is used where it is, of each image of a project."""
    with database.reading() as connection:
        cursor = connection.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            "SELECT content_hash, file_name, original_name, split, linked_to != '' FROM images WHERE project_id = ? "
            "ORDER BY position",
            (project.id,),
        )
        for content_hash, file_name, original_name, split, is_linked in courteous(rows):
            yield content_hash, file_name, original_name, _SPLITS[split], bool(is_linked)


def outlines_around(database: Database, project: Project, content_hashes: Sequence[str]) -> list[ImageOutline]:
    """These images in outline, and those that the same camera took within moments of one of them."""
    query = (
        "SELECT DISTINCT o.content_hash, o.file_name, o.original_name, o.split, o.linked_to != '', o.is_excluded, "
        "o.taken_at, o.camera FROM images i JOIN images o ON o.project_id = i.project_id AND (o.content_hash = "
        "i.content_hash OR (o.camera = i.camera AND abs(o.taken_at - i.taken_at) <= ?)) "
        "WHERE i.project_id = ? AND i.content_hash = ?"
    )
    with database.reading() as connection:
        found = [row for key in content_hashes for row in connection.execute(query, (BURST_S, project.id, key))]
    return [_outline(tuple(row)) for row in dict.fromkeys(map(tuple, found))]


def side_counts(database: Database, project: Project) -> tuple[int, int]:
    """How many images are held out, and how many there are, both without excluded ones."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT split, count(*) AS count FROM images WHERE project_id = ? AND NOT is_excluded GROUP BY split",
            (project.id,),
        ).fetchall()
    counts = {row["split"]: row["count"] for row in rows}
    return counts.get(Split.VALIDATION.value, 0), sum(counts.values())


def set_caption(database: Database, project: Project, content_hash: str, caption: str) -> None:
    """Change what is known of one caption."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE images SET caption = ? WHERE project_id = ? AND content_hash = ?",
            (caption, project.id, content_hash),
        )


def set_captions(database: Database, project: Project, captions: Mapping[str, str]) -> None:
    """Change what is known of many captions, by content hash."""
    with database.transaction() as connection:
        connection.executemany(
            "UPDATE images SET caption = ? WHERE project_id = ? AND content_hash = ?",
            [(caption, project.id, content_hash) for content_hash, caption in captions.items()],
        )


def set_splits(database: Database, project: Project, splits: Mapping[str, Split]) -> None:
    """Change the splits of images, by content hash."""
    with database.transaction() as connection:
        connection.executemany(
            "UPDATE images SET split = ? WHERE project_id = ? AND content_hash = ?",
            [(split.value, project.id, content_hash) for content_hash, split in splits.items()],
        )


def set_links(database: Database, project: Project, paths: Mapping[str, Path]) -> None:
    """Change the files outside the project that images are read from, by content hash."""
    with database.transaction() as connection:
        connection.executemany(
            "UPDATE images SET linked_to = ? WHERE project_id = ? AND content_hash = ?",
            [(str(path), project.id, content_hash) for content_hash, path in paths.items()],
        )


def save_choices(
    database: Database, project: Project, images: Sequence[CaptionedImage], names: Collection[str] = CHOICES
) -> None:
    """Change what was chosen for images, by content hash; of the `CHOICES` those with these names."""
    chosen = [name for name in CHOICES if name in names]
    columns = ", ".join(f"{name} = ?" for name in chosen)
    with database.transaction() as connection:
        connection.executemany(
            f"UPDATE images SET {columns} WHERE project_id = ? AND content_hash = ?",
            (
                (*(getattr(image, name) for name in chosen), project.id, image.content_hash)
                for image in courteous(images)
            ),
        )


def _outline(row: tuple[Any, ...]) -> ImageOutline:
    key, file_name, name, split, is_linked, is_excluded, taken_at, camera = row
    return ImageOutline(key, file_name, name, _SPLITS[split], bool(is_linked), bool(is_excluded), taken_at, camera)


def _image(row: tuple[Any, ...], folder: Path) -> CaptionedImage:
    file_name, width_px, height_px, caption, content_hash, perceptual_hash, split, original_name = row[:8]
    rating, is_excluded, repeats, linked_to, taken_at, camera = row[8:]
    linked = Path(linked_to) if linked_to else None
    # By position: a hundred thousand times, names would cost a third more.
    known = (folder / file_name, width_px, height_px, caption, content_hash, int(perceptual_hash, 16))
    chosen = (_SPLITS[split], original_name, rating, bool(is_excluded), repeats, linked)
    return CaptionedImage(*known, *chosen, taken_at, camera)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from looking at each of a hundred thousand new objects again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
