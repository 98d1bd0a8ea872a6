"""What was dropped or pasted: files, or a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage

PATTERNS = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif *.avif *.heic *.heif *.zip"


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders on this computer; addresses elsewhere are left out."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def picture_bytes(data: QMimeData) -> bytes:
    """A picture without a file, as PNG; empty if there is none."""
    image = data.imageData() if data.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs do not know that a device may be given
    return bytes(buffer.data().data())
