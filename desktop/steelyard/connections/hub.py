"""A session with one hub: what a repository holds, and its files as streams, several at once.

Metadata comes through `huggingface_hub` (`HfApi.model_info`), files through a client of our own on the same
transport, because the library checks sizes only and names files by what the server sends. Without a session
that library cannot connect at all in this process.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2

from steelyard.base.clock import Clock, utc_now
from steelyard.base.errors import RefusedByPolicy, RemoteFailure
from steelyard.connections.body import HttpBody
from steelyard.connections.errors import (
    FileNotInRepository,
    Gated,
    RangeRefused,
    RepositoryNotFound,
)
from steelyard.connections.failures import RETRIABLE, malformed, server_failure, transport_errors
from steelyard.connections.repository import Listing, RemoteFile
from steelyard.connections.transport import DOWNLOAD, GatedTransport

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

MAX_REDIRECTS = 5
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for a connection, and for the next bytes on one, in seconds."""

    connect_s: float = 15.0
    read_s: float = 30.0

    def as_httpx(self) -> httpx2.Timeout:
        """For the client."""
        return httpx2.Timeout(self.read_s, connect=self.connect_s)


_in_force: ContextVar[GatedTransport | None] = ContextVar("hub_transport", default=None)
_hook = threading.Lock()
_hooked = False


class _SessionOnly(httpx2.BaseTransport):
    """What the hub library gets for a transport: that of the session this thread is in.

    What may be tried again is raised here in our own words: the library would try again by itself, up to half a
    minute, without looking at whether it was called off.
    """

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        transport = _in_force.get()
        if transport is None:
            raise RefusedByPolicy(
                f"A library tried to reach {request.url.host} outside of any download.",
                key="network",
                origin="built in",
            )
        with transport_errors(str(request.url)):
            response = transport.handle_request(request)
            if response.status_code in RETRIABLE:
                response.close()
                raise server_failure(response, request.url.host, utc_now())
            response.read()
        return response


def hook_library() -> None:
    """Give `huggingface_hub` our transport, once for the life of this process."""
    global _hooked  # noqa: PLW0603  # the library's own hook is global as well
    # Half a second, paid by pulls only.
    from huggingface_hub import constants, set_client_factory  # noqa: PLC0415

    with _hook:
        if not _hooked:
            # Else it asks its maker's site for a list of programs to name in the user agent, whatever the
            # endpoint, and tells there which engines are installed.
            constants.HF_HUB_DISABLE_TELEMETRY = True
            set_client_factory(
                lambda: httpx2.Client(
                    transport=_SessionOnly(),
                    follow_redirects=True,
                    max_redirects=MAX_REDIRECTS,
                    trust_env=False,
                )
            )
            _hooked = True


class HubSession:
    """A `repository.RemoteRepository`. Use it as a context manager, in one thread, which also asks for listings;
    `stream` and `hang_up` may be called from others meanwhile.
    """

    def __init__(
        self,
        endpoint: str,
        transport: GatedTransport,
        timeouts: Timeouts | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self.endpoint = endpoint
        self._transport = transport
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._client = httpx2.Client(
            transport=transport,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
            timeout=self._timeouts.as_httpx(),
        )
        self._exit = ExitStack()

    def __enter__(self) -> HubSession:
        hook_library()
        self._exit.callback(_in_force.reset, _in_force.set(self._transport))
        self._exit.enter_context(self._client)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def listing(self, repository: str, revision: str) -> Listing:
        """What a repository holds at a revision, which becomes a commit here.

        Raises:
            Interrupted: the attempt failed; another may not.
            RepositoryNotFound, Gated, HubFailed, MalformedAnswer, RedirectRefused, RefusedByPolicy.
        """
        info = self.model(repository, revision)
        return _listing(info, repository, self.endpoint)

    @contextmanager
    def stream(
        self,
        repository: str,
        commit: str,
        path: str,
        *,
        start: int = 0,
        end: int | None = None,
        if_range: str | None = None,
    ) -> Iterator[HttpBody]:
        """See `repository.RemoteRepository`; also Gated, HubFailed, RedirectRefused, RefusedByPolicy and
        UnexpectedEncoding.
        """
        url = f"{self.endpoint}/{quote(repository)}/resolve/{commit}/{quote(path)}"
        headers = {}
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
            if if_range is not None:
                headers["If-Range"] = if_range
        with (
            self._transport_errors(),
            self._client.stream("GET", url, headers=headers, extensions={DOWNLOAD: True}) as r,
        ):
            if r.status_code == 404:
                raise FileNotInRepository(
                    f"{self._host} says that {path} is not in {repository} after all.",
                    next_step="Try again; the repository may have changed meanwhile.",
                    file=path,
                    choices=[],
                )
            if r.status_code == 416:
                raise RangeRefused(
                    f"{self._host} says that {path} has no such part.",
                    next_step="Try again; the file may have changed meanwhile.",
                    path=path,
                )
            if r.status_code not in (200, 206):
                raise self._status_error(r, repository, commit)
            yield HttpBody(r, self._host, start, self._timeouts.read_s)

    def models(self, text: str, limit: int) -> Iterator[ModelInfo]:
        """What the hub's list holds, most downloaded first, page by page while it is read.

        The library builds these records from the answer without checking it; whoever reads one does.

        Raises:
            Interrupted: the attempt failed; another may not.
            Gated, HubFailed, MalformedAnswer, RedirectRefused, RefusedByPolicy.
        """
        from huggingface_hub import HfApi  # noqa: PLC0415  # see hook_library

        api = HfApi(endpoint=self.endpoint, token=False)
        with self._asking("the list of models", "the list"):
            yield from api.list_models(
                search=text or None,
                sort="downloads",
                limit=limit,
                full=True,
                cardData=True,
                token=False,
            )

    def model(self, repository: str, revision: str) -> ModelInfo:
        """Everything the hub says of one repository, with the sizes of its files; not checked either.

        Raises:
            As `listing`.
        """
        from huggingface_hub import HfApi  # noqa: PLC0415  # see hook_library

        api = HfApi(endpoint=self.endpoint, token=False)
        with self._asking("the list of files", repository, revision):
            return api.model_info(
                repository,
                revision=revision,
                files_metadata=True,
                token=False,
                timeout=self._timeouts.read_s,
            )

    @contextmanager
    def _asking(self, what: str, repository: str, revision: str = "") -> Iterator[None]:
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415  # see hook_library

        try:
            with self._transport_errors():
                yield
        except HfHubHTTPError as error:
            raise self._status_error(error.response, repository, revision) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # The library builds its records from the answer without checking it.
            raise malformed(self.endpoint, f"{what} ({type(error).__name__})") from error

    def hang_up(self) -> None:
        """See `repository.RemoteRepository`."""
        self._transport.hang_up()

    @property
    def _host(self) -> str:
        return httpx2.URL(self.endpoint).host

    def _transport_errors(self) -> AbstractContextManager[None]:
        return transport_errors(self.endpoint)

    def _status_error(
        self, response: httpx2.Response, repository: str, revision: str
    ) -> RemoteFailure | RepositoryNotFound:
        status = response.status_code
        if status in (401, 403):
            return self._gated(status, repository)
        if status in (404, 410):
            return RepositoryNotFound(
                f"{self._host} knows no repository {repository} with a revision {revision}.",
                next_step="Check the spelling, and that it is a model repository.",
                repository=repository,
                revision=revision,
            )
        return server_failure(response, self._host, self._clock())

    def _gated(self, status: int, repository: str) -> Gated:
        access = self._transport.access
        if self._transport.has_token:
            message = (
                f"{self._host} does not let {repository} be downloaded with the access token from "
                f"{access.token_place} ({status}), or there is no such repository."
            )
            next_step = (
                f"Check its name; accept its terms on its page ({self.endpoint}/{repository}) with the "
                "account the token belongs to, or store a token that may read it."
            )
        else:
            message = (
                f"{self._host} does not let {repository} be downloaded without a login ({status}), or there "
                "is no such repository."
            )
            next_step = (
                f"Check its name; accept its terms on its page ({self.endpoint}/{repository}), make an access "
                f"token there, and put it into {access.token_place}."
            )
        return Gated(
            message,
            next_step=next_step,
            status=status,
            repository=repository,
            token_sent=self._transport.has_token,
        )


def _listing(info: ModelInfo, repository: str, endpoint: str) -> Listing:
    commit = info.sha
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise malformed(endpoint, "the commit")
    if not isinstance(info.siblings, list):
        raise malformed(endpoint, "the list of files")
    files = []
    for sibling in info.siblings:
        path, size = sibling.rfilename, sibling.size
        sha256 = sibling.lfs.sha256 if sibling.lfs else None
        if sibling.lfs and isinstance(sibling.lfs.size, int):
            size = sibling.lfs.size
        if not isinstance(path, str) or not (size is None or _is_size(size)):
            raise malformed(endpoint, "a file's name or size")
        git_blob = None if sibling.lfs else sibling.blob_id
        files.append(
            RemoteFile(
                path,
                size,
                f"sha256:{sha256}" if _is_hex(sha256, _SHA256) else None,
                git_blob if _is_hex(git_blob, _COMMIT) else None,
            )
        )
    return Listing(repository, commit, tuple(files))


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_hex(value: object, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
