"""How a worker is started: which command, and the few environment variables it may see.

Credentials, proxies, `PYTHONPATH` and `LD_PRELOAD` of the person's shell never reach a worker.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import steelyard

_PASSED = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
        # Where accelerator libraries lie and which devices to use.
        "LD_LIBRARY_PATH", "CUDA_PATH", "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES",
        "NVIDIA_DRIVER_CAPABILITIES", "HIP_PATH", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
        "VK_DRIVER_FILES", "VK_ICD_FILENAMES", "OMP_NUM_THREADS",
        # Windows does not start a process without them.
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "LOCALAPPDATA",
        "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    }
)  # fmt: skip

_FIXED = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    # Else a failed assertion in the engine would start a debugger on the process.
    "GGML_NO_BACKTRACE": "1",
    # numpy only holds candidates for sampling; its BLAS needs no threads and no buffers for them.
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


def worker_command(kind: str, *, address_space_bytes: int | None = None) -> list[str]:
    """The command of a worker of `kind`, from a checkout, an installed wheel or a frozen executable."""
    # -P: the folder one happens to stand in is not a place to import from.
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable]
    command += ["--worker"] if frozen else ["-P", "-m", "steelyard.runtime.worker"]
    command += [kind, "--parent", str(os.getpid())]
    if address_space_bytes is not None:
        command += ["--address-space-bytes", str(address_space_bytes)]
    return command


def worker_environment(
    source: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a worker sees: an allow-list of `source` (default: this process's), fixed values, then `extra`."""
    source = os.environ if source is None else source
    kept = {
        name: value
        for name, value in source.items()
        if name.upper() in _PASSED or name.startswith("LC_")
    }
    return kept | _FIXED | _package_path() | dict(extra or {})


def _package_path() -> dict[str, str]:
    """`PYTHONPATH` for a package that is not installed where Python looks anyway."""
    root = Path(steelyard.__file__).resolve().parent.parent
    if getattr(sys, "frozen", False) or root.name in {"site-packages", "dist-packages"}:
        return {}
    return {"PYTHONPATH": str(root)}
