"""Find out which pictures of a project look alike: each picture is looked at once, and each pair compared once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from calotype.domain.control import Control
from calotype.domain.events import ImagesCompared
from calotype.domain.imageset import Project
from calotype.domain.look_alikes import COMPARISON_VERSION, AlikePair
from calotype.services.workspace import Workspace
from calotype.storage import look_alikes

_LOOK_S = 0.1  # between two looks at whether to stop

_one_at_a_time = threading.Lock()  # whoever comes second finds the work done


def alike_pairs(workspace: Workspace, project: Project, control: Control | None = None) -> list[AlikePair]:
    """The pairs of pictures that look alike; what was not compared yet is compared first, which may take a while.

    Call it off the UI thread. When stopped, it answers with what is known by then, and goes on there the next time.
    """
    for _ in compare(workspace, project, control or Control()):
        pass
    return known_pairs(workspace, project)


def known_pairs(workspace: Workspace, project: Project) -> list[AlikePair]:
    """The pairs of pictures that were seen to be alike by now; nothing is compared."""
    return look_alikes.alike_pairs(workspace.database, project)


def compare(workspace: Workspace, project: Project, control: Control) -> Iterator[ImagesCompared]:
    """Compare what was not compared yet and remember it, lot by lot. When stopped, it goes on there the next time."""
    if control.is_stopping or not _take_turn(control):
        return
    try:
        if look_alikes.has_uncompared(workspace.database, project, COMPARISON_VERSION):
            from calotype.services.comparing import compared  # with numpy, which the window opens without

            yield from compared(workspace, project, control)
    finally:
        _one_at_a_time.release()


def _take_turn(control: Control) -> bool:
    """Wait until nobody else compares; False if stopped before."""
    while not _one_at_a_time.acquire(timeout=_LOOK_S):
        if control.is_stopping:
            return False
    return True
