"""The log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.base.errors import Json


@dataclass(frozen=True)
class AuditEntry:
    """One entry as faces show it; `leaf` is the hash of its line."""

    seq: int
    time: str
    actor: str
    event: str
    object: str
    outcome: str
    facts: dict[str, Json]
    previous: str
    leaf: str


@dataclass(frozen=True)
class ListAudit:
    """Newest first. `text` filters over all fields; `outcome` is begun, done, refused or failed."""

    limit: int = 500
    text: str = ""
    outcome: str | None = None


@dataclass(frozen=True)
class AuditList:
    """`total` counts the whole log, not only what matches."""

    entries: tuple[AuditEntry, ...]
    total: int


@dataclass(frozen=True)
class VerifyAudit:
    """Read the whole log and check every hash and every checkpoint.

    Attributes:
        against: a checkpoint of this log that was kept elsewhere, to be compared too.
    """

    against: Path | None = None


@dataclass(frozen=True)
class AuditProblem:
    """Where the log stops being what it was, and how. `kind` is `edited`, `cut`, `order`, `torn`, `leaves`,
    `head` or `checkpoint`."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class AuditVerified:
    """The exit code is 1 unless `ok`.

    Attributes:
        witnessed_to: the last entry a trusted witness vouches for; None: nobody outside has seen this log.
        checkpoints: how many checkpoints were compared.
        compared_with: number of entries of the checkpoint that was given; None: none was.
        warning: why the last checkpoint could not be made or copied; empty when it could.
    """

    ok: bool
    entries: int
    root: str
    witnessed_to: int | None
    problem: AuditProblem | None
    elapsed_s: float = 0.0
    checkpoints: int = 0
    compared_with: int | None = None
    warning: str = ""


@dataclass(frozen=True)
class MakeCheckpoint:
    """Sign the log as it is now.

    Attributes:
        out: where to write the checkpoint too; a new file.
        for_witness: where to write the request to a witness; a new file.
        since: number of entries the witness saw last; what it signed last here when None.
    """

    out: Path | None = None
    for_witness: Path | None = None
    since: int | None = None


@dataclass(frozen=True)
class CheckpointMade:
    """The log's state as it was signed.

    Attributes:
        root: `sha256:<hex>`.
        checkpoint: the signed note, word for word.
        log_key: the verifier key by which others check it.
        warning: why it could not be copied to the second folder; empty when it could.
    """

    origin: str
    size: int
    root: str
    checkpoint: str
    log_key: str
    witnessed_to: int | None
    path: str | None = None
    request_path: str | None = None
    warning: str = ""


@dataclass(frozen=True)
class ProveEntry:
    """Write an entry with the proof that it stands in the log, as a document that is checked without the log."""

    seq: int
    out: Path


@dataclass(frozen=True)
class EntryProven:
    """Where the document is, and under which checkpoint."""

    path: str
    seq: int
    size: int
    root: str
    log_key: str


@dataclass(frozen=True)
class CheckEvidence:
    """Check a document with entries and proofs that came from elsewhere."""

    path: Path


@dataclass(frozen=True)
class EvidenceChecked:
    """It proves what it holds.

    Attributes:
        signed_by: what the log's key is called here; empty when it is not trusted here for checkpoints. Then
            the entries stood in *a* log, and `log_key` says whose to ask for.
        witnesses: names of trusted witnesses that signed the checkpoint.
    """

    origin: str
    size: int
    log_key: str
    signed_by: str
    witnesses: tuple[str, ...]
    entries: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class WitnessLog:
    """Sign another log's checkpoint, if it continues what was seen of that log before.

    Attributes:
        path: the request that the log's side made.
        key: the witness's own key, made for checkpoints.
        out: where to write the signed checkpoint, to carry back; a new file.
    """

    path: Path
    key: str
    out: Path
    passphrase_variable: str = ""


@dataclass(frozen=True)
class LogWitnessed:
    """What was signed. `before` is how many entries had been seen until then; 0: this log was new here."""

    origin: str
    size: int
    before: int
    path: str


@dataclass(frozen=True)
class TakeWitnessed:
    """Keep a checkpoint of this log that came back signed by a witness."""

    path: Path


@dataclass(frozen=True)
class WitnessedTaken:
    """Who vouches for how much of the log."""

    size: int
    witnesses: tuple[str, ...]
    witnessed_to: int | None


@dataclass(frozen=True)
class ExportAudit:
    """Write the log, or some entries, for others.

    Attributes:
        out: a new file, or a new folder for a package.
        form: `jsonl`, `csv`, or `package` (with a verifier that needs nothing of Steelyard).
        text, outcome: as in `ListAudit`.
        first, last: entries from and up to these numbers.
    """

    out: Path
    form: str = "package"
    text: str = ""
    outcome: str | None = None
    first: int = 1
    last: int | None = None


@dataclass(frozen=True)
class AuditExported:
    """What was written, and the checkpoint it is under."""

    path: str
    form: str
    entries: int
    size: int
    root: str
    log_key: str
