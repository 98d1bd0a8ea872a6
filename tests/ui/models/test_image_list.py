"""Proof that the list shows what the filter lets through, and that a selection outlives it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from calotype.domain.image_filter import parse_filter
from calotype.domain.image_order import ImageOrder
from calotype.domain.imageset import CaptionedImage, Split
from calotype.ui.models.image_list import ImageList
from calotype.ui.models.image_selection import ImageSelection


def _images(count: int) -> list[CaptionedImage]:
    return [
        CaptionedImage(
            path=Path(f"{number}.png"),
            width_px=64 + number,
            height_px=64,
            caption=f"rusty, pose {number}",
            content_hash=str(number),
            perceptual_hash=number,
            split=Split.VALIDATION if number % 4 == 3 else Split.TRAINING,
            original_name=f"photo {(7 * number) % 12}",
        )
        for number in range(count)
    ]


def _shown(model: ImageList) -> list[str]:
    return [model.image_at(row).content_hash for row in range(model.rowCount())]


@pytest.fixture
def model(qtbot: QtBot) -> ImageList:
    shown = ImageList()
    shown.show(_images(8))
    return shown


def test_that_each_kind_of_change_keeps_the_model_sound(qtbot: QtBot) -> None:
    images = _images(8)
    model = ImageList()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    for now in (images[:3], images, images[:2] + images[5:], list(reversed(images)), []):
        model.show(now)
        assert list(model.images) == now
        assert _shown(model) == [image.content_hash for image in now]

    assert tester.model() is model


def test_that_a_new_caption_is_a_changed_row_and_no_reset(model: ImageList) -> None:
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    images = list(model.images)

    model.show([images[0], replace(images[1], caption="rusty, asleep"), *images[2:]])

    assert changed == [1]
    assert resets == []
    model.show_filter(parse_filter("asleep"))
    assert _shown(model) == ["1"]


def test_that_part_and_filter_both_hold(model: ImageList) -> None:
    model.show_part(parse_filter("is:validation"))
    assert _shown(model) == ["3", "7"]
    model.show_filter(parse_filter('"POSE 7"'))
    assert _shown(model) == ["7"]
    model.show_part(parse_filter(""))
    model.show_filter(parse_filter(""))

    assert len(_shown(model)) == 8


def test_that_an_edit_moves_a_picture_out_of_what_the_filter_shows(model: ImageList) -> None:
    model.show_part(parse_filter("is:included"))
    images = list(model.images)

    model.show([replace(images[0], is_excluded=True), *images[1:]])

    assert _shown(model) == ["1", "2", "3", "4", "5", "6", "7"]


def test_that_names_are_in_the_order_of_their_numbers(model: ImageList) -> None:
    model.show_order(ImageOrder.NAME)
    names = [model.image_at(row).original_name for row in range(8)]

    assert names == [f"photo {number}" for number in (0, 1, 2, 4, 6, 7, 9, 11)]
    model.show_order(ImageOrder.LARGEST)
    assert _shown(model)[0] == "7"


def test_that_a_selection_outlives_filter_and_order(model: ImageList) -> None:
    selection = ImageSelection(model)
    selection.choose_images([model.images[3], model.images[4]])

    model.show_part(parse_filter("is:validation"))
    assert [image.content_hash for image in selection.images()] == ["3"]
    assert selection.hidden_count == 1
    model.show_part(parse_filter(""))
    model.show_order(ImageOrder.LARGEST)

    assert [image.content_hash for image in selection.images()] == ["4", "3"]
    assert selection.hidden_count == 0


def test_that_inverting_leaves_hidden_pictures_as_they_are(model: ImageList) -> None:
    selection = ImageSelection(model)
    selection.choose_images([model.images[0], model.images[3]])
    model.show_part(parse_filter("is:validation"))

    selection.invert()

    assert selection.hashes() == {"0", "7"}


def test_that_a_range_begins_where_the_last_picture_was_chosen(model: ImageList) -> None:
    selection = ImageSelection(model)
    selection.choose(2)

    selection.reach(5)
    assert selection.rows() == [2, 3, 4, 5]
    selection.reach(1)
    assert selection.rows() == [1, 2]
    selection.switch(7)

    assert selection.rows() == [1, 2, 7]
    assert selection.current_row == 7


def test_that_removed_pictures_leave_the_selection_and_the_neighbour_is_current(model: ImageList) -> None:
    selection = ImageSelection(model)
    selection.choose(7)
    selection.reach(6)
    selection.walk(7)

    model.show(list(model.images)[:6])

    assert selection.hashes() == frozenset()
    assert selection.current_row == 5
