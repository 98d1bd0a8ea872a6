"""Proof that the grid draws at once, fills in pictures later, and answers the keyboard."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from calotype.domain import courtesy
from calotype.ui.look.theme import DARK
from calotype.ui.models.image_list import ImageList
from calotype.ui.models.image_selection import ImageSelection
from calotype.ui.models.session import Session
from calotype.ui.widgets.image_grid import ImageGrid
from calotype.ui.widgets.image_tile import rounded_square
from calotype.ui.widgets.tile_arithmetic import fitting
from calotype.ui.workers.background_job import BackgroundJob


def _grid(session: Session, qtbot: QtBot) -> ImageGrid:
    assert session.image_set is not None
    images = ImageList(session)
    images.show(session.image_set.images)
    grid = ImageGrid(session.workspace, images, ImageSelection(images, session))
    qtbot.addWidget(grid)
    grid.resize(720, 400)
    grid.show()
    return grid


def _colours(grid: ImageGrid) -> set[str]:
    image = grid.viewport().grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_that_pictures_fill_in_after_the_first_drawing(full_session: Session, qtbot: QtBot) -> None:
    grid = _grid(full_session, qtbot)

    # The ellipse of the first picture, which no thumbnail in the memory of the grid could have yet.
    qtbot.waitUntil(lambda: any(QColor(name).red() > 240 for name in _colours(grid)))

    assert QColor(DARK.teal).name() in _colours(grid)


def test_that_small_pictures_do_not_wait_until_the_window_has_nothing_to_do(
    full_session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courtesy, "_MOST_S", math.inf)  # what gives way to the window now waits for as long as it takes
    assert full_session.image_set is not None
    images = full_session.image_set.images
    came: set[str] = set()
    courteous_work = BackgroundJob(_give_way)

    with courtesy.window_first():
        courteous_work.start()
        grid = _grid(full_session, qtbot)
        grid.thumbnails.ready.connect(lambda key: came.add(key.partition("@")[0]))
        wanted = {images[row].content_hash for row in grid.rows_in(grid.viewport().rect())}
        qtbot.waitUntil(lambda: came == wanted, timeout=20_000)
        is_waiting = courteous_work.is_running

    assert is_waiting, "nothing gave way, so this proves nothing"
    qtbot.waitUntil(lambda: not courteous_work.is_running)


def _give_way() -> Iterator[None]:
    courtesy.give_way()
    yield None


def test_that_delete_asks_for_removal_and_arrows_move_the_selection(full_session: Session, qtbot: QtBot) -> None:
    grid = _grid(full_session, qtbot)
    assert full_session.image_set is not None
    grid.select([full_session.image_set.images[0]])

    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.selected() == [full_session.image_set.images[1]]
    with qtbot.waitSignal(grid.key_pressed):
        qtbot.keyClick(grid, Qt.Key.Key_Delete)


def test_that_a_picture_that_cannot_be_read_leaves_a_quiet_square(full_session: Session, qtbot: QtBot) -> None:
    assert full_session.image_set is not None
    image = full_session.image_set.images[0]
    for path in full_session.workspace.folder.thumbnails.rglob("*"):
        if path.is_file():
            path.unlink()
    image.path.write_bytes(b"no picture")
    grid = _grid(full_session, qtbot)

    qtbot.waitUntil(lambda: any(QColor(name).red() > 240 for name in _colours(grid)))

    assert grid.model().rowCount() == 10


def test_that_a_picture_whose_file_is_gone_is_faint(full_session: Session, qtbot: QtBot) -> None:
    grid = _grid(full_session, qtbot)
    images = grid.model()
    assert full_session.image_set is not None and isinstance(images, ImageList)
    qtbot.waitUntil(lambda: any(QColor(name).red() > 240 for name in _colours(grid)))

    images.take_findings(frozenset(), {}, {}, frozenset(i.content_hash for i in full_session.image_set.images))
    grid.viewport().update()

    assert not any(QColor(name).red() > 240 for name in _colours(grid))


def test_that_no_width_leaves_room_for_another_column(full_session: Session, qtbot: QtBot) -> None:
    grid = _grid(full_session, qtbot)

    for width in range(700, 800, 7):
        grid.resize(width, 300)
        first_row = [grid.tile_rect(row).right() for row in range(10) if grid.tile_rect(row).y() == 0]
        assert 0 <= grid.viewport().width() - max(first_row) < grid.tiles.side_px / 2


def test_that_a_tile_is_the_middle_of_the_picture_with_round_corners(full_session: Session, qtbot: QtBot) -> None:
    wide = QImage(300, 100, QImage.Format.Format_RGB32)
    wide.fill(QColor("#0000ff"))
    for x in range(100, 200):
        for y in range(100):
            wide.setPixelColor(x, y, QColor("#ff0000"))

    tile = rounded_square(wide, side_px=80, density=2.0)

    assert (tile.width(), tile.height(), tile.devicePixelRatio()) == (160, 160, 2.0)
    assert tile.pixelColor(0, 0).alpha() == 0
    assert {tile.pixelColor(x, 80).name() for x in range(2, 158)} == {"#ff0000"}


def test_that_other_sizes_of_tiles_show_the_old_pictures_until_the_new_ones_are_there(
    full_session: Session, qtbot: QtBot
) -> None:
    grid = _grid(full_session, qtbot)
    qtbot.waitUntil(lambda: any(QColor(name).red() > 240 for name in _colours(grid)))

    grid.set_tile_px(110)

    assert any(QColor(name).red() > 240 for name in _colours(grid))
    assert grid.tiles.column_count > 4


def test_that_a_tile_is_found_where_it_lies() -> None:
    tiles = fitting(width_px=905, wanted_px=168, gap_px=8, largest_px=256)
    assert (tiles.column_count, tiles.side_px) == (5, 181)

    for row in (0, 4, 5, 73, 99_999):
        assert tiles.row_at(tiles.rect(row).center(), 100_000) == row
        assert tiles.rows_in(tiles.rect(row), 100_000) == [row]
    assert tiles.height(100_000) == 20_000 * 181
    assert tiles.row_at(QPoint(904, 10), 3) == -1
    assert tiles.row_at(QPoint(904, 10), 3, is_nearest=True) == 2
    assert tiles.rows_in(QRect(0, 0, 400, 200), 100_000) == [0, 1, 2, 5, 6, 7]
