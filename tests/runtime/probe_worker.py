"""Our own worker, with operations that try what a worker must not be able to do, or do what it should not.

Run as a script with the worker's arguments; `--without-namespace` leaves that level out.
"""

from __future__ import annotations

import os
import resource  # noqa: F401  # confine() imports it, as nobody may not
import socket
import sys
import threading
from typing import Any

from steelyard.base.errors import Json
from steelyard.runtime import confinement, worker
from steelyard.runtime.job import Job, Operations


def operations() -> Operations:
    return {
        "ping": lambda params, job: params,
        "connect": connect,
        "chatter": chatter,
        "allocate": allocate,
        "wait": wait,
        "ignore": ignore,
        "bug": bug,
        "assert_in_engine": assert_in_engine,
        "stream": stream,
    }


def connect(params: dict[str, Json], _job: Job) -> Json:
    """How far each way out leads."""
    found: dict[str, Json] = {}
    for name, family in {"inet": socket.AF_INET, "inet6": socket.AF_INET6}.items():
        try:
            with socket.socket(family, socket.SOCK_STREAM) as tried:
                tried.settimeout(2)
                tried.connect((str(params["host"]), int(str(params["port"]))))
            found[name] = "connected"
        except OSError as error:
            found[name] = error.errno
    with socket.socket(socket.AF_UNIX) as local:
        found["unix"] = local.fileno() >= 0
    return found


def chatter(_params: dict[str, Json], _job: Job) -> Json:
    """What a library that prints does."""
    print("a line that is no frame")  # noqa: T201
    os.write(1, b"\x00\x00\x00\x02{}")
    os.system("echo from a child")
    return "done"


def allocate(params: dict[str, Json], _job: Job) -> Json:
    """Memory that is really written to."""
    return len(b"x" * int(str(params["size_bytes"])))


def wait(_params: dict[str, Json], job: Job) -> Json:
    """Until cancelled."""
    heard = threading.Event()
    job.on_cancel(heard.set)
    job.emit({"stage": "decode"})
    heard.wait()
    job.check()
    return None


def ignore(_params: dict[str, Json], job: Job) -> Json:
    """Longer than anyone waits, whatever is asked."""
    job.emit({"stage": "decode"})
    threading.Event().wait()
    return None


def bug(_params: dict[str, Json], _job: Job) -> Json:
    raise ZeroDivisionError("nobody foresaw this")


def assert_in_engine(params: dict[str, Json], _job: Job) -> Json:
    """llama.cpp aborts the process when asked both to map a model and not to allocate it."""
    import llama_cpp

    asked = llama_cpp.llama_model_default_params()
    asked.no_alloc, asked.load_mode = True, llama_cpp.LLAMA_LOAD_MODE_MMAP
    llama_cpp.llama_model_load_from_file(str(params["path"]).encode(), asked)
    return "lived"


def stream(params: dict[str, Json], job: Job) -> Json:
    count = int(str(params["count"]))
    for number in range(count):
        job.emit({"number": number})
    return count


def confine_as_nobody(**options: Any) -> str:
    """At the last moment: nobody may not even be allowed to read the interpreter's own library."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    return confinement.confine(**options)


if __name__ == "__main__":
    sys.modules["probe_operations"] = sys.modules["__main__"]
    worker.KINDS["inspect"] = "probe_operations"
    arguments = sys.argv[1:]
    if "--without-namespace" in arguments:
        arguments.remove("--without-namespace")
        confinement.enter_empty_network = lambda _libc: False
    if "--as-nobody" in arguments:
        arguments.remove("--as-nobody")
        worker.confine = confine_as_nobody
    worker.main(arguments)
