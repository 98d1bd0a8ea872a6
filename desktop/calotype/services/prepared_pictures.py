"""Pictures prepared for a project in several threads at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from calotype.domain.control import Control
from calotype.domain.errors import CalotypeError, StorageError
from calotype.domain.import_options import ImportOptions
from calotype.imagesets.copies import PreparedPicture, prepare
from calotype.imagesets.sources import Refusal, Source

_MOST_THREADS = 8


def prepared_pictures(
    sources: Sequence[Source | Refusal], control: Control, options: ImportOptions
) -> Iterator[PreparedPicture | Refusal]:
    """Prepare pictures in threads, a few ahead, and hand them out in their order."""
    thread_count = min(_MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[PreparedPicture | Refusal]] = deque()
    with ThreadPoolExecutor(thread_count, thread_name_prefix="import") as threads:
        for source in sources:
            if control.is_stopping:
                break
            waiting.append(threads.submit(_prepare_or_refuse, source, options))
            if len(waiting) > 2 * thread_count:
                yield waiting.popleft().result()
        while waiting and not control.is_stopping:
            yield waiting.popleft().result()
        for future in waiting:
            future.cancel()


def _prepare_or_refuse(source: Source | Refusal, options: ImportOptions) -> PreparedPicture | Refusal:
    if isinstance(source, Refusal):
        return source
    try:
        return prepare(source, options)
    except StorageError:
        raise
    except CalotypeError as error:
        return Refusal(source.name, error, path=source.path)
