"""Where the packaged program begins: looks whether all of it is there, then starts Calotype."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path

# Where systems keep the certificates of the servers that they trust; the interpreter in the package knows only the
# place on the machine that it was built on.
_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")
# A copy that stopped lacks its last files or the end of one, and nearly always of a large one. Looking at all 3,000
# would make every start slower; `calotype selftest` does that.
_LARGE_BYTES = 1_000_000


def damaged_files(folder: Path, smallest_bytes: int = _LARGE_BYTES) -> list[str]:
    """The files of the manifest in this folder, at least so large, that are missing or have another size."""
    try:
        listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return ["manifest.json"]
    large = {name: about["size"] for name, about in listed.items() if about["size"] >= smallest_bytes}
    return sorted(name for name, size in large.items() if _size(folder / name) != size)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _say_damaged(folder: Path, names: list[str]) -> None:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    text = (
        f"Calotype is not complete: {names[0]}{more} in {folder} is missing or damaged. "
        "Install it again; your projects and settings are kept."
    )
    if sys.stderr is not None:
        sys.stderr.write(f"calotype: {text}\n")
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "Calotype", 0x10)
    elif len(sys.argv) == 1 and not any("PySide6" in name for name in names):
        _show(text)


def _show(text: str) -> None:
    """The sentence in a window, for who did not start from a terminal."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    try:
        from PySide6.QtWidgets import QApplication, QMessageBox
    except ImportError:
        return
    application = QApplication([])
    QMessageBox(QMessageBox.Icon.Critical, "Calotype", text).exec()
    application.quit()


def _use_certificates_of_the_system() -> None:
    if sys.platform != "win32" and "SSL_CERT_FILE" not in os.environ:
        known = [path for path in _CERTIFICATES if Path(path).is_file()]
        os.environ["SSL_CERT_FILE"] = known[0] if known else str(Path(sys.prefix, "certifi", "cacert.pem"))


def main() -> int:
    """Start Calotype; the result is the exit code."""
    folder = Path(sys.executable).parent
    # On macOS the signature of the app says the same, and leaves no room for a file of ours beside the program.
    damaged = damaged_files(folder) if sys.platform != "darwin" else []
    if damaged:
        _say_damaged(folder, damaged)
        return 1
    _use_certificates_of_the_system()
    from calotype.__main__ import main as run

    return run()


if __name__ == "__main__":
    # A child process of this program comes through here again and must not open a second window.
    multiprocessing.freeze_support()
    sys.exit(main())
