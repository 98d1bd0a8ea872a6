"""The window; the only package that imports Qt."""

from __future__ import annotations

import importlib
from typing import Any


def _leave_sources_unread() -> None:
    """Keep PySide from reading the source of every module that is imported from now on.

    It looks there for "PySide6", so that a module could switch on other names for its methods (`__feature__`), which
    none of ours does. With torch and its kin that is 3,000 files, which stay in memory: 145 MB and half a second.
    """
    importlib.import_module("PySide6.QtCore")
    feature: Any = importlib.import_module("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda module: False


_leave_sources_unread()
