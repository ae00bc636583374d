"""How many bytes llama.cpp takes, or would take, per device: exactly where it tells, else as it prints them.

llama.cpp keeps exact sizes in a C++ map that is not part of its C interface. On Linux, where that map is
libstdc++'s, it is read by its layout, checked first against everything the layout implies and then against
the sizes llama.cpp itself prints. Anywhere else, or when a check fails, only the printed sizes remain,
which are rounded to 0.01 MiB. Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import ctypes
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import llama_cpp
from llama_cpp import llama_cpp as low_level

MIB = 1024 * 1024
PRINTED_TO_BYTES = MIB // 100
"""The grain of a printed size: llama.cpp writes MiB with two decimals."""

_ERROR_LEVEL = 4  # ggml.h, enum ggml_log_level: debug 1, info 2, warn 3, error 4
_MAP_SYMBOL = "_Z26llama_get_memory_breakdownPK13llama_context"
_MOST_BUFFER_TYPES = 64
_GPU_KINDS = (1, 2)  # ggml-backend.h, enum ggml_backend_dev_type: GPU, integrated GPU

_PRINTED = re.compile(
    r"(?P<where>\S+)\s+(?P<what>output|compute|KV|RS) buffer size =\s*(?P<mib>[\d.]+) MiB"
)
_PRINTED_CONTEXT = re.compile(r"^(?P<where>\w+): size =\s*(?P<mib>[\d.]+) MiB \(\s*\d+ cells")


_NOBODY = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)


@dataclass(frozen=True)
class PrintedSize:
    """One size from the log. `what` is `output`, `compute` or `context` (KV cache or recurrent state)."""

    what: str
    where: str
    mib: float


@dataclass
class SizeLog:
    """What llama.cpp said while it loaded: the sizes it printed and what it complained about."""

    sizes: list[PrintedSize] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def read(self, level: int, line: str) -> None:
        """Take in one log line."""
        if level == _ERROR_LEVEL and line.strip():
            self.errors.append(line.strip())
        if found := _PRINTED_CONTEXT.match(line):
            self.sizes.append(PrintedSize("context", found["where"], float(found["mib"])))
        elif (found := _PRINTED.search(line)) and found["what"] in ("output", "compute"):
            self.sizes.append(PrintedSize(found["what"], found["where"], float(found["mib"])))

    def total_bytes(self, what: str) -> int:
        """Sum of the printed sizes of one sort, as exact as printing left it."""
        return round(sum(size.mib for size in self.sizes if size.what == what) * MIB)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Send llama.cpp's log here for the length of the context, and nowhere afterwards."""

        def hear(level: int, text: bytes, _data: object) -> None:
            self.read(level, text.decode("utf-8", "replace"))

        listener = llama_cpp.llama_log_callback(hear)  # must live as long as llama.cpp may call it
        llama_cpp.llama_log_set(listener, ctypes.c_void_p(0))
        try:
            yield
        finally:
            llama_cpp.llama_log_set(_NOBODY, ctypes.c_void_p(0))


@dataclass(frozen=True)
class BufferSizes:
    """What one of the engine's buffer types holds; `kind` is `cpu` or `gpu`. Bytes."""

    device: str
    kind: str
    buffer_type: str
    weights_bytes: int
    context_bytes: int
    compute_bytes: int


class _Map(ctypes.Structure):
    """libstdc++ `std::map` (bits/stl_tree.h): comparator, then the header node, then the count."""

    _fields_ = (
        ("comparator", ctypes.c_size_t),  # an empty class: never written
        ("colour", ctypes.c_int),
        ("root", ctypes.c_size_t),
        ("leftmost", ctypes.c_size_t),
        ("rightmost", ctypes.c_size_t),
        ("count", ctypes.c_size_t),
    )


class _Node(ctypes.Structure):
    """A node of it: `std::pair<ggml_backend_buffer_type_t, {size_t model, context, compute}>`."""

    _fields_ = (
        ("colour", ctypes.c_int),
        ("parent", ctypes.c_size_t),
        ("left", ctypes.c_size_t),
        ("right", ctypes.c_size_t),
        ("buffer_type", ctypes.c_size_t),
        ("weights", ctypes.c_size_t),
        ("context", ctypes.c_size_t),
        ("compute", ctypes.c_size_t),
    )


def exact_sizes(context: int, log: SizeLog) -> tuple[BufferSizes, ...] | None:
    """The engine's own byte counts for a context, or None where they cannot be had or do not check out.

    Args:
        context: a `llama_context` pointer.
        log: what was printed while it was made; the map is believed only when both agree.
    """
    found = _read_map(context)
    if found is None:
        return None
    agreed = all(
        abs(sum(exact) - log.total_bytes(what)) <= _slack_bytes(log, what)
        for what, exact in (
            ("context", [size.context_bytes for size in found]),
            ("compute", [size.compute_bytes for size in found]),
        )
    )
    return found if agreed else None


def _slack_bytes(log: SizeLog, what: str) -> int:
    # One grain for each printed figure, and the padding between a cache's tensors, which is not printed.
    return PRINTED_TO_BYTES * (1 + sum(size.what == what for size in log.sizes)) + 64 * 1024


def _read_map(context: int) -> tuple[BufferSizes, ...] | None:
    library = low_level._lib
    if platform.system() != "Linux" or sys.maxsize < 2**32 or not hasattr(library, _MAP_SYMBOL):
        return None
    get = library[_MAP_SYMBOL]
    # A class with a destructor is returned through a hidden pointer, as C returns a structure this large.
    get.restype, get.argtypes = _Map, [ctypes.c_void_p]
    breakdown = get(context)
    plausible = (
        breakdown.colour == 0  # the header node is red; libc++ would have a pointer here
        and 0 < breakdown.count <= _MOST_BUFFER_TYPES
        and all(
            address > 4096 and address % 8 == 0
            for address in (breakdown.root, breakdown.leftmost, breakdown.rightmost)
        )
    )
    if not plausible:
        return None
    nodes = list(_in_order(breakdown.root))
    if len(nodes) != breakdown.count or any(node.colour not in (0, 1) for node in nodes):
        return None
    ggml = _ggml_base()
    return tuple(_described(ggml, node) for node in nodes)


def _in_order(address: int, depth: int = 0) -> Iterator[_Node]:
    if not address or depth > _MOST_BUFFER_TYPES:
        return
    node = _Node.from_address(address)
    yield from _in_order(node.left, depth + 1)
    yield node
    yield from _in_order(node.right, depth + 1)


def _ggml_base() -> ctypes.CDLL:
    # libllama is linked against libggml-base, so its functions resolve through the same handle.
    library: ctypes.CDLL = low_level._lib
    results = {
        "ggml_backend_buft_name": ctypes.c_char_p,
        "ggml_backend_dev_name": ctypes.c_char_p,
        "ggml_backend_buft_get_device": ctypes.c_void_p,
        "ggml_backend_buft_is_host": ctypes.c_bool,
        "ggml_backend_dev_type": ctypes.c_int,
    }
    for name, result in results.items():
        function = getattr(library, name)  # library[name] would be a new object every time
        function.restype, function.argtypes = result, [ctypes.c_void_p]
    return library


def _described(ggml: ctypes.CDLL, node: _Node) -> BufferSizes:
    device = ggml.ggml_backend_buft_get_device(node.buffer_type)
    on_gpu = (
        device is not None
        and not ggml.ggml_backend_buft_is_host(node.buffer_type)
        and ggml.ggml_backend_dev_type(device) in _GPU_KINDS
    )
    return BufferSizes(
        device=ggml.ggml_backend_dev_name(device).decode() if on_gpu else "CPU",
        kind="gpu" if on_gpu else "cpu",
        buffer_type=ggml.ggml_backend_buft_name(node.buffer_type).decode(),
        weights_bytes=node.weights,
        context_bytes=node.context,
        compute_bytes=node.compute,
    )
