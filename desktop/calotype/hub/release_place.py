"""Where it is published what there is of Calotype; kept apart from what opens connections, which a start does not "
"need."""

from __future__ import annotations

import os
import urllib.parse

# Where `releases.json` is published, over https: the one line to fill in for whoever publishes packages. As long as it
# is empty nothing can be asked, and the window says so.
RELEASES_ADDRESS = ""


def releases_address() -> str:
    """The address of the list; CALOTYPE_RELEASES names another one. Empty if there is none."""
    return os.environ.get("CALOTYPE_RELEASES", "") or RELEASES_ADDRESS


def releases_server() -> str:
    """The server of the list as a person knows it; empty if there is none."""
    return urllib.parse.urlsplit(releases_address()).netloc
