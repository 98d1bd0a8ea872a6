"""calotype where: the folders that hold what you made, which stay when the program is removed."""

from __future__ import annotations

from calotype.cli.options import Choices, as_command
from calotype.services.places import places


@as_command
def where(chosen: Choices) -> None:
    """Say where your data lies. Removing the program leaves it there; remove that folder yourself if you want to."""
    found = places(chosen.home)
    program = str(found.program) if found.program else ""
    data = found.data
    values = {
        "data": data.root,
        "projects": data.projects,
        "pictures": data.outputs,
        "loras": data.loras,
        "models": data.downloads,
        "logs": data.logs,
        "settings": data.settings,
        "program": program,
        "portable": found.is_portable,
    }
    lines = [f"{name:<9} {path}" for name, path in values.items() if name != "portable" and path]
    if found.is_portable:
        lines.append("portable: everything lies beside the program")
    chosen.output.result("\n".join(lines), values)
