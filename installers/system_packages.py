"""What the operating system must provide, looked for by what is used rather than by package name.

As root on Debian or Ubuntu the missing packages are installed; elsewhere they are named exactly.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment import version_of
from steps import SetupFailed, run, say

WINDOW_LIBRARIES = {
    # Qt's xcb plugin names only xcb-cursor0 when any of these is what is missing.
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Shared libraries the window opens on Linux, with their Debian packages."""

RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
"""Names since the 64-bit time transition (Ubuntu 24.04, Debian 13)."""


def require(python: Path, *, window: bool, build: bool, testing: bool) -> None:
    """Make sure the system has what the next steps use.

    Args:
        python: the Python the environment is made with.
        window: Qt's libraries and a font are needed.
        build: a virtual environment is to be made and the engine may have to be compiled.
        testing: a virtual display is needed.

    Raises:
        SetupFailed: something is missing and could not be installed; names it.
    """
    if not sys.platform.startswith("linux"):
        _require_elsewhere(build=build)
        return
    missing = _missing(python, window=window, build=build, testing=testing)
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise SetupFailed(
            "These are missing; install what provides them (Debian's names): " + " ".join(missing)
        )
    missing = [_present_name(name) for name in missing]
    if os.geteuid() != 0:
        raise SetupFailed(
            "System packages are missing. Install them and try again:\n"
            f"    sudo apt-get install --no-install-recommends {' '.join(missing)}"
        )
    _install(missing)
    still = _missing(python, window=window, build=build, testing=testing)
    if still:
        raise SetupFailed(f"Installed, and yet still missing: {' '.join(still)}")


def _require_elsewhere(*, build: bool) -> None:
    if not build or shutil.which("cl") or shutil.which("clang") or shutil.which("cc"):
        return
    compiler = (
        "the Xcode command line tools (xcode-select --install)"
        if sys.platform == "darwin"
        else "Visual Studio's C++ build tools, from a developer prompt"
    )
    raise SetupFailed(f"The engine is compiled once; that needs {compiler}.")


def _missing(python: Path, *, window: bool, build: bool, testing: bool) -> list[str]:
    names = []
    if build:
        if not _can_make_environments(python):
            major, minor = version_of(python)
            names.append(f"python{major}.{minor}-venv")
        if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
            names.append("g++")
        if not (shutil.which("make") or shutil.which("ninja")):
            names.append("make")
    if window:
        names += [name for soname, name in WINDOW_LIBRARIES.items() if not _loads(soname)]
        if not _has_font():
            names += ["fontconfig", "fonts-dejavu-core"]
    if testing and shutil.which("Xvfb") is None:
        names += ["xvfb", "xauth"]
    return names


def _can_make_environments(python: Path) -> bool:
    check = [str(python), "-c", "import ensurepip, venv"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders if folder.is_dir())


def _present_name(name: str) -> str:
    other = RENAMED.get(name)
    if other is None:
        return name
    known = subprocess.run(["apt-cache", "show", other], capture_output=True, check=False)
    return other if known.returncode == 0 else name


def _install(names: list[str]) -> None:
    say(f"installing system packages: {' '.join(names)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(
        ["apt-get", "update", "-q"],
        failing="The package lists could not be fetched",
        environment=environment,
    )
    run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names],
        failing="The system packages could not be installed",
        environment=environment,
    )
