"""What is asked of intake and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from steelyard.store.records import Model

HUB = "https://huggingface.co"


@dataclass(frozen=True)
class PullSpec:
    """What to fetch.

    Attributes:
        reference: `owner/name[:file][@revision]`, or a pasted address of such a repository or file.
        file: path in the repository, its end, or a quantization's name; a reference's own when None.
        revision: branch, tag or commit; a reference's own, else `main`.
        endpoint: base address of the hub; an address in the reference's place must agree with it.
        name: under which name, taken as it is; made from the file's or repository's when None.
        default_endpoint: the configured source, used when neither endpoint nor address is given.
        token: sent to the endpoint's own host and nowhere else, over TLS or loopback only. Nothing here
            reads one from the environment; see `connections.access.token_for`.
        ca_file: certificate authorities to trust instead of the system's (a company's own).
        proxy: `http://host:port` to use instead of the system's.
        token_variable: where the token came from, for words; the system keyring when empty.
        source_kind: what the manifest says of the source: `hub` or `mirror`.
        signed_by: name of the trusted key that signed the digests the source lists, or None.
        request: what a person asked, for the record of the transfer; made from the fields above when empty.
    """

    reference: str
    file: str | None = None
    revision: str | None = None
    endpoint: str | None = None
    name: str | None = None
    default_endpoint: str = HUB
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    proxy: str | None = None
    token_variable: str = ""
    source_kind: str = "hub"
    signed_by: str | None = None
    request: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A model that came in.

    Attributes:
        bytes_fetched: copied or downloaded by this call.
        bytes_reused: not fetched because an earlier try or the store had them.
        left_out: files of the source that are no part of the model, by name.
        linked: its files are hard links to those of another program.
    """

    model: Model
    bytes_fetched: int
    bytes_reused: int
    left_out: tuple[str, ...] = ()
    linked: bool = False
