"""How the pictures of a project are shown, kept in the project so that it is found again as it was left."""

from __future__ import annotations

import json
import logging

from calotype.domain.image_order import ImageOrder
from calotype.domain.imageset import Project
from calotype.storage.files import write_text_atomically

logger = logging.getLogger(__name__)

_VIEW_FILE = "view.json"


def read_order(project: Project) -> ImageOrder:
    """The order in which the pictures were shown last; as added if that is not known."""
    try:
        return ImageOrder(json.loads((project.folder / _VIEW_FILE).read_text(encoding="utf-8"))["order"])
    except FileNotFoundError:
        return ImageOrder.ADDED
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.info("no view of %s: %s", project.name, error)
        return ImageOrder.ADDED


def save_order(project: Project, order: ImageOrder) -> None:
    """Keep the order. Raises FolderNotWritableError or DiskFullError."""
    if order is not read_order(project):
        write_text_atomically(project.folder / _VIEW_FILE, json.dumps({"schema": 1, "order": order.value}) + "\n")
