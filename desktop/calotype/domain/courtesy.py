"""Long work beside the window, in turns so short that drawing and typing never wait for it.

Python lends its interpreter to one thread at a time and takes it away after five milliseconds at the earliest, and the
window asks for it again and again while it draws: beside three busy threads, what takes 10 ms takes 40. Sorting 100,000
values or freeing as many objects is even one step that nothing interrupts. On the window's own thread all of this is
done in one go.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

_TURN_S = 0.001  # for which a background thread keeps the interpreter
_PAUSE_S = 0.0001  # enough for a thread that waits for it
_LOOK_S = 0.0005  # between two looks at whether the window is still busy
_MOST_S = 0.1  # for which work gives way at a time, so that it ends some day
_AT_ONCE = 1000  # values to sort, or objects to free: about a turn

T = TypeVar("T")


class _Window:
    """What its thread is doing now; only that thread writes it."""

    is_busy = False


@contextmanager
def window_first() -> Iterator[None]:
    """What the window's thread does inside goes ahead of all courteous work."""
    before, _Window.is_busy = _Window.is_busy, True
    try:
        yield
    finally:
        _Window.is_busy = before


def give_way() -> None:
    """Let the window have the interpreter, for as long as it has something to do first."""
    if _is_window():
        return
    time.sleep(_PAUSE_S)
    end_s = time.perf_counter() + _MOST_S
    while _Window.is_busy and time.perf_counter() < end_s:
        time.sleep(_LOOK_S)


def courteous(items: Iterable[T]) -> Iterator[T]:
    """Hand out items and, after every turn and whenever the window is busy, give way."""
    if _is_window():
        yield from items
        return
    clock, window = time.perf_counter, _Window
    end_s = clock() + _TURN_S
    for item in items:
        if window.is_busy or clock() > end_s:
            give_way()
            end_s = clock() + _TURN_S
        yield item


def sorted_courteously(items: Sequence[T], key: Callable[[T], Any]) -> list[T]:
    """What `sorted` answers, in many steps."""
    if _is_window() or len(items) <= _AT_ONCE:
        return sorted(items, key=key)
    lots = [sorted(items[first : first + _AT_ONCE], key=key) for first in courteous(range(0, len(items), _AT_ONCE))]
    return list(courteous(heapq.merge(*lots, key=key)))


def free_courteously(items: list[Any] | dict[Any, Any]) -> None:
    """Empty a list or a dictionary that is needed no more; what nobody else holds is freed in many steps."""
    for _ in courteous(range(0, len(items), _AT_ONCE)):
        if isinstance(items, list):
            del items[-_AT_ONCE:]
        else:
            for _count in range(min(_AT_ONCE, len(items))):
                items.popitem()


def _is_window() -> bool:
    return threading.get_ident() == threading.main_thread().ident
