"""Import what computes, once, whichever thread asks first."""

from __future__ import annotations

import threading

_loading = threading.Lock()


def load_compute_modules() -> None:
    """Import torch, diffusers, transformers and peft with everything of ours that stands on them; takes seconds once.

    transformers fills its names in lazily: when a run and a picture import it at the same moment in two threads, one of
    them is told that it has no AutoModel. Every use case that computes calls this first.
    """
    with _loading:
        import calotype.inference.generate
        import calotype.training.engine  # noqa: F401
