"""Proof that the list tells the smallest change, so that a selection survives it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from calotype.domain.imageset import CaptionedImage, Split
from calotype.ui.models.image_list import ImageFilter, ImageList, ImageRole


def _images(count: int) -> list[CaptionedImage]:
    return [
        CaptionedImage(
            path=Path(f"{number}.png"),
            width_px=64,
            height_px=64,
            caption=f"rusty, pose {number}",
            content_hash=str(number),
            perceptual_hash=number,
            split=Split.VALIDATION if number % 4 == 3 else Split.TRAINING,
            original_name=f"photo {number}",
        )
        for number in range(count)
    ]


def _shown(model: ImageFilter) -> list[str]:
    return [model.index(row, 0).data(ImageRole.IMAGE).content_hash for row in range(model.rowCount())]


def test_that_each_kind_of_change_keeps_the_model_sound(qtbot: QtBot) -> None:
    images = _images(8)
    model = ImageList()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    for now in (images[:3], images, images[:2] + images[5:], list(reversed(images)), []):
        model.show(now)
        assert list(model.images) == now

    assert tester.model() is model


def test_that_a_new_caption_is_a_changed_row_and_no_reset(qtbot: QtBot) -> None:
    images = _images(3)
    model = ImageList()
    model.show(images)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))

    model.show([images[0], replace(images[1], caption="rusty, asleep"), images[2]])

    assert changed == [1]
    assert resets == []


def test_that_the_filter_lets_through_one_split_and_a_text(qtbot: QtBot) -> None:
    model = ImageList()
    model.show(_images(8))
    shown = ImageFilter(model)

    shown.show_split(Split.VALIDATION)
    assert _shown(shown) == ["3", "7"]
    shown.show_text("POSE 7")
    assert _shown(shown) == ["7"]
    shown.show_split(None)
    shown.show_text("")

    assert len(_shown(shown)) == 8
