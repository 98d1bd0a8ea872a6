"""The verdict on a run in words: a headline, and what to do about it."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

from calotype.domain import verdict_words
from calotype.domain.events import Stage, StageChanged
from calotype.domain.verdict import Verdict


def _tr(text: str) -> str:
    return QCoreApplication.translate("verdicts", text)


def headline(verdict: Verdict, *, is_running: bool) -> str:
    """Name the verdict in two or three words."""
    return verdict_words.headline(verdict, is_running=is_running, say=_tr)


def advice(verdict: Verdict, *, is_running: bool) -> str:
    """Say what the curve means and what to do next."""
    return verdict_words.advice(verdict, is_running=is_running, say=_tr)


def evidence(verdict: Verdict) -> list[str]:
    """What the verdict rests on, one sentence for each measurement, the most telling first."""
    return verdict_words.evidence(verdict, say=_tr)


def confidence(verdict: Verdict) -> str:
    """How sure the verdict is."""
    return verdict_words.confidence(verdict, say=_tr)


def evidence_text(verdict: Verdict, most: int = 3) -> str:
    """How sure the verdict is and its most telling measurements, one to a line."""
    return "\n".join([f"{confidence(verdict)}.", *evidence(verdict)[:most]])


def stage_text(stage: StageChanged) -> str:
    """Say what is going on besides training steps."""
    text = _stage_name(stage.stage)
    return (
        _tr("{what}, {done} of {total}").format(what=text, done=stage.done, total=stage.total) if stage.total else text
    )


def _stage_name(stage: Stage) -> str:
    match stage:
        case Stage.WAITING_FOR_MODEL:
            return _tr("Waiting until other work is done with the base model")
        case Stage.LOADING_MODEL:
            return _tr("Loading the base model")
        case Stage.CACHING_IMAGES:
            return _tr("Looking at the pictures")
        case Stage.EXAMINING_SET:
            return _tr("Checking that pictures and captions fit together")
        case Stage.VALIDATING:
            return _tr("Measuring held-out pictures")
        case Stage.DRAWING_PREVIEWS:
            return _tr("Drawing previews")
        case Stage.COMPARING_PREVIEWS:
            return _tr("Comparing the previews with the pictures")
        case Stage.CHECKING_LORA:
            return _tr("Trying the LoRA that is kept")
        case Stage.SAVING:
            return _tr("Saving")
        case _:
            assert_never(stage)
