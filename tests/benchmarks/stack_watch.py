"""What every thread was doing when a tick of the window's timer did not come in time."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

Place = tuple[str, str, int]  # module, function, line
Stacks = dict[int, list[Place]]  # newest call first, by thread

_WAITING = {"threading", "queue", "selectors", "background_job", "stack_watch"}  # who is there is not at work
_BENCH = {"pulse", "large_set", "import_lag", "many_files", "look_again"}


@dataclass(frozen=True, slots=True)
class Late:
    """A tick that came late, and the stacks of all threads when it should have been there."""

    late_ms: float
    stacks: Stacks
    waited_ms: float  # of it, for a processor: the machine was busy

    @property
    def culprit(self) -> str:
        """The newest call of the window's thread, else those of the others, as `module.function`."""
        stacks = dict(self.stacks)
        own = _newest(stacks.pop(threading.main_thread().ident or 0, []))
        others = sorted({name for stack in stacks.values() if (name := _newest(stack))})
        return own or " + ".join(others) or "nothing of Python"

    def __str__(self) -> str:
        lines = [f"=== {self.late_ms:.0f} ms late ({self.waited_ms:.0f} for a processor) during {self.culprit}"]
        for ident, stack in self.stacks.items():
            is_own = ident == threading.main_thread().ident
            lines.append("  window" if is_own else "  thread")
            lines += [f"    {module}.{function}:{line}" for module, function, line in stack[:12]]
        return "\n".join(lines)


class StackWatch:
    """A thread that looks at all others when nobody has said `alive` for a while.

    If somebody holds the interpreter in one long step, it looks right after that, when he is still there.
    """

    def __init__(self, late_ms: float, interval_ms: float) -> None:
        self._late_ms, self._wait_s = late_ms, (late_ms + interval_ms) / 1000
        self._tick = threading.Event()
        self._seen: Stacks = {}
        self._waited_ms = _waited_ms()
        self._is_over = False
        self.found: list[Late] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def alive(self, late_ms: float) -> None:
        """A tick came, so late."""
        waited_ms = _waited_ms()
        if late_ms > self._late_ms:
            self.found.append(Late(late_ms, self._seen, waited_ms - self._waited_ms))
        self._waited_ms = waited_ms
        self._seen = {}
        self._tick.set()

    def stop(self) -> None:
        """Watch no more."""
        self._is_over = True
        self._tick.set()
        self._thread.join()

    def tell(self) -> None:
        """Write everything that was found to the standard error, for whoever wants to put it right."""
        sys.stderr.writelines(f"\n{late}\n" for late in self.found)

    @property
    def worst(self) -> str:
        """What was going on at the latest tick; empty if none came late."""
        if not self.found:
            return ""
        late = max(self.found, key=lambda late: late.late_ms)
        return f"{late.culprit}, {late.waited_ms:.0f} ms of it without a processor"

    def _watch(self) -> None:
        while not self._is_over:
            is_late = not self._tick.wait(self._wait_s)
            if is_late and not self._seen:
                self._seen = {ident: _places(frame) for ident, frame in sys._current_frames().items()}
            self._tick.clear()


def _waited_ms() -> float:
    """How long this thread could have run and had no processor, since it began; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0


def _places(frame: FrameType | None) -> list[Place]:
    places: list[Place] = []
    while frame is not None:
        places.append((Path(frame.f_code.co_filename).stem, frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return places


def _newest(stack: list[Place]) -> str:
    """The newest call, unless the thread waits or is in the event loop; empty then."""
    if not stack or stack[0][0] in _WAITING | _BENCH:
        return ""
    module, function, _ = stack[0]
    return f"{module}.{function}"
