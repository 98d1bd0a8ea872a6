"""What is in something that was dropped or pasted: files, or pictures without a file, as browsers hand them over."""

from __future__ import annotations

import re
import struct
from html import unescape
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage

from calotype.domain.import_options import NamedPicture
from calotype.imagesets.data_urls import bytes_of_data_url

# In the order of trust: what a browser hands over of the file itself comes before what it painted.
_PICTURE_FORMATS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
}
_WINDOWS_CONTENTS = 'application/x-qt-windows-mime;value="FileContents"'
_WINDOWS_NAMES = 'application/x-qt-windows-mime;value="FileGroupDescriptorW"'
_WINDOWS_NAME_AT = 76  # the count, then the first FILEDESCRIPTORW up to its name
_PICTURE_IN_HTML = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_LONGEST_HTML = 100_000_000


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders on this computer; addresses elsewhere are left out."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def is_welcome(data: QMimeData) -> bool:
    """True if this may be pictures or files; looks at no more than it must, while something hovers."""
    return data.hasUrls() or data.hasImage() or _has_promise(data) or bool(_picture_addresses(data))


def pictures_in(data: QMimeData) -> list[NamedPicture]:
    """Pictures without a file; empty if there are none."""
    return _inside_addresses(data) or _whole_file(data) or _painted(data)


def web_address(data: QMimeData) -> str:
    """The first address of something on the web; empty if there is none."""
    urls = [url.toString() for url in data.urls()] + _picture_addresses(data)
    return next((url for url in urls if urlsplit(url).scheme in ("http", "https", "blob")), "")


def _inside_addresses(data: QMimeData) -> list[NamedPicture]:
    """Pictures that are written out in their own address."""
    addresses = dict.fromkeys([*(_text_of(url) for url in data.urls()), *_picture_addresses(data)])
    contents = [bytes_of_data_url(address) for address in addresses]
    return [NamedPicture(_numbered(place), found) for place, found in enumerate(filter(None, contents))]


def _whole_file(data: QMimeData) -> list[NamedPicture]:
    if data.hasFormat(_WINDOWS_CONTENTS):
        contents = bytes(data.data(_WINDOWS_CONTENTS).data())
        if contents:
            return [NamedPicture(_windows_name(bytes(data.data(_WINDOWS_NAMES).data())), contents)]
    for mime_type, suffix in _PICTURE_FORMATS.items():
        # Qt answers hasFormat for a picture that is only painted as well, and then has no bytes.
        if mime_type in data.formats() and (contents := bytes(data.data(mime_type).data())):
            return [NamedPicture(_name_from(data, suffix), contents)]
    return []


def _painted(data: QMimeData) -> list[NamedPicture]:
    image = data.imageData() if data.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return []
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs do not know that a device may be given
    return [NamedPicture(_name_from(data, ".png"), bytes(buffer.data().data()))]


def _has_promise(data: QMimeData) -> bool:
    return data.hasFormat(_WINDOWS_CONTENTS)


def _picture_addresses(data: QMimeData) -> list[str]:
    """The addresses of the pictures of a piece of a web page, or a text that is one."""
    found = _PICTURE_IN_HTML.findall(data.html()[:_LONGEST_HTML]) if data.hasHtml() else []
    addresses = [unescape(address.strip("\"'")) for address in found]
    text = data.text().strip() if data.hasText() else ""
    return [*addresses, *([text] if text.startswith("data:image/") else [])]


def _text_of(url: QUrl) -> str:
    return url.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _name_from(data: QMimeData, suffix: str) -> str:
    """The name of the file in the address that came along, if one did."""
    stem = PurePosixPath(unquote(urlsplit(web_address(data)).path)).stem
    return f"{stem}{suffix}" if stem.strip() else _numbered(0, suffix)


def _numbered(place: int, suffix: str = ".png") -> str:
    return f"pasted-{place + 1}{suffix}" if place else f"pasted{suffix}"


def _windows_name(descriptor: bytes) -> str:
    try:
        (count,) = struct.unpack_from("<I", descriptor)
        name = descriptor[_WINDOWS_NAME_AT : _WINDOWS_NAME_AT + 520].decode("utf-16-le").split("\x00")[0]
    except (struct.error, UnicodeDecodeError):
        return _numbered(0)
    return name if count and name else _numbered(0)
