"""A hub for tests: a real HTTP server that speaks the hub's interface over generated repositories.

It answers what Hugging Face Hub and its mirrors answer to a download: model metadata at a revision, files by
commit, large ones through a redirect to a content address, ranges, entity tags. Each fault of THREATS 33-45
can be switched on, for one path and a number of times:

    with Hub() as hub:
        hub.add("owner/name", {"model.gguf": data})
        hub.fail("flip", path="model.gguf")
        pull(store, PullSpec("owner/name", endpoint=hub.endpoint), gate, report)
        assert [request.path for request in hub.requests] == [...]
"""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, cast
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from simulators.hub_faults import Fault, asked_range

LARGE_BYTES = 1000
"""Files above this, and weights of any size, are large: their metadata has a SHA-256."""

ENDLESS_BYTES = 32 * 1024 * 1024
"""Where even an endless body ends, so that a failing test does."""

PIECE_BYTES = 16 * 1024

INVERTED = bytes(byte ^ 0xFF for byte in range(256))

METADATA = ("api", "list")
"""What faults call the answers that are no files."""

LIST_PAGE = 1000
"""Repositories on one page of a list, unless asked for fewer."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived, and what was answered."""

    method: str
    path: str
    headers: dict[str, str]
    status: int
    sent_bytes: int

    @property
    def start(self) -> int:
        """First byte asked for."""
        return asked_range(self.headers.get("range"))[0]

    @property
    def end(self) -> int | None:
        """One past the last byte asked for, or None: to the file's end."""
        return asked_range(self.headers.get("range"))[1]


@dataclass
class Repository:
    """Commits of a repository, each a set of files, and the names that point to them.

    `details` are fields of its metadata beyond those: `downloads`, `likes`, `tags`, `cardData`, `gguf`, ...
    """

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


class Hub:
    """The server; use it as a context manager."""

    def __init__(
        self, *, base_path: str = "", tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.repositories: dict[str, Repository] = {}
        self._log: list[Request] = []
        self._at_work = 0
        self._idle = threading.Condition()
        self.faults: list[Fault] = []
        self.overrides: dict[str, Any] = {}
        self.answering = 0
        self._guard = threading.Lock()
        self._meetings: dict[int, threading.Barrier] = {}
        self.released = threading.Event()
        self.stalling = threading.Event()
        self.cut = threading.Event()
        self.base_path = base_path
        self._server = _Server((host, 0), _Handler)
        self._server.hub = self
        scheme = "http"
        if tls is not None:
            scheme = "https"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.origin = f"{scheme}://{host}:{self.port}"
        self.endpoint = self.origin + base_path
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, repository: str, files: Mapping[str, bytes], *, name: str = "main") -> str:
        """Commit files; `name` (a branch or tag) points there from now on. Returns the commit."""
        content = {path: hashlib.sha1(data).hexdigest() for path, data in sorted(files.items())}
        commit = hashlib.sha1(json.dumps([repository, content]).encode()).hexdigest()
        target = self.repositories.setdefault(repository, Repository())
        target.commits[commit] = dict(files)
        target.names[name] = commit
        return commit

    @property
    def requests(self) -> list[Request]:
        """Its log, once every request that has an end is answered: a client knows the end a moment earlier."""
        with self._idle:
            self._idle.wait_for(lambda: self._at_work == 0, 10)
            return list(self._log)

    def forget_requests(self) -> None:
        """Begin the log anew."""
        with self._idle:
            self._log.clear()

    def at_work(self, change: int) -> None:
        """A request's handling begins (1), ends, or falls silent without an end in sight (-1)."""
        with self._idle:
            self._at_work += change
            self._idle.notify_all()

    def note(self, request: Request) -> None:
        """Log a request that was answered."""
        with self._idle:
            self._log.append(request)

    def describe(self, repository: str, **details: Any) -> None:
        """Set fields of a repository's metadata, by the hub's own names for them."""
        self.repositories[repository].details.update(details)

    def fail(
        self,
        kind: str,
        *,
        path: str | None = None,
        times: int | None = None,
        skip: int = 0,
        byte: int | None = None,
        **options: Any,
    ) -> Fault:
        """Switch a fault on.

        Kinds for files: `flip` (one bit, `at` a fraction or of the byte `byte`), `break` (connection closed
        after `after` bytes), `short` (a shorter file, honestly framed), `longer` (a longer one), `endless`
        (chunked, without an end), `length` (Content-Length `value`), `etag` (`value`), `no-tag`,
        `ignore-range`, `ignore-if-range`, `wrong-range`, `short-range` (at most `most` bytes of a range),
        `meet` (waits in its middle until `parties` answers do), `gzip`, `stall` (silence after `after` bytes,
        until `hub.released`), `crowded` (`code`, else 503, when more than `most` are answered at once),
        `kill` (calls `kill` after `after` bytes and answers nobody any more until `hub.cut` is cleared),
        `replace` (other bytes of the same length, `honest` about it or not), `redirect` (`to`), `status`
        (`code`, `headers`).
        For `path="api"` (one repository's metadata) and `path="list"` (the list of repositories): `status`,
        `redirect`, `stall`, `gzip`, and `body` (`value`: raw bytes).
        """
        fault = Fault(kind, path, times, skip, byte, options)
        self.faults.append(fault)
        return fault

    def strike(
        self, kind: str, path: str, asked: tuple[int, int | None] = (0, None)
    ) -> dict[str, Any] | None:
        """The options of a fault that strikes an answer now, or None."""
        with self._guard:
            for fault in self.faults:
                if not fault.concerns(kind, path, asked) or (path in METADATA and not fault.path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault.options | ({} if fault.byte is None else {"byte": fault.byte})
        return None

    def meeting(self, parties: int) -> threading.Barrier:
        """Where so many answers wait for one another."""
        with self._guard:
            return self._meetings.setdefault(parties, threading.Barrier(parties))

    def count_answer(self, change: int) -> None:
        """A file's answer begins or ends."""
        with self._guard:
            self.answering += change

    def downloads(self) -> list[Request]:
        """The requests that were answered with bytes of a file."""
        return [r for r in self.requests if "/api/" not in r.path and r.status in (200, 206)]


def metadata(
    files: Mapping[str, bytes],
    commit: str,
    repository: str,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The answer to `/api/models/{repository}/revision/{revision}?blobs=true`."""
    siblings = []
    for path, data in files.items():
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        sibling: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
        if is_large(path, data):
            sha256 = hashlib.sha256(data).hexdigest()
            sibling["lfs"] = {"size": len(data), "sha256": sha256, "pointerSize": 134}
        siblings.append(sibling)
    return {
        "_id": "0" * 24,
        "id": repository,
        "modelId": repository,
        "sha": commit,
        "private": False,
        "gated": False,
        "tags": ["gguf"],
        "lastModified": "2026-04-01T10:00:00.000Z",
        "createdAt": "2026-03-01T10:00:00.000Z",
        "siblings": siblings,
        **(details or {}),
    }


LISTED = ("_id", "id", "modelId", "private", "gated", "tags", "createdAt", "downloads", "likes")
LISTED += ("pipeline_tag", "library_name", "trendingScore")
FULL = ("author", "sha", "lastModified", "siblings")
"""Fields of a repository in a list: always, and with `full=true`."""


def listed(hub: Hub, query: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """The repositories that a list with these parameters holds, in its order; all pages."""
    wanted = {key: values[-1] for key, values in query.items()}
    found = []
    for name, repository in hub.repositories.items():
        commit = repository.names["main"]
        whole = metadata(repository.commits[commit], commit, name, repository.details)
        whole.setdefault("downloads", 0)
        whole.setdefault("likes", 0)
        whole["author"] = name.split("/", maxsplit=1)[0]
        if wanted.get("search", "").lower() not in name.lower():
            continue
        if wanted.get("author", whole["author"]) != whole["author"]:
            continue
        if not set(query.get("filter", [])) <= set(whole["tags"]):
            continue
        if wanted.get("pipeline_tag", whole.get("pipeline_tag")) != whole.get("pipeline_tag"):
            continue
        for sibling in whole["siblings"]:
            for key in ("size", "blobId", "lfs"):
                sibling.pop(key, None)
        found.append(whole)
    order = wanted.get("sort", "trendingScore")
    found.sort(key=lambda entry: entry.get(order, 0), reverse=True)
    keep = {*LISTED, *(FULL if wanted.get("full", "").lower() == "true" else ())}
    if wanted.get("cardData", "").lower() == "true":
        keep.add("cardData")
    if "expand" in query:
        keep = {"_id", "id", *query["expand"]}
    return [{key: value for key, value in entry.items() if key in keep} for entry in found]


def is_large(path: str, data: bytes) -> bool:
    """True for files the hub keeps outside of git."""
    return len(data) > LARGE_BYTES or path.endswith((".gguf", ".safetensors"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are what these tests are about; they are not printed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        return cast("_Server", self.server).hub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Keep standard error for the tests."""

    def do_GET(self) -> None:
        self._sent_bytes = 0
        self._status = 0
        self.hub.at_work(1)
        split = urlsplit(self.path)
        path = unquote(split.path)
        try:
            if not path.startswith(self.hub.base_path):
                self._refuse(404)
                return
            parts = path.removeprefix(self.hub.base_path).strip("/").split("/")
            if parts == ["api", "models"]:
                self._list(parse_qs(split.query))
            elif parts[:2] == ["api", "models"]:
                self._model_info(parts[2:], parse_qs(split.query))
            elif parts[0] == "content":
                self._content(parts[1:])
            elif len(parts) > 4 and parts[2] == "resolve":
                self._resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
            else:
                self._refuse(404)
        finally:
            headers = {key.lower(): value for key, value in self.headers.items()}
            self.hub.note(Request(self.command, path, headers, self._status, self._sent_bytes))
            self.hub.at_work(-1)

    # ---------------------------------------------------------------- metadata

    def _model_info(self, parts: list[str], query: dict[str, list[str]]) -> None:
        repository = "/".join(parts[:2])
        revision = "/".join(parts[3:]) or "main"
        if self._common_fault("api"):
            return
        target = self.hub.repositories.get(repository)
        if target is None:
            # The real hub says 401 to anonymous callers, so as not to tell what exists.
            self._refuse(401, {"X-Error-Code": "RepoNotFound"})
            return
        commit = target.names.get(revision, revision)
        if commit not in target.commits:
            self._refuse(404, {"X-Error-Code": "RevisionNotFound"})
            return
        answer = metadata(target.commits[commit], commit, repository, target.details)
        if query.get("blobs") != ["True"] and query.get("blobs") != ["true"]:
            for sibling in answer["siblings"]:
                for key in ("size", "blobId", "lfs"):
                    sibling.pop(key, None)
        answer.update(self.hub.overrides)
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _list(self, query: dict[str, list[str]]) -> None:
        if self._common_fault("list"):
            return
        found = listed(self.hub, query)
        start = int(query.get("cursor", ["0"])[0])
        end = start + int(query.get("limit", [str(LIST_PAGE)])[0])
        headers = {"Content-Type": "application/json"}
        if end < len(found):
            following = urlencode({**query, "cursor": [str(end)]}, doseq=True)
            headers["Link"] = f'<{self.hub.endpoint}/api/models?{following}>; rel="next"'
        self._send(200, json.dumps(found[start:end]).encode(), headers)

    # ---------------------------------------------------------------- files

    def _resolve(self, repository: str, revision: str, path: str) -> None:
        target = self.hub.repositories.get(repository)
        commit = target.names.get(revision, revision) if target else ""
        if target is None or path not in target.commits.get(commit, {}):
            self._refuse(404, {"X-Error-Code": "EntryNotFound"})
            return
        if self._common_fault(path):
            return
        data = target.commits[commit][path]
        headers = {"X-Repo-Commit": commit}
        if not is_large(path, data):
            self._file(path, data, headers)
            return
        sha256 = hashlib.sha256(data).hexdigest()
        headers |= {"X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{sha256}"'}
        where = f"{self.hub.base_path}/content/{quote(repository)}/{commit}/{quote(path)}"
        self._send(302, b"", {**headers, "Location": where})

    def _content(self, parts: list[str]) -> None:
        repository, commit, path = "/".join(parts[:2]), parts[2], "/".join(parts[3:])
        self._file(path, self.hub.repositories[repository].commits[commit][path], {})

    def _common_fault(self, path: str) -> bool:
        hub = self.hub
        asked = asked_range(self.headers.get("Range"))
        if (options := hub.strike("status", path, asked)) is not None:
            self._refuse(options["code"], options.get("headers", {}))
        elif (options := hub.strike("redirect", path)) is not None:
            self._send(302, b"", {"Location": options["to"]})
        elif (options := hub.strike("body", path)) is not None:
            self._send(200, options["value"], {"Content-Type": "application/json"})
        elif path in METADATA and hub.strike("gzip", path) is not None:
            self._send(200, gzip.compress(b"{}"), {"Content-Encoding": "gzip"})
        elif path in METADATA and hub.strike("stall", path) is not None:
            self._stall()
        else:
            return False
        return True

    def _file(self, path: str, data: bytes, headers: dict[str, str]) -> None:
        hub = self.hub
        asked = asked_range(self.headers.get("Range"))
        crowded = hub.strike("crowded", path, asked)
        hub.count_answer(1)
        try:
            if crowded is not None and hub.answering > crowded["most"]:
                self._refuse(crowded.get("code", 503), crowded.get("headers", {}))
                return
            self._answer_file(path, data, headers, asked)
        finally:
            hub.count_answer(-1)

    def _answer_file(
        self, path: str, data: bytes, headers: dict[str, str], asked: tuple[int, int | None]
    ) -> None:
        hub = self.hub
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        if (options := hub.strike("replace", path, asked)) is not None:
            data = data.translate(INVERTED)
            if options.get("honest", True):
                tag = f'"{hashlib.sha256(data).hexdigest()}"'
        if hub.strike("short", path) is not None:
            data = data[: len(data) // 2]
        if hub.strike("longer", path) is not None:
            data += b"more"
        if (options := hub.strike("etag", path)) is not None:
            tag = options["value"]
        status, start, end = self._range(path, data, tag)
        if (options := hub.strike("flip", path, (start, end))) is not None:
            at = options.get("byte", int(len(data) * options.get("at", 0.5)))
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        headers = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
        if hub.strike("no-tag", path) is not None:
            del headers["ETag"]
        if status == 416:
            self._send(416, b"", {**headers, "Content-Range": f"bytes */{len(data)}"})
            return
        if status == 206:
            if (options := hub.strike("short-range", path)) is not None:
                end = min(end, start + options["most"])
            shown = start + 1 if hub.strike("wrong-range", path) is not None else start
            headers["Content-Range"] = f"bytes {shown}-{end - 1}/{len(data)}"
        self._body(path, status, data[start:end], headers, asked)

    def _range(self, path: str, data: bytes, tag: str) -> tuple[int, int, int]:
        whole = 200, 0, len(data)
        value = self.headers.get("Range")
        start, end = asked_range(value)
        if value is None or self.hub.strike("ignore-range", path, (start, end)) is not None:
            return whole
        condition = self.headers.get("If-Range")
        if condition not in (None, tag) and self.hub.strike("ignore-if-range", path) is None:
            return whole
        end = len(data) if end is None else min(end, len(data))
        return (206, start, end) if start < end else (416, 0, 0)

    def _body(
        self,
        path: str,
        status: int,
        data: bytes,
        headers: dict[str, str],
        asked: tuple[int, int | None],
    ) -> None:
        hub = self.hub
        if hub.strike("gzip", path) is not None:
            self._send(status, gzip.compress(data), {**headers, "Content-Encoding": "gzip"})
        elif hub.strike("endless", path) is not None:
            self._endless(status, data, headers)
        elif (options := hub.strike("length", path)) is not None:
            self._start(status, {**headers, "Content-Length": str(options["value"])})
            self._write(data)
            self.close_connection = True
        elif (options := hub.strike("meet", path, asked)) is not None:
            self._start(status, {**headers, "Content-Length": str(len(data))})
            self._write(data[: len(data) // 2])
            hub.meeting(options["parties"]).wait(30)
            self._write(data[len(data) // 2 :])
        elif (options := hub.strike("break", path, asked)) is not None:
            self._start(status, {**headers, "Content-Length": str(len(data))})
            self._write(data[: options["after"]])
            self._hang_up()
        elif (options := hub.strike("kill", path, asked)) is not None:
            self._start(status, {**headers, "Content-Length": str(len(data))})
            self._write(data[: options["after"]])
            options["kill"]()
            hub.cut.set()
            self._hang_up()
        elif (options := hub.strike("stall", path, asked)) is not None:
            self._start(status, {**headers, "Content-Length": str(len(data))})
            self._write(data[: options["after"]])
            self._stall()
        else:
            self._send(status, data, headers)

    def _endless(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self._start(status, {**headers, "Transfer-Encoding": "chunked"})
        while self._sent_bytes < ENDLESS_BYTES and not self.hub.released.is_set():
            piece = data[:PIECE_BYTES] or b"x"
            self.wfile.write(b"%x\r\n" % len(piece))
            self._write(piece)
            self.wfile.write(b"\r\n")
            data = data[PIECE_BYTES:] or b"x" * PIECE_BYTES
        self._hang_up()

    def _stall(self) -> None:
        self.hub.at_work(-1)
        self.hub.stalling.set()
        self.hub.released.wait(60)
        self.hub.at_work(1)
        self._hang_up()

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    # ---------------------------------------------------------------- answering

    def _refuse(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        self._send(
            status, b'{"error": "no"}', {"Content-Type": "application/json", **(headers or {})}
        )

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self._start(status, {"Content-Length": str(len(body)), **headers})
        self._write(body)

    def _start(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()

    def _write(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            if self.hub.cut.is_set():
                self.close_connection = True
                return
            piece = data[start : start + PIECE_BYTES]
            self.wfile.write(piece)
            self._sent_bytes += len(piece)
        self.wfile.flush()
