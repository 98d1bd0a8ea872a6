"""Import what computes, once, whichever thread asks first."""

from __future__ import annotations

import gc
import sys
import threading

_loading = threading.Lock()


def load_compute_modules() -> None:
    """Import torch, diffusers, transformers and peft with everything of ours that stands on them; takes seconds once.

    transformers fills its names in lazily: when a run and a picture import it at the same moment in two threads, one of
    them is told that it has no AutoModel. Every use case that computes calls this first.
    """
    with _loading:
        if "calotype.training.engine" in sys.modules:
            return
        # A collection walks all the million objects of these libraries, and holds the interpreter, and so the window,
        # for up to seconds. None runs while they load, and afterwards they are left out for good.
        was_enabled = gc.isenabled()  # a window collects by itself, on its own thread
        gc.disable()
        try:
            import calotype.inference.generate
            import calotype.training.engine  # noqa: F401
        finally:
            if was_enabled:
                gc.enable()
        gc.freeze()
