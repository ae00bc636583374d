"""Compiles the stand-in for NVIDIA's management library, with whatever C compiler is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("fake_nvml.c")


def c_compiler() -> str | None:
    """Path of `cc`, `gcc` or `clang`, or None."""
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


def build_fake_nvml(folder: Path, compiler: str, *, old_driver: bool = False) -> Path:
    """Make `folder/libnvidia-ml.so.1` and return the folder, for `LD_LIBRARY_PATH`.

    Args:
        old_driver: leave out what drivers before 510 do not have.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror"]
    command += ["-DFAKE_NVML_OLD"] if old_driver else []
    command += ["-o", str(folder / "libnvidia-ml.so.1"), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True)
    return folder
