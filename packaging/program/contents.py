"""What the package leaves out of the libraries that it ships, and why: every line is a decision.

`rehearse.py` runs the app with all this blocked, which finds a wrong line in half a minute instead of after a build.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# Modules that must not be followed: neither they nor what only they need is collected.
LEFT_OUT: dict[str, str] = {
    "tkinter": "another toolkit for windows, and the X11 stack of the build machine with it",
    "_tkinter": "the same",
    "turtle": "draws with tkinter",
    "turtledemo": "the same",
    "idlelib": "an editor",
    "lib2to3": "rewrites Python 2",
    "readline": "its library is under the GPL; no terminal of ours asks for a line",
    "curses": "draws in terminals",
    "_curses": "the same",
    "_curses_panel": "the same",
    "nis": "a directory of users from the 1980s, with two libraries of the build machine",
    "crypt": "old hashes of passwords, with a library of the build machine",
    "_crypt": "the same",
    "ensurepip": "installs pip; no pip ever runs on the user's machine",
    "pip": "the same",
    "venv": "the same",
    "setuptools": "torch asks for it to compile extensions, which needs a compiler",
    "pkg_resources": "part of setuptools",
    "_distutils_hack": "part of setuptools",
    "pytest": "tests",
    "_pytest": "tests",
    "IPython": "notebooks; several libraries look for it",
    "matplotlib": "plots of libraries that we do not call; a build machine may have it",
    "pandas": "the same",
    "scipy": "the same",
    "sklearn": "the same",
    "tensorboard": "the same; our own writer makes the files",
    "tensorflow": "another deep learning library that transformers would look at",
    "jax": "the same",
    "flax": "the same",
    "onnx": "export to a format that no LoRA uses",
    "triton": "compiles for GPUs; it comes with a GPU pack or not at all",
    "networkx": "only the compiler of torch asks for it, when it runs",
    "hf_xet": "a download library with its own network stack; downloads here use the standard library",
    "torch.test": "tests",
    "torch.utils.tensorboard": "needs tensorboard",
    "torch.utils.benchmark": "compiles C++",
    "torch.testing._internal.opinfo": "tests; the rest of torch.testing._internal is imported by torch itself",
    "torch.testing._internal.common_methods_invocations": "tests",
    "torch.testing._internal.common_modules": "tests",
    "torch.testing._internal.generated": "tests",
    "torch._lazy.ts_backend": "another backend",
    "torch.utils.model_dump": "a web page about pickles",
    "numpy.f2py": "compiles Fortran",
    "sympy.testing": "tests",
    "mpmath.tests": "tests",
    "diffusers.pipelines": "drawing and training use the parts, not the pipelines; they would bring 500 more modules",
    "diffusers.modular_pipelines": "the same",
    "PySide6.QtNetwork": "the window opens no connection",
    "PySide6.QtQml": "a second language for windows",
    "PySide6.QtQuick": "the same",
    "PySide6.QtQuickWidgets": "the same",
    "PySide6.QtDesigner": "an editor",
    "PySide6.QtHelp": "help files that we do not have",
    "PySide6.QtSql": "the index is opened by the standard library",
    "PySide6.QtUiTools": "windows are written in code",
    "PySide6.QtXml": "not used",
    "PySide6.scripts": "tools for developers",
    "PyQt5": "pyqtgraph looks for other Qts; two in one program crash",
    "PyQt6": "the same",
    "PySide2": "the same",
    "OpenGL": "three-dimensional plots",
    "pyqtgraph.examples": "examples",
    "pyqtgraph.opengl": "three-dimensional plots",
    "pyqtgraph.jupyter": "notebooks",
}

# transformers brings 540 kinds of models, 100 MB, and reads a folder for each when it is imported. These stay: the
# text encoders and image models that the app loads, and those that `transformers` and `peft` import by themselves.
KEPT_MODELS = frozenset(
    {"auto", "clip", "dinov2", "dinov2_with_registers", "encoder_decoder", "bloom", "siglip", "vit_mae"}
)

# Files that are collected with a library and not needed, by their place in the package, with forward slashes.
DROPPED: tuple[tuple[str, str], ...] = (
    (r"torch/(test|include|share)/", "tests, headers and build files"),
    (r"torch/bin/(?!torch_shm_manager)", "tests and a compiler"),
    (r"torch/lib/(lib)?(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)\.", "tests"),
    (r"torch/lib/.*\.lib$", "for linking on Windows"),
    (r"torch/.*\.(h|hpp|cuh|cu|cpp|cc|cmake|pyi|a|jinja|yaml)$", "source for compilers"),
    (r"torchgen/packaged/", "source for compilers"),
    (r"(diffusers|transformers|accelerate)/(commands|cli)/", "their own terminals"),
    (r"pyqtgraph/(examples|opengl|jupyter|icons/.*\.png)", "examples and three-dimensional plots"),
    (r"(sympy|mpmath|numpy)/(.*/)?tests?/", "tests"),
    (r"PySide6/(Qt/)?(qml|metatypes|libexec|resources)/", "for a second language and for developers"),
    (r"PySide6/(Qt/)?translations/(?!qtbase_)", "texts of parts that are left out"),
    (
        r"PySide6/(Qt/)?plugins/(designer|qmllint|qmltooling|sqldrivers|egldeviceintegrations|vectorimageformats|generic"
        r"|networkinformation|tls|printsupport|wayland-graphics-integration-server)/",
        "plugins of parts that are left out, and of devices without a desktop",
    ),
    (r"PySide6/(Qt/)?plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.", "no desktop"),
    (r"PySide6/Qt/plugins/platformthemes/libqgtk3\.", "would bring half of the GTK of the build machine"),
    (r"PySide6/(Qt/)?plugins/platforminputcontexts/(lib)?qtvirtualkeyboard", "needs the second language"),
    (
        r"PySide6/(Qt/)?plugins/imageformats/(lib)?q(pdf|tga|wbmp|icns)\.",
        "Pillow reads pictures; these need more libraries",
    ),
    (
        r"PySide6/(Qt/lib/(lib)?)?Qt6?(Qml|Quick|Designer|Help|Pdf|Sql|Labs|Egl[Ff][Ss]|WaylandCompositor|VirtualKeyboard"
        r"|UiTools|Test|Network|PrintSupport|Concurrent)",
        "libraries of parts that are left out",
    ),
    (r"(api-ms-win-[^/]*|ucrtbase)\.dll$", "parts of Windows 10 and newer, which uses its own whatever lies here"),
    (r"[^/]+\.dist-info/licen[cs]es/", "whole in LICENCES.txt; paths of 180 letters, with 260 the most on Windows"),
    (r"[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|sboms/)", "about the machine that built this"),
    (r"(networkx|hf_xet|setuptools|pyinstaller[^/]*)-[^/]+\.dist-info/", "about libraries that are left out"),
    (r"setuptools/", "needs a compiler"),
)
_DROPPED = tuple(re.compile(pattern) for pattern, _ in DROPPED)
_MODEL = re.compile(r"transformers[./]models[./]([^./]+)[./]?")
# Some tests lie in modules of their own beside what they test. (`jinja2.tests` is no test.)
_TEST_MODULE = re.compile(r"(sympy|mpmath|numpy|pyqtgraph)\.(.*\.)?tests?(\.|$)")


@cache
def left_out_modules() -> frozenset[str]:
    """The names of all modules that must not be followed, those of transformers' models included."""
    return frozenset({*LEFT_OUT, *_left_out_models()})


def keeps_module(name: str) -> bool:
    """Whether a module of Python code belongs into the package."""
    parts = name.split(".")
    heads = {".".join(parts[: count + 1]) for count in range(len(parts))}
    return not (_TEST_MODULE.match(name) or heads & left_out_modules())


def keeps_file(place: str) -> bool:
    """Whether a file belongs into the package, by its place in it."""
    path = place.replace("\\", "/")
    if any(pattern.match(path) for pattern in _DROPPED):
        return False
    model = _MODEL.match(path)
    return model is None or "." in path.split("/")[2] or model.group(1) in KEPT_MODELS


def _left_out_models() -> list[str]:
    spec = find_spec("transformers")
    if spec is None or spec.origin is None:
        return []
    models = Path(spec.origin).with_name("models")
    names = [path.name for path in models.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    return [f"transformers.models.{name}" for name in names if name not in KEPT_MODELS]
