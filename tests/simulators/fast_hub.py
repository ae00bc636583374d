"""A hub that answers as fast as the machine can: files from disk, handed over by the kernel. For benchmarks.

    python fast_hub.py FOLDER

FOLDER holds `owner/name/...`; each repository has one commit. It prints its address and ends with its stdin.
It does what a pull needs of `simulators.hub` and nothing else, and runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
DIGESTS: dict[Path, str] = {}


def digest(path: Path) -> str:
    """A file's SHA-256, computed once and not while anything is measured."""
    if path not in DIGESTS:
        with path.open("rb") as stream:
            DIGESTS[path] = hashlib.file_digest(stream, "sha256").hexdigest()
    return DIGESTS[path]


def metadata(repository: str) -> dict[str, Any]:
    """The answer to a question for a repository's metadata."""
    root = FOLDER / repository
    siblings = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            size, sha256 = path.stat().st_size, digest(path)
            name = path.relative_to(root).as_posix()
            lfs = {"size": size, "sha256": sha256, "pointerSize": 134}
            siblings.append({"rfilename": name, "size": size, "blobId": "0" * 40, "lfs": lfs})
    return {"id": repository, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}


def tree(repository: str) -> list[dict[str, Any]]:
    """The answer to a question for a repository's files."""
    return [
        {
            "type": "file",
            "path": file["rfilename"],
            "size": file["size"],
            "oid": file["blobId"],
            "lfs": {**file["lfs"], "oid": file["lfs"]["sha256"]},
        }
        for file in metadata(repository)["siblings"]
    ]


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of metadata and files, with ranges."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Keep quiet."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"] and parts[4:5] == ["tree"]:
            self._json(tree("/".join(parts[2:4])))
        elif parts[:2] == ["api", "models"]:
            self._json(metadata("/".join(parts[2:4])))
        else:
            self._file(FOLDER.joinpath(*parts[:2], *parts[4:]))

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _file(self, path: Path) -> None:
        if not path.is_file():
            self.send_error(404)
            return
        size, sha256 = path.stat().st_size, digest(path)
        asked = self.headers.get("Range")
        first, last = (asked or "bytes=0-").removeprefix("bytes=").split("-")
        start, end = int(first), min(size, int(last) + 1 if last else size)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", f'"{sha256}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.end_headers()
        if self.command != "GET":
            return
        self.wfile.flush()
        with path.open("rb") as stream:
            while start < end:
                try:
                    start += os.sendfile(
                        self.connection.fileno(), stream.fileno(), start, end - start
                    )
                except ConnectionError:
                    self.close_connection = True
                    return


def main() -> None:
    """Serve until stdin ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    for path in FOLDER.rglob("*"):
        if path.is_file():
            digest(path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
