"""The virtual environment: a suitable Python, the packages, the engine built for this machine.

What is installed is written into a stamp, so that a second call only compares it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from steps import ROOT, SetupFailed, run, say

SUPPORTED = ((3, 11), (3, 12), (3, 13))

ACCELERATORS = {
    "cpu": "",
    "cuda": "-DGGML_CUDA=on",
    "vulkan": "-DGGML_VULKAN=on",
    "metal": "-DGGML_METAL=on",
}
"""CMake arguments of each way to build the engine."""

CPU_TORCH = "torch==2.13.0"
"""Pinned on machines without an accelerator: an open range takes several gigabytes of CUDA packages."""


@dataclass(frozen=True)
class Environment:
    """A prepared virtual environment."""

    folder: Path

    def program(self, name: str) -> Path:
        """The path of a program in it."""
        if os.name == "nt":
            return self.folder / "Scripts" / f"{name}.exe"
        return self.folder / "bin" / name

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.program("python")


def find_python() -> Path:
    """A Python that Steelyard supports: this one, or another on the path.

    Raises:
        SetupFailed: there is none.
    """
    if sys.version_info[:2] in SUPPORTED:
        return Path(sys.executable)
    for major, minor in reversed(SUPPORTED):
        found = shutil.which(f"python{major}.{minor}")
        if found:
            return Path(found)
    raise SetupFailed(
        f"Steelyard needs Python 3.11, 3.12 or 3.13; this is {platform.python_version()}.\n"
        "Install one of them (Debian 12: python3, Ubuntu 24.04: python3) and try again."
    )


def engine_requirement() -> str:
    """The pinned llama-cpp-python of pyproject.toml."""
    match = re.search(r'"(llama-cpp-python==[^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    if match is None:
        raise SetupFailed("pyproject.toml does not pin llama-cpp-python.")
    return match.group(1)


def _processor() -> str:
    """What the engine is compiled for: a wheel built natively runs only on such a processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    kept = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    return "\n".join(sorted(set(kept)))


def wheel_cache(accelerator: str) -> Path:
    """Where the built engine is kept for the next environment on this machine."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256(
        f"{engine_requirement()} {platform.machine()} {_processor()}".encode()
    ).hexdigest()[:12]
    return base / "steelyard" / "wheels" / f"{accelerator}-{key}"


def _stamp(extras: set[str], accelerator: str) -> dict[str, str | list[str]]:
    project = (ROOT / "pyproject.toml").read_bytes()
    return {
        "project": hashlib.sha256(project + str(ROOT).encode()).hexdigest(),
        "extras": sorted(extras),
        "accelerator": accelerator,
    }


def _installed(venv: Path) -> dict[str, str | list[str]]:
    try:
        stamp = json.loads((venv / "steelyard-setup.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_ready(venv: Path, extras: set[str], accelerator: str) -> bool:
    """True when the environment holds at least what is asked for, from this very pyproject.toml."""
    have, want = _installed(venv), _stamp(extras, accelerator)
    return (
        have.get("project") == want["project"]
        and have.get("accelerator") == accelerator
        and extras <= set(have.get("extras", []))
        and Environment(venv).program("steelyard").exists()
    )


def prepare(
    venv: Path, python: Path, extras: set[str], accelerator: str, wheelhouse: Path | None
) -> Environment:
    """Make the environment hold what is asked for; nothing is done when it does already.

    Raises:
        SetupFailed: a step could not be done.
    """
    prepared = Environment(venv.absolute())
    if is_ready(venv, extras, accelerator):
        say(f"{venv} is ready")
        return prepared
    extras |= set(_installed(venv).get("extras", []))
    if not prepared.python.exists():
        say(f"making a virtual environment in {venv} with {python}")
        run([python, "-m", "venv", venv], failing="The virtual environment could not be made")
    source = _source(wheelhouse)
    _install_engine(prepared, accelerator, wheelhouse, source)
    names = f"[{','.join(sorted(extras))}]" if extras else ""
    wanted = ["--editable", f"{ROOT}{names}"]
    if "transformers" in extras and accelerator == "cpu":
        wanted.append(CPU_TORCH)
    say(f"installing Steelyard{names} and what it needs")
    run(
        [prepared.python, "-m", "pip", "install", "-q", *source, *wanted],
        failing="The packages could not be installed; the lines above say which",
        environment=_quiet_pip(),
    )
    stamp = _stamp(extras, accelerator)
    (venv / "steelyard-setup.json").write_text(json.dumps(stamp), "utf-8")
    return prepared


def _source(wheelhouse: Path | None) -> list[str]:
    if wheelhouse is None:
        return []
    if not wheelhouse.is_dir():
        raise SetupFailed(f"The wheelhouse {wheelhouse} is not a folder.")
    return ["--no-index", "--find-links", str(wheelhouse.absolute())]


def _quiet_pip() -> dict[str, str]:
    return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


def built_engine(accelerator: str, wheelhouse: Path | None) -> Path | None:
    """A wheel of the engine that is already there, in the wheelhouse or in this machine's cache."""
    version = engine_requirement().partition("==")[2]
    pattern = f"llama_cpp_python-{version}-*.whl"
    for folder in (wheelhouse, wheel_cache(accelerator)):
        if folder is not None and (wheels := sorted(folder.glob(pattern))):
            return wheels[0]
    return None


def _install_engine(
    venv: Environment, accelerator: str, wheelhouse: Path | None, source: list[str]
) -> None:
    wheel = built_engine(accelerator, wheelhouse)
    if wheel is None:
        wheel = _build_engine(venv, accelerator, source)
    say(f"installing {wheel.name}")
    run(
        [
            venv.python,
            "-m",
            "pip",
            "install",
            "-q",
            "--force-reinstall",
            "--no-deps",
            *source,
            wheel,
        ],
        failing="The engine could not be installed",
        environment=_quiet_pip(),
    )


def _build_engine(venv: Environment, accelerator: str, source: list[str]) -> Path:
    cache = wheel_cache(accelerator)
    requirement = engine_requirement()
    say(f"building {requirement} for {accelerator}; this takes about 4 minutes on two cores, once")
    environment = _quiet_pip()
    flags = ACCELERATORS[accelerator]
    if flags:
        environment["CMAKE_ARGS"] = f"{environment.get('CMAKE_ARGS', '')} {flags}".strip()
    cache.mkdir(parents=True, exist_ok=True)
    # pip's own cache of built wheels does not know the CMake arguments; ours is kept by them.
    command = [venv.python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-cache-dir", *source]
    run(
        [*command, "--wheel-dir", cache, requirement],
        failing="The engine could not be built; the lines above say why",
        environment=environment,
    )
    wheel = built_engine(accelerator, None)
    if wheel is None:
        raise SetupFailed(f"The build left no wheel in {cache}.")
    return wheel


def version_of(python: Path) -> tuple[int, int]:
    """Major and minor version of another Python."""
    code = "import sys; print(*sys.version_info[:2])"
    shown = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    major, minor = shown.stdout.split()
    return int(major), int(minor)
