"""Bundles: carrying models with their evidence across an air gap."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class CreateBundle:
    """Put models with their evidence into a signed bundle.

    Attributes:
        models: names or digests.
        out: a folder to make, or a `.steelyard` file (one container).
        keys: names of signing keys; empty makes an unsigned bundle, which says so.
        with_evals, with_notes: evaluation runs and decision notes of these models too.
        with_proofs: this log's entries about these models, each with its proof. They name accounts and paths.
        split_bytes: largest part, for FAT32 sticks; 0: not split.
        passphrase_variable: environment variable whose value opens the keys, where they are protected.
        passphrase: as typed by a person just now; never shown, kept or recorded.
    """

    models: tuple[str, ...]
    out: Path
    keys: tuple[str, ...] = ()
    with_evals: bool = False
    with_notes: bool = False
    split_bytes: int = 0
    passphrase_variable: str = ""
    passphrase: str = field(default="", repr=False)
    with_proofs: bool = True


@dataclass(frozen=True)
class BundleSigner:
    """One signature. `trusted` says whether a key in force signed; `why` says why not."""

    name: str
    key_id: str
    trusted: bool
    why: str = ""


@dataclass(frozen=True)
class BundleModel:
    """One model in a bundle, and whether the store has it.

    Attributes:
        name: in the bundle; once it was taken in, in the store.
        outcome: after an import or in a receipt what became of it: `admitted`, `verified`, `rejected`,
            `quarantined` or `damaged` (not taken in, can be gone on with); else empty.
        reason: why, where it is not admitted.
    """

    name: str
    digest: str
    size_bytes: int
    format: str
    quantization: str
    license_id: str | None
    in_store: bool = False
    outcome: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BundleFile:
    """One file of a bundle by its path in it. `kind` is `weights`, `model`, `license`, `bom`, `run`, `note`,
    `approval`, `proof` or `blocks`."""

    path: str
    size_bytes: int
    sha256: str
    kind: str


@dataclass(frozen=True)
class BundleProblem:
    """Something that is wrong. `kind` is stable; `block_ranges` are damaged byte ranges `(start, end)` of a file.

    Kinds: `unsigned`, `untrusted`, `revoked`, `expired`, `too-few-signers`; `part-missing`, `not-regular`,
    `malformed`; `missing`, `extra`, `mismatch`, `unreadable`; `old-serial`; `refused` (a model that was judged and
    not let in); in receipts also `unknown-bundle`.
    """

    kind: str
    path: str
    detail: str
    block_ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class BundleReport:
    """Result of creating, inspecting or verifying a bundle. The exit code of a check is 1 unless `ok`.

    Attributes:
        serial: the sender's running number; sender is the bundle's own name for itself, only to be believed
            with a trusted signature.
        checked_bytes: what was hashed; 0 for `inspect`, which looks at signature and manifest only.
        parts: container files, in order.
        digest: of the bundle's manifest; names the bundle.
        ok: nothing is wrong that would keep it from being taken in. Making an unsigned bundle is ok, and the
            problems say that it is unsigned.
    """

    path: str
    serial: int
    sender: str
    created_at: str
    signers: tuple[BundleSigner, ...]
    models: tuple[BundleModel, ...]
    files: tuple[BundleFile, ...]
    ok: bool
    problems: tuple[BundleProblem, ...]
    size_bytes: int = 0
    checked_bytes: int = 0
    parts: tuple[str, ...] = ()
    digest: str = ""


@dataclass(frozen=True)
class InspectBundle:
    """Check the signature and read the manifest; files are not hashed."""

    path: Path


@dataclass(frozen=True)
class VerifyBundle:
    """Check everything: signature, nothing extra, nothing missing, every byte."""

    path: Path


@dataclass(frozen=True)
class ImportBundle:
    """Take a bundle's models in, verified while they are copied.

    Attributes:
        second: another copy of the same bundle, to repair damaged blocks from.
        receipt: where to write the signed receipt; beside the bundle, or the current folder when None.
        key: name of the key that signs the receipt; the only receipt key when None.
        accept_old_serial: a person accepts a serial that was seen before or is older; recorded.
        passphrase_variable, passphrase: as for making a bundle; for the key that signs the receipt.
    """

    path: Path
    second: Path | None = None
    receipt: Path | None = None
    key: str | None = None
    accept_old_serial: bool = False
    passphrase_variable: str = ""
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class BundleImported:
    """What came in, and the receipt to carry back. The exit code is 1 unless `ok`.

    Attributes:
        ok: every model was admitted or verified.
        bytes_fetched: copied from the bundle; `bytes_reused` were there from an earlier try or in the store.
        repaired_bytes: fetched once more, in whole blocks, because they were damaged.
        receipt: where it was written; None where no key signs receipts here, or a model is damaged.
        runs: identifiers of evaluation runs that were taken in, marked with where they came from.
        proven_entries: of the sender's log, about these models, whose proofs hold.
    """

    serial: int
    sender: str
    signers: tuple[BundleSigner, ...]
    models: tuple[BundleModel, ...]
    files: tuple[BundleFile, ...]
    ok: bool
    problems: tuple[BundleProblem, ...]
    bytes_fetched: int
    bytes_reused: int
    repaired_bytes: int
    receipt: str | None
    runs: tuple[str, ...] = ()
    proven_entries: int = 0


@dataclass(frozen=True)
class CheckReceipt:
    """Check a receipt that came back: signature, and that it answers a bundle made here."""

    path: Path


@dataclass(frozen=True)
class ReceiptChecked:
    """What the receipt says. The exit code is 1 unless `ok`."""

    ok: bool
    serial: int
    receiver: str
    received_at: str
    signers: tuple[BundleSigner, ...]
    models: tuple[BundleModel, ...]
    problems: tuple[BundleProblem, ...]
