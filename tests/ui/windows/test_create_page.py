"""The Create page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from calotype.domain.generation import LoraUse
from calotype.domain.lora_blocks import BlockStrengths
from calotype.domain.models import LoraCard, ModelFamily
from calotype.imagesets.picture_metadata import parameters_text, png_bytes
from calotype.services import model_catalog
from calotype.services.generation import PictureRecord
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.windows.create_page import FORM_WIDTH, CreatePage
from calotype.ui.workers.background_job import wait_for_all_jobs

DRAW_MS = 120_000


def put_picture(session: Session, name: str, prompt: str) -> Path:
    folder = session.workspace.folder.outputs / "2026-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"Steps": 7, "CFG scale": "3.5", "Seed": 99, "Size": "128x192", "Model": "Starter"}
    path = folder / name
    path.write_bytes(png_bytes(Image.new("RGB", (32, 48), "#336699"), parameters_text(prompt, "text", settings)))
    return path


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> Iterator[CreatePage]:
    """The page, shown, with one picture from before in its gallery."""
    put_picture(session, "00001-99.png", "a robot <lora:mine:0.8>")
    made = CreatePage(session, TrainingRunModel(session, session), GenerationModel(session, session))
    made.resize(1100, 700)
    made.show()
    qtbot.waitUntil(lambda: made._pictures.rowCount() == 1)
    yield made
    made._generation.stop()
    wait_for_all_jobs()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_that_the_newest_picture_is_shown_large_with_its_settings(page: CreatePage) -> None:
    assert [path.name for path in page._stage.shown] == ["00001-99.png"]
    assert page._caption.text() == "a robot  ·  seed 99, 7 steps"


def test_that_settings_of_a_picture_can_be_used_again(page: CreatePage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page._reuse, Qt.MouseButton.LeftButton)

    request = page._form.request()
    assert (request.prompt, request.negative_prompt, request.seed) == ("a robot", "text", 99)
    assert (request.sampling_steps, request.guidance) == (7, 3.5)
    assert (request.width_px, request.height_px) == (128, 192)


def test_that_a_lora_of_a_picture_that_is_gone_is_named(page: CreatePage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.failure) as told:
        qtbot.mouseClick(page._reuse, Qt.MouseButton.LeftButton)

    assert str(told.args[0]).startswith("There is no LoRA called “mine”.")
    assert page._form.request().loras == ()


def test_that_the_lora_of_a_picture_is_chosen_again(page: CreatePage, session: Session, qtbot: QtBot) -> None:
    path = session.workspace.folder.loras / "mine.safetensors"
    card = LoraCard("Mine", path, "zkw", "Starter", 8, 8.0, 1000, None, "")
    page._form.show_loras([card])

    qtbot.mouseClick(page._reuse, Qt.MouseButton.LeftButton)

    assert page._form.request().loras == (LoraUse(path, 0.8),)


def test_that_all_loras_of_a_picture_are_chosen_again_with_their_blocks(page: CreatePage) -> None:
    cards = [LoraCard(name, Path(f"{name}.safetensors"), "", "Starter", 8, 8.0, 9, None, "") for name in ("one", "two")]
    page._form.show_loras(cards)
    settings = {"Lora blocks": "two: up=0.5"}
    record = PictureRecord(Path("a.png"), 0.0, "a robot <lora:one:0.25> <lora:two:9>", "", settings)

    page._form.reuse(record)

    assert page._form.request().loras == (
        LoraUse(cards[0].path, 0.25),
        LoraUse(cards[1].path, 1.0, BlockStrengths.parse("up=0.5")),  # nobody means 9
    )


def test_that_the_form_scrolls_only_where_there_is_no_room_for_it(page: CreatePage, qtbot: QtBot) -> None:
    blocks = ("text1", "down1", "mid", "up1", "up2")
    cards = [
        LoraCard(name, Path(f"{name}.safetensors"), "a long word", "Starter", 8, 8.0, 9, None, "", blocks=blocks)
        for name in ("one", "two", "three")
    ]
    page._form.show_loras(cards)
    page._form._lora.choose_uses([LoraUse(card.path) for card in cards[:2]])
    page._form._lora.parts_link.setChecked(True)
    page.resize(1100, 1000)

    holder = page._form.parentWidget()
    area = holder.parentWidget() if holder is not None else None
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: area.height() >= page._form.heightForWidth(FORM_WIDTH) > 500)
    qtbot.waitUntil(lambda: not area.verticalScrollBar().isVisible())
    assert page._form.width() == FORM_WIDTH


def test_that_clip_skip_comes_from_the_lora_or_the_picture_and_is_drawn_with(
    page: CreatePage, session: Session, qtbot: QtBot
) -> None:
    path = session.workspace.folder.loras / "mine.safetensors"
    card = LoraCard("Mine", path, "zkw", "Starter", 8, 8.0, 1000, None, "", clip_skip=2)
    page._form.show_loras([card])

    before = (page._form.request().clip_skip, page._form._clip_skip.isVisible())
    page._form.use_lora(card)
    with_lora = (page._form.request().clip_skip, page._form._clip_skip.isVisible())
    qtbot.mouseClick(page._reuse, Qt.MouseButton.LeftButton)

    assert (before, with_lora) == ((1, False), (2, True))
    assert page._form.request().clip_skip == 1  # the picture says nothing, as those that were drawn without


def test_that_clip_skip_is_offered_with_stable_diffusion(page: CreatePage, session: Session) -> None:
    starter = model_catalog.starter_card()
    page._form.show_models([starter, replace(starter, id="sd1", name="Dream", family=ModelFamily.SD1)])

    with_starter = page._form._clip_skip.isVisible()
    page._form._model.setCurrentIndex(1)

    assert (with_starter, page._form._clip_skip.isVisible()) == (False, True)


@pytest.mark.parametrize(("text", "clip_skip"), [("2", 2), ("99999999999", 1), ("nan", 1)])
def test_that_clip_skip_of_a_picture_is_used_again_if_it_is_one(text: str, clip_skip: int, page: CreatePage) -> None:
    record = PictureRecord(Path("a.png"), 0.0, "a robot", "", {"Clip skip": text})

    page._form.reuse(record)

    assert page._form.request().clip_skip == clip_skip


def test_that_two_loras_of_one_name_are_told_apart_by_their_age(page: CreatePage, session: Session) -> None:
    paths = [session.workspace.folder.loras / f"{name}.safetensors" for name in ("one", "two")]
    for path in paths:
        path.write_bytes(b"lora")
    os.utime(paths[0], (0, 86400 * 400))

    page._form.show_loras([LoraCard("Mine", path, "zkw", "Starter", 8, 8.0, 9, None, "") for path in paths])

    choice = page._form._lora.rows[0].field
    assert choice.itemText(1) != choice.itemText(2)


def test_that_every_field_is_in_sight_in_a_small_window(page: CreatePage, session: Session, qtbot: QtBot) -> None:
    card = LoraCard("Mine", session.workspace.folder.loras / "mine.safetensors", "zkw", "Starter", 8, 8.0, 9, None, "")
    page._form.show_loras([card])
    page._form._lora.choose(card)
    page.resize(1196, 590)  # what rail, header and status leave of 1280 x 720, a title bar on top

    holder = page._form.parentWidget()
    assert holder is not None
    area = holder.parentWidget()
    assert area is not None
    assert page._form._trigger.isVisible()
    qtbot.waitUntil(lambda: area.height() >= page._form.sizeHint().height())
    assert page._form.width() <= area.width()


@pytest.mark.slow
def test_that_ctrl_enter_makes_pictures_that_stream_into_the_gallery(page: CreatePage, qtbot: QtBot) -> None:
    page._form._count.setValue(2)
    page._form._steps.setValue(2)
    page._form.prompt.setPlainText("a fox, 3d render")

    with qtbot.waitSignal(page._generation.finished, timeout=DRAW_MS) as finished:
        qtbot.keyClick(page._form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert page._cancel.isVisible()

    assert finished.args[0].made == 2
    assert page._pictures.rowCount() == 3
    assert len(page._stage.shown) == 2
    assert page._make.isVisible()


@pytest.mark.slow
def test_that_stop_ends_the_work_and_keeps_what_is_done(page: CreatePage, qtbot: QtBot) -> None:
    page._form._count.setValue(60)
    page._form._steps.setValue(2)
    page._form.prompt.setPlainText("a fox, 3d render")

    with qtbot.waitSignal(page._generation.picture_added, timeout=DRAW_MS):
        page.make_pictures()
    with qtbot.waitSignal(page._generation.finished, timeout=DRAW_MS) as finished:
        qtbot.mouseClick(page._cancel, Qt.MouseButton.LeftButton)

    assert finished.args[0].was_stopped
    assert page._pictures.rowCount() == 1 + finished.args[0].made
    assert finished.args[0].made < 60
