"""References to hub repositories: `owner/name[:file][@revision]`, or an address pasted from a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from steelyard.intake.errors import MalformedReference
from steelyard.intake.records import HUB, PullSpec
from steelyard.store.errors import UnsafePath
from steelyard.store.names import check_path

REVISION = "main"

_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,95})"
_SHORT = re.compile(
    rf"(?P<owner>{_PART})/(?P<name>{_PART}?)(?::(?P<file>[^@]+))?(?:@(?P<revision>.+))?"
)
_REPOSITORY = re.compile(rf"{_PART}/{_PART}")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
_FILE_PAGES = ("resolve", "blob", "raw")
_SAME_HUB = {"hf.co": HUB, "www.huggingface.co": HUB}


@dataclass(frozen=True)
class Reference:
    """One repository at one revision on one hub, and perhaps a file of it.

    Attributes:
        endpoint: base address without a slash at its end.
        repository: `owner/name`.
    """

    endpoint: str
    repository: str
    revision: str
    file: str | None


def parse(spec: PullSpec) -> Reference:
    """Make a reference of what a person typed or pasted; explicit options win over its parts.

    Raises:
        MalformedReference: it names no repository, or an option contradicts the address.
    """
    text = spec.reference.strip()
    endpoint = None if spec.endpoint is None else _endpoint(spec.endpoint)
    default = endpoint or _endpoint(spec.default_endpoint)
    if "://" in text:
        found = _from_address(text, default)
        if endpoint is not None and found.endpoint != endpoint:
            raise _malformed(text, f"it is not at the endpoint {endpoint}")
    else:
        found = _from_short(text, default)
    revision = spec.revision or found.revision
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise _malformed(text, f"{revision[:80]!r} cannot be a branch, tag or commit")
    return Reference(found.endpoint, found.repository, revision, spec.file or found.file)


def _from_short(text: str, endpoint: str) -> Reference:
    match = _SHORT.fullmatch(text)
    if match is None or not _is_repository(f"{match['owner']}/{match['name']}"):
        raise _malformed(text, "it does not have the form owner/name[:file][@revision]")
    repository = f"{match['owner']}/{match['name']}"
    return Reference(endpoint, repository, match["revision"] or REVISION, match["file"])


def _from_address(text: str, default: str) -> Reference:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _malformed(text, "it is not a valid address") from error
    origin = _origin(parts, text)
    segments = [unquote(part) for part in parts.path.split("/") if part]
    base = _SAME_HUB.get(parts.hostname or "", origin)
    marker = next(
        (i for i, part in enumerate(segments) if i >= 2 and part in (*_FILE_PAGES, "tree")), None
    )
    if marker is None:
        return _repository_page(text, base, segments, default)
    prefix, repository = segments[: marker - 2], "/".join(segments[marker - 2 : marker])
    rest = segments[marker + 1 :]
    if not _is_repository(repository) or (prefix and prefix[0] in ("datasets", "spaces")):
        raise _malformed(text, "it does not lead to a model repository")
    file = None
    if segments[marker] in _FILE_PAGES:
        file = "/".join(rest[1:])
        try:
            check_path(file)
        except UnsafePath as error:
            raise _malformed(text, "it names no file") from error
    revision = rest[0] if rest else REVISION
    return Reference("/".join([base, *prefix]), repository, revision, file)


def _repository_page(text: str, base: str, segments: list[str], default: str) -> Reference:
    prefix = segments[:-2]
    # A mirror may live below a path; without a marker only a configured endpoint tells where it ends.
    endpoint = "/".join([base, *prefix])
    repository = "/".join(segments[-2:])
    known = not prefix or endpoint == default
    if len(segments) < 2 or not known or not _is_repository(repository):
        raise _malformed(text, "it does not lead to a model repository")
    return Reference(endpoint, repository, REVISION, None)


def _is_repository(text: str) -> bool:
    odd = ".." in text or "--" in text or text.endswith(".")
    return _REPOSITORY.fullmatch(text) is not None and not odd


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
    except ValueError as error:
        raise _malformed(text, "it is not a valid address") from error
    origin = _origin(parts, text)
    if parts.query or parts.fragment:
        raise _malformed(text, "an endpoint has no ? or #")
    return (_SAME_HUB.get(parts.hostname or "", origin) + parts.path).rstrip("/")


def _origin(parts: SplitResult, text: str) -> str:
    try:
        port = parts.port
    except ValueError as error:
        raise _malformed(text, "its port is not a number") from error
    if parts.scheme not in ("http", "https"):
        raise _malformed(text, "only http and https addresses can be fetched from")
    if not parts.hostname:
        raise _malformed(text, "it names no host")
    if parts.username is not None or parts.password is not None:
        raise _malformed(parts.hostname, "an address must not carry a user name or password")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")


def _malformed(text: str, why: str) -> MalformedReference:
    return MalformedReference(
        f"{text[:200]!r} cannot be pulled: {why}.",
        next_step="Give owner/name, owner/name:file@revision, or the address of the model's page.",
        reference=text[:200],
    )
