"""Run the app un-frozen with everything blocked that the package leaves out: finds a wrong exclusion without a build.

    python packaging/program/rehearse.py

Imports every module of ours, looks up everything that they would import later, passes the selftest, opens the window
and loads what else transformers is asked for. Ends with 1 and the name of what is missing, if anything is.
"""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from contents import keeps_module, left_out_modules


class Package(PathFinder):
    """Finds modules as the package would: those that are left out do not exist."""

    missed: set[str] = set()  # noqa: RUF012  # the interpreter keeps the class itself, there are no instances

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the interpreter asks for every import."""
        found = PathFinder.find_spec(fullname, path, target)
        if found is not None and not keeps_module(fullname):
            cls.missed.add(fullname)
            return None
        return found


def rehearse(home: Path) -> None:
    """Do what the package must be able to do. Raises ImportError, or AssertionError if the selftest fails."""
    import calotype

    names = [module.name for module in pkgutil.walk_packages(calotype.__path__, "calotype.")]
    for name in names:
        if name != "calotype.__main__":
            importlib.import_module(name)
    for module, attribute in _imported_from_libraries(Path(calotype.__path__[0])):
        if not keeps_module(module):
            raise ImportError(f"{module} is left out")
        if not attribute:
            continue
        # Libraries hand out their parts when they are asked for them; that is when a module is missed.
        if not hasattr(importlib.import_module(module), attribute):
            importlib.import_module(f"{module}.{attribute}")
    _open_window(home)
    from calotype.cli.main import main

    assert main(["selftest", "--home", str(home)]) == 0, "the selftest failed"


def _imported_from_libraries(folder: Path) -> Iterator[tuple[str, str]]:
    """Every import of a library in our code, also inside functions: the module, and which name of it, if one is named.

    Of whole modules nobody can say whether they must be there: some are used where they are installed.
    """
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(("calotype", "__")):
                yield from ((node.module, name.name) for name in node.names)
            elif isinstance(node, ast.Import):
                yield from ((name.name, "") for name in node.names)


def _open_window(home: Path) -> None:
    from calotype.app import make_application, make_window
    from calotype.services.workspace import close_workspace, open_workspace

    application = make_application()
    workspace = open_workspace(home)
    session, window = make_window(application, workspace)
    window.show()
    for page in ("home", "images", "train", "create", "library", "settings"):
        window.show_page(page)
        application.processEvents()
    window.deleteLater()
    session.deleteLater()
    application.processEvents()
    close_workspace(workspace)


def main() -> int:
    """Rehearse in a data folder of its own; the result is the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in left_out_modules() & set(sys.modules):
        del sys.modules[name]  # brought by the path files of an environment for development
    sys.meta_path[:] = [Package if finder is PathFinder else finder for finder in sys.meta_path]
    with tempfile.TemporaryDirectory(prefix="calotype-rehearsal-") as folder:
        try:
            rehearse(Path(folder))
        except (ImportError, AttributeError, RuntimeError, AssertionError) as error:
            sys.stderr.write(f"The package would fail: {error}\nLeft out and asked for: {sorted(Package.missed)}\n")
            return 1
    sys.stdout.write(f"The package has what it needs. Asked for and not missed: {sorted(Package.missed)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
