"""What can go wrong between this machine and another one."""

from __future__ import annotations

from steelyard.base.errors import NotFound, RemoteFailure, UsageError


class FileNotInRepository(NotFound):
    """The repository has no such file. Facts: `file`, `choices`."""

    code = "file-not-in-repository"


class RepositoryNotFound(NotFound):
    """The hub knows no such repository or revision. Facts: `repository`, `revision`."""

    code = "repository-not-found"


class Gated(RemoteFailure):
    """The hub asks for a login or for terms to be accepted (401, 403).

    Facts: `status`, `repository`, `token_sent`.
    """

    code = "gated"


class UnusableToken(UsageError):
    """What is kept as a source's access token cannot be one. Facts: `host`, `place`; never the token."""

    code = "unusable-token"


class UnusableAuthority(UsageError):
    """The file of certificate authorities given for a source cannot be read. Facts: `path`."""

    code = "unusable-authority"


class RateLimited(RemoteFailure):
    """The hub asks to wait longer than we are ready to. Facts: `retry_after_s`."""

    code = "rate-limited"


class HubFailed(RemoteFailure):
    """The hub answered with an error of its own. Facts: `status`."""

    code = "hub-failed"


class HostUnreachable(RemoteFailure):
    """No connection, or it broke too often. Facts: `host`, `reason`."""

    code = "host-unreachable"


class CertificateRefused(RemoteFailure):
    """The host's certificate is not signed by an authority this machine trusts. Facts: `host`, `reason`."""

    code = "certificate-refused"


class Stalled(RemoteFailure):
    """The connection is open and nothing arrives. Facts: `host`."""

    code = "stalled"


class RedirectRefused(RemoteFailure):
    """The hub points to an address that downloads do not follow. Facts: `from_host`, `to`."""

    code = "redirect-refused"


class MalformedAnswer(RemoteFailure):
    """The hub's answer is not what its interface promises. Facts: `what`."""

    code = "malformed-answer"


class UnexpectedEncoding(RemoteFailure):
    """The body is compressed although that was not asked for. Facts: `encoding`."""

    code = "unexpected-encoding"


class RangeRefused(RemoteFailure):
    """The source has no such range of a file (416). Facts: `path`."""

    code = "range-refused"


class Interrupted(RemoteFailure):
    """An attempt failed in a way that another may not. `reason` is the error to raise when none is left.

    `after_s` is what the server asks to wait, or None.
    """

    def __init__(self, reason: RemoteFailure, after_s: float | None = None) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.after_s = after_s
