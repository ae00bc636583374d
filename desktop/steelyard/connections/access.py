"""How one source is reached: its address, whom to trust, through which proxy, and where its access token is kept.

The token itself is no part of it. It is asked for at the moment a connection is made, handed to the transport
and written nowhere: not to settings, records, the log or an error's words (THREATS 41, 71).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from steelyard.connections.errors import UnusableToken

KEYRING_SERVICE = "steelyard"
"""Under which service the system keyring keeps tokens; the user name is the endpoint's host."""

TOKEN_CHARS = 4096


@dataclass(frozen=True)
class Access:
    """How to reach one source.

    Attributes:
        endpoint: base address, `https://host[:port][/path]`.
        ca_file: certificate authorities to trust instead of the system's (a company's own).
        proxy: `http://host:port` to use instead of the system's, for every address of this source.
        token_variable: environment variable that holds its access token; the system keyring is asked
            when empty.
    """

    endpoint: str
    ca_file: Path | None = None
    proxy: str | None = None
    token_variable: str = ""

    @property
    def host(self) -> str:
        """The endpoint's host, as the keyring's user name and as people see it."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def token_place(self) -> str:
        """Where `token_for` looks, in words for people."""
        if self.token_variable:
            return f"the environment variable {self.token_variable}"
        return f"the system keyring (service {KEYRING_SERVICE}, user {self.host})"


def token_for(access: Access, environment: Mapping[str, str] | None = None) -> str | None:
    """The access token of a source, or None where there is none.

    A machine without a keyring, or with one that is locked, has none; the hub's own refusal then says what to
    do. The variables that other programs use (`HF_TOKEN`) are never read.

    Raises:
        UnusableToken: what is kept there cannot be an access token. Its value is not repeated.
    """
    if access.token_variable:
        found = (os.environ if environment is None else environment).get(access.token_variable)
    else:
        found = _from_keyring(access.host)
    token = (found or "").strip()
    if not token:
        return None
    # It becomes part of a header line.
    if (
        len(token) > TOKEN_CHARS
        or not token.isascii()
        or any(c <= " " or c == "\x7f" for c in token)
    ):
        raise UnusableToken(
            f"What {access.token_place} holds is not an access token. Nothing was sent.",
            next_step="Store the token again, on one line and without blanks.",
            host=access.host,
            place=access.token_place,
        )
    return token


def _from_keyring(host: str) -> str | None:
    import keyring  # noqa: PLC0415  # a tenth of a second, paid only when a source is asked
    from keyring.errors import KeyringError  # noqa: PLC0415  # as above

    try:
        return keyring.get_password(KEYRING_SERVICE, host)
    except KeyringError:
        return None
