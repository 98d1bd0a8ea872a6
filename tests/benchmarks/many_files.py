"""A folder with 50,000 files: when its first pictures are on the page, and whether the window waits for them."""

from __future__ import annotations

import struct
import time
import zlib
from pathlib import Path

from places import sample_place
from pulse import Pulse
from PySide6.QtCore import QEventLoop
from table import Row, report

from calotype.app import make_application, make_window
from calotype.domain.imageset import SubjectKind
from calotype.services import projects
from calotype.ui.workers.background_job import wait_for_all_jobs
from calotype.ui.workers.garbage import GarbageOnThisThread

COUNT, SIDE_PX = 50_000, 64
FIRST_GOAL_S, LAG_GOAL_MS = 5.0, 100


def main() -> None:
    """Measure and report."""
    app = make_application()
    with sample_place() as place:
        folder = place.scratch / "pictures"
        fill(folder)
        project = projects.create_project(place.workspace, "Many", SubjectKind.STYLE, "many")
        garbage = GarbageOnThisThread()
        session, window = make_window(app, place.workspace)
        window.resize(1440, 900)
        window.show()
        opened, first, done = QEventLoop(), QEventLoop(), QEventLoop()
        session.project_changed.connect(opened.quit)
        session.open_project(project, "images")
        opened.exec()
        pulse, began = Pulse(is_watched=True), time.perf_counter()
        session.images_changed.connect(lambda: first.quit() if session.image_set and session.image_set.images else None)
        session.imports.finished.connect(done.quit)
        session.import_paths([folder])
        first.exec()
        first_s = time.perf_counter() - began
        pulse.stop()
        pulse.tell()
        session.imports.stop()
        done.exec()
        window.close()
        wait_for_all_jobs()
        app.processEvents()
        garbage.deleteLater()
        window.deleteLater()
        session.deleteLater()
        app.processEvents()
    _report(first_s, pulse)


def _report(first_s: float, pulse: Pulse) -> None:
    late = max(pulse.late)
    name = f"First pictures of a folder with {COUNT:,} files on the page"
    report(
        [
            Row(
                name, f"{first_s:.1f} s", f"goal {FIRST_GOAL_S:.0f} s", first_s / FIRST_GOAL_S, first_s <= FIRST_GOAL_S
            ),
            Row(
                "… longest lag until then",
                pulse.worst,
                f"goal {LAG_GOAL_MS} ms",
                late / LAG_GOAL_MS,
                late <= LAG_GOAL_MS,
            ),
        ]
    )


def fill(folder: Path) -> None:
    """PNG files of one colour each, written by hand: Pillow would take minutes."""
    folder.mkdir()
    for number in range(COUNT):
        colour = number.to_bytes(3, "big")
        pixels = zlib.compress((b"\0" + colour * SIDE_PX) * SIDE_PX, 1)
        header = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 2, 0, 0, 0)
        chunks = b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (header, pixels, b"")))
        (folder / f"picture {number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


if __name__ == "__main__":
    main()
