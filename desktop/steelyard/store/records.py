"""What the store knows of a model: its manifest, its identity, its state and its four trust facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from steelyard.base.canonical import canonical_digest
from steelyard.base.errors import Json


class State(StrEnum):
    """Life of a model: expected → fetching → quarantined → verified → admitted; or an end."""

    EXPECTED = "expected"
    FETCHING = "fetching"
    QUARANTINED = "quarantined"
    VERIFIED = "verified"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    RETIRED = "retired"


class PublisherHash(StrEnum):
    """First trust fact: do the bytes match what the publisher declared?"""

    MATCHES = "matches"
    NONE_GIVEN = "none-given"
    DIFFERS = "differs"


class Scan(StrEnum):
    """Third trust fact: did the structure scan pass?"""

    CLEAN = "clean"
    FINDINGS = "findings"
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Trust:
    """Four facts, kept and shown apart because they are different facts.

    Attributes:
        publisher_hash: the bytes match what the publisher declared.
        signed_by: name of the trusted key that signed them, or None.
        scan: the structure scan's outcome.
        approved_by: the person who approved it, `policy` where policy asks for nobody, or None.
        findings: what the scan found, one sentence each.
    """

    publisher_hash: PublisherHash = PublisherHash.NONE_GIVEN
    signed_by: str | None = None
    scan: Scan = Scan.NOT_RUN
    approved_by: str | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileEntry:
    """One file of a model.

    Attributes:
        path: relative, forward slashes, no `..`, safe on every platform.
        size_bytes: exact size.
        sha256: `sha256:<hex>` of the content.
        publisher_hash: what the publisher declared for it: matches, none-given or differs.
    """

    path: str
    size_bytes: int
    sha256: str
    publisher_hash: PublisherHash = PublisherHash.NONE_GIVEN


@dataclass(frozen=True)
class Source:
    """Where a model came from. `kind` is `starter`, `file`, `folder`, `hub`, `bundle` or `adopted`.

    What was adopted lay in another program's folder, at `path`; `repository` and `commit` are what that folder
    said. `linked`: its files kept their other names there, by which they can still be written to.

    For a bundle `path` names its sender and serial, and the other fields say where the sender had it from.
    """

    kind: str
    path: str | None = None
    endpoint: str | None = None
    repository: str | None = None
    commit: str | None = None
    linked: bool = False


@dataclass(frozen=True)
class LicenseEvidence:
    """What each witness says, as found in the model's own files; None where it is silent.

    Attributes:
        card: the `license` (or `license_name`) of the model card's front matter.
        file: identifier recognised from the LICENSE file's text.
        file_path: which file that was.
        header: `general.license` of the GGUF header.
        license_id: the one that counts (the strictest where they disagree), or None: not known.
        agree: False where two witnesses name different licenses.
    """

    card: str | None = None
    file: str | None = None
    file_path: str | None = None
    header: str | None = None
    license_id: str | None = None
    agree: bool = True


@dataclass(frozen=True)
class Manifest:
    """A set of files at one revision, and what was read from them.

    Attributes:
        name: unique in the store; letters, digits, `.`, `_`, `-`.
        title: what to show people; text from outside.
        publisher: text from outside, or empty.
        format: `gguf` or `safetensors`.
        quantization: `Q4_K_M`, `F32`, `BF16`, ...; empty when not known.
        architecture: `llama`, ...; empty when not known.
        parameters: number of weights, or None.
        context_length: tokens it was trained for, or None.
        tokenizer_digest: `sha256:` over the tokenizer's definition, or None.
        template_digest: `sha256:` over the chat template's text, or None.
        base_models: names as declared.
    """

    name: str
    title: str
    publisher: str
    format: str
    quantization: str
    architecture: str
    parameters: int | None
    context_length: int | None
    tokenizer_digest: str | None
    template_digest: str | None
    files: tuple[FileEntry, ...]
    source: Source
    license: LicenseEvidence = field(default_factory=LicenseEvidence)
    base_models: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The model's identity: SHA-256 of the canonical JSON of the sorted (path, size, sha256) list."""
        return identity(self.files)

    @property
    def size_bytes(self) -> int:
        """Sum of the files' sizes."""
        return sum(entry.size_bytes for entry in self.files)


def identity(files: tuple[FileEntry, ...]) -> str:
    """`sha256:<hex>` naming exactly this set of files (DESIGN, "A model, its identity and its states")."""
    listing: list[Json] = [
        [entry.path, entry.size_bytes, entry.sha256]
        for entry in sorted(files, key=lambda entry: entry.path)
    ]
    return canonical_digest(listing)


@dataclass(frozen=True)
class Model:
    """A manifest with what the store holds about it. Times are RFC 3339 UTC, or None: never."""

    manifest: Manifest
    state: State
    trust: Trust
    added_at: str
    last_verified_at: str | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """The manifest's name."""
        return self.manifest.name

    @property
    def digest(self) -> str:
        """The manifest's digest."""
        return self.manifest.digest


@dataclass(frozen=True)
class Verification:
    """Outcome of comparing files on disk with a manifest; paths are the manifest's.

    Attributes:
        ok: nothing differs, is missing or is extra.
        mismatched: size or digest differs.
        missing: not there.
        extra: there, but not in the manifest.
        checked_bytes: how much was read.
    """

    ok: bool
    mismatched: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    checked_bytes: int


@dataclass(frozen=True)
class Removal:
    """What removing a model frees, or would free: blobs no other model uses."""

    name: str
    digest: str
    dry_run: bool
    freed_bytes: int
    blobs_removed: tuple[str, ...]
    blobs_shared: tuple[str, ...]
