"""A worker made for trouble: it answers `hello` as ours does, then runs what it was given.

Run as a script, without our package.
"""

import json
import os  # noqa: F401  # for the given lines
import signal  # noqa: F401
import struct
import sys
import threading  # noqa: F401
import time  # noqa: F401

out = sys.stdout.buffer


def read():
    (size,) = struct.unpack(">I", sys.stdin.buffer.read(4))
    return json.loads(sys.stdin.buffer.read(size))


def send(frame):
    body = json.dumps(frame).encode()
    out.write(struct.pack(">I", len(body)) + body)
    out.flush()


hello = read()
send({"id": hello["id"], "ok": True, "result": {"confinement": "none"}})
exec(sys.argv[1])
