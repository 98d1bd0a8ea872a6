"""What a torch that cannot be loaded raises, in words, and how a trial of it is asked for; imported at every start."""

from __future__ import annotations

TRIAL_WORD = "--try-pack"  # of a command line that only packs.trial writes
# What a torch that is not whole, or not made for this computer, was seen to raise, or could.
BROKEN = (ImportError, OSError, RuntimeError, AttributeError, NameError, SyntaxError, ValueError, TypeError, KeyError)


def in_words(error: BaseException) -> str:
    """What a library said, in one line of a length that can be shown."""
    return " ".join(str(error).split())[:200] or type(error).__name__
