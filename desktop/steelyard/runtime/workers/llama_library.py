"""llama.cpp as a library: loaded once per process, its log kept and quiet, its devices listed.

Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from functools import cache
from types import SimpleNamespace
from typing import Any

from steelyard.base.errors import Json
from steelyard.runtime.errors import EngineMissing
from steelyard.runtime.workers.installation import engine_did_not_load

try:
    import llama_cpp
    from llama_cpp import llama_cpp as low_level
    from llama_cpp._ctypes_extensions import load_shared_library
except (ImportError, OSError, RuntimeError) as error:
    # RuntimeError is what the binding raises when its own shared library does not load.
    raise engine_did_not_load("llama.cpp", error) from error

_WARN, _ERROR, _CONTINUATION = 3, 4, 5  # ggml.h, enum ggml_log_level
_KINDS = {
    0: "cpu",
    1: "gpu",
    2: "gpu",
    3: "accelerator",
}  # ggml-backend.h, enum ggml_backend_dev_type
_KEPT_LINES = 400


class EngineLog:
    """llama.cpp's log: the last lines kept, warnings and errors also on standard error.

    Standard error matters when the process dies: the parent shows its last lines.
    """

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self.problems: deque[str] = deque(maxlen=_KEPT_LINES)
        self._level = 0
        self._callback = llama_cpp.llama_log_callback(self._hear)
        llama_cpp.llama_log_set(self._callback, ctypes.c_void_p(0))

    def clear(self) -> None:
        """Forget what was said so far."""
        self.lines.clear()
        self.problems.clear()

    def _hear(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        self._level = self._level if level == _CONTINUATION else level
        if not line or line.strip(".") == "":
            return
        self.lines.append(line)
        if self._level in (_WARN, _ERROR):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        if self._level == _ERROR:
            self.problems.append(line)


def build() -> dict[str, str]:
    """`{"name", "version", "build"}` of the engine: the binding's version and llama.cpp's own words."""
    words = [
        f"llama.cpp {_says('llama_version')}",
        f"ggml {_says('ggml_version')} {_says('ggml_commit')}",
        llama_cpp.llama_print_system_info().decode("utf-8", "replace").strip(),
    ]
    return {
        "name": "llama.cpp",
        "version": f"llama-cpp-python {llama_cpp.__version__}",
        "build": "; ".join(words),
    }


def devices() -> list[Json]:
    """ggml's devices: `{name, description, kind, total_bytes, free_bytes}` each.

    For the processor ggml reports free memory equal to total; ask the operating system for that.
    """
    llama_cpp.llama_backend_init()
    of = _device_functions()
    return [_described(of, of.get(index)) for index in range(of.count())]


def _described(of: SimpleNamespace, device: int) -> Json:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    of.memory(device, ctypes.byref(free), ctypes.byref(total))
    kind = of.type(device)
    return {
        "name": of.name(device).decode("utf-8", "replace"),
        "description": of.description(device).decode("utf-8", "replace").strip(),
        "kind": _KINDS.get(kind, f"kind {kind}"),
        "total_bytes": total.value,
        "free_bytes": free.value,
    }


def _says(name: str) -> str:
    function = _function(name)
    if function is None:
        return "of unknown version"
    function.restype, function.argtypes = ctypes.c_char_p, []
    return (function() or b"").decode("utf-8", "replace")


def _function(name: str) -> Any:
    """A function the libraries export and the binding does not wrap, or None."""
    for library in _libraries():
        if (function := getattr(library, name, None)) is not None:
            return function
    return None


@cache
def _libraries() -> tuple[ctypes.CDLL, ...]:
    # Where shared libraries resolve names through their dependencies, one handle finds everything.
    if os.name != "nt":
        return (low_level._lib,)
    others = (load_shared_library(name, low_level._base_path) for name in ("ggml", "ggml-base"))
    return (low_level._lib, *others)


@cache
def _device_functions() -> SimpleNamespace:
    """ggml's device functions, with their types (ggml-backend.h)."""
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    size_pointer = ctypes.POINTER(ctypes.c_size_t)
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "count": (ctypes.c_size_t, []),
        "get": (pointer, [ctypes.c_size_t]),
        "name": (text, [pointer]),
        "description": (text, [pointer]),
        "type": (ctypes.c_int, [pointer]),
        "memory": (None, [pointer, size_pointer, size_pointer]),
    }
    found = SimpleNamespace()
    for name, (result, arguments) in signatures.items():
        function = _function(f"ggml_backend_dev_{name}")
        if function is None:
            raise EngineMissing(
                "This build of llama.cpp does not tell which devices it sees.",
                next_step="Install the version of llama-cpp-python that Steelyard names.",
                engine="llama.cpp",
                library="llama-cpp-python",
            )
        function.restype, function.argtypes = result, arguments
        setattr(found, name, function)
    return found
