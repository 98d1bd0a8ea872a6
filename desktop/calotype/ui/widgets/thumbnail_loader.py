"""Small pictures that arrive later, so that nothing ever waits for a disk."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from calotype.domain.errors import CalotypeError
from calotype.ui.workers.background_job import BackgroundJob

logger = logging.getLogger(__name__)

_KEPT = 600
_READ_BY_QT = frozenset((b"jpeg", b"png", b"webp", b"gif", b"bmp"))
_WAITING = 240  # enough for the largest screen; what was scrolled past is not loaded

Locate = Callable[[], Path]
Shape = Callable[[QImage], QImage]


class ThumbnailLoader(QObject):
    """Reads pictures in a thread, newest wish first. ready: the picture of this key can be asked for now."""

    ready = Signal(str)

    def __init__(self, side_px: int, parent: QObject | None = None, kept: int = _KEPT) -> None:
        """`kept`: how many pictures stay in memory."""
        super().__init__(parent)
        self._side_px, self._most = side_px, kept
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()
        self._wishes: deque[tuple[str, Locate, Shape | None]] = deque(maxlen=_WAITING)
        self._wanted: set[str] = set()
        self._job: BackgroundJob | None = None

    def pixmap(self, key: str, locate: Locate, shape: Shape | None = None) -> QPixmap | None:
        """Answer from memory at once; if the picture is not there, load it from where `locate` says, in a thread.

        `shape` makes of it what is drawn, in that thread as well. An empty pixmap means that it could not be read.
        """
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
            return picture
        if key not in self._wanted:
            self._want(key, locate, shape)
        return None

    def kept(self, key: str) -> QPixmap | None:
        """The picture if it is in memory; it is not loaded."""
        return self._pictures.get(key)

    def _want(self, key: str, locate: Locate, shape: Shape | None) -> None:
        if len(self._wishes) == _WAITING:
            self._wanted.discard(self._wishes[0][0])
        self._wishes.append((key, locate, shape))
        self._wanted.add(key)
        if self._job is None:
            self._start()

    def _start(self) -> None:
        self._job = BackgroundJob(self._read_all, self)
        self._job.reported.connect(self._keep)
        self._job.finished.connect(self._rest)
        self._job.start()

    def _read_all(self) -> Iterator[tuple[str, QImage]]:
        """Runs in the job's thread."""
        while self._wishes:
            key, locate, shape = self._wishes.pop()
            image = _read(locate, self._side_px)
            yield key, image if shape is None or image.isNull() else shape(image)

    def _keep(self, found: tuple[str, QImage]) -> None:
        key, image = found
        self._wanted.discard(key)
        self._pictures[key] = QPixmap.fromImage(image)
        while len(self._pictures) > self._most:
            self._pictures.popitem(last=False)
        self.ready.emit(key)

    def _rest(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        if self._wishes:
            self._start()


def _read(locate: Locate, side_px: int) -> QImage:
    try:
        path = locate()
    except (CalotypeError, OSError) as error:
        logger.info("no thumbnail: %s", error)
        return QImage()
    reader = QImageReader(str(path))
    if bytes(reader.format().data()) not in _READ_BY_QT:
        return _decoded(path, side_px)
    reader.setAutoTransform(True)  # a file that was left where it is may lie on its side
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side_px:
        shown = size.scaled(QSize(side_px, side_px), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        reader.setScaledSize(shown.boundedTo(size))
    image = reader.read()
    return _decoded(path, side_px) if image.isNull() else image


def _decoded(path: Path, side_px: int) -> QImage:
    """What Qt cannot read or reads wrongly, of files that are used where they are; empty if nobody can.

    Qt knows no HEIC, and takes the raw file of a camera for a TIFF with the tiny picture that is in it as well.
    """
    # Only where Qt cannot: the window does not wait for NumPy.
    from calotype.imagesets.pixels import open_reduced

    try:
        picture = open_reduced(path, 2 * side_px**2)
    except CalotypeError as error:
        logger.info("no thumbnail: %s", error)
        return QImage()
    width, height = picture.size
    return QImage(picture.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
