"""How much would be copied, before anything is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

LARGE_BYTES = 2 * 1024**3
_PATIENCE_FILES = 200_000


def weigh(paths: Sequence[Path]) -> int:
    """The bytes of everything below the folders among these paths, or somewhat more than LARGE_BYTES.

    Counting stops as soon as it is much, and links are not followed: this is a question before the work, not the work.
    """
    total = count = 0
    for path in paths:
        for parent, _, names in os.walk(path):
            for name in names:
                try:
                    total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118  # twice as fast as Path
                except OSError:
                    continue
                count += 1
                if total > LARGE_BYTES or count > _PATIENCE_FILES:
                    return max(total, LARGE_BYTES + 1)
    return total
